//! What an attacker without the key does to a token.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::SigningKey;

/// What an attacker without the key does to a token.
#[derive(Clone, Debug)]
pub enum Tampering {
    /// Changes the algorithm in the header to this, and signs nothing.
    Algorithm(&'static str),
    /// Adds a claim.
    Claim(&'static str, Value),
    /// Leaves the signature empty.
    EmptySignature,
    /// Signs with an own key under the `kid` of the provider.
    ForeignKey,
    /// Signs with an own key that the header brings along.
    KeyInHeader,
    /// Names another key.
    KeyName(String),
    /// Appends two parts, so that it looks encrypted.
    MoreParts,
    /// Takes the provider's public key as a secret.
    PublicKeyAsSecret(Vec<u8>),
    /// Changes one bit of the signature.
    Signature,
    /// Leaves the signature away.
    TwoParts,
}

impl Tampering {
    /// Does it to a token.
    ///
    /// # Panics
    ///
    /// If it is no JWS in compact form.
    #[must_use]
    pub fn of(&self, token: &str) -> String {
        let mut parts = token.split('.');
        let mut part = || parts.next().expect("three parts");
        let (header, claims, signature) = (part(), part(), part());
        let edited = |part: &str, name: &str, value: Value| {
            let mut object: Value = serde_json::from_slice(&decode(part)).expect("an object");
            object[name] = value;
            object
        };
        match self {
            Self::Algorithm(algorithm) => {
                let header = edited(header, "alg", (*algorithm).into());
                format!("{}.{claims}.", encode(header.to_string().as_bytes()))
            }
            Self::Claim(name, value) => {
                let claims = edited(claims, name, value.clone());
                format!(
                    "{header}.{}.{signature}",
                    encode(claims.to_string().as_bytes())
                )
            }
            Self::EmptySignature => format!("{header}.{claims}."),
            Self::ForeignKey => resigned(&SigningKey::rsa(3, "RS256"), &decode(header), claims),
            Self::KeyInHeader => {
                let key = SigningKey::rsa(3, "RS256");
                let header = edited(header, "jwk", key.jwk());
                resigned(&key, header.to_string().as_bytes(), claims)
            }
            Self::KeyName(kid) => {
                let header = edited(header, "kid", kid.as_str().into()).to_string();
                format!("{}.{claims}.{signature}", encode(header.as_bytes()))
            }
            Self::MoreParts => format!("{token}.AAAA.AAAA"),
            Self::PublicKeyAsSecret(public) => {
                let header = edited(header, "alg", json!("HS256"));
                let key = SigningKey::secret("HS256", public);
                resigned(&key, header.to_string().as_bytes(), claims)
            }
            Self::Signature => {
                let mut bytes = decode(signature);
                bytes[0] ^= 1;
                format!("{header}.{claims}.{}", encode(&bytes))
            }
            Self::TwoParts => format!("{header}.{claims}"),
        }
    }
}

fn resigned(key: &SigningKey, header: &[u8], claims: &str) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    key.compact(&text(header), &text(&decode(claims)))
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")
}
