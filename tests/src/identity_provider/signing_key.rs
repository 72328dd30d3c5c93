//! Keys that sign tokens.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

/// A key that signs tokens with one algorithm.
pub struct SigningKey {
    kid: String,
    algorithm: String,
    material: Material,
}

enum Material {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Hmac(Vec<u8>, hmac::Key),
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    /// One of three RSA keys, which are published with these tests: generating one takes seconds.
    /// Numbers above three begin again.
    ///
    /// # Panics
    ///
    /// If the algorithm is none of RSA.
    #[must_use]
    pub fn rsa(number: usize, algorithm: &str) -> Self {
        assert!(["PS256", "RS256"].contains(&algorithm), "{algorithm}");
        let pkcs8 = RSA_KEYS[(number + RSA_KEYS.len() - 1) % RSA_KEYS.len()];
        let pair = RsaKeyPair::from_pkcs8(pkcs8).expect("an RSA key");
        Self::new(algorithm, Material::Rsa(Box::new(pair)))
    }

    /// A new key for `ES256`, `ES384` or `EdDSA`.
    ///
    /// # Panics
    ///
    /// If it is for another algorithm.
    #[must_use]
    pub fn generate(algorithm: &str) -> Self {
        let random = SystemRandom::new();
        let curve = match algorithm {
            "ES256" => &ECDSA_P256_SHA256_FIXED_SIGNING,
            "ES384" => &ECDSA_P384_SHA384_FIXED_SIGNING,
            "EdDSA" => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).expect("random bytes");
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("its own key");
                return Self::new(algorithm, Material::Ed25519(pair));
            }
            _ => panic!("no key is generated for {algorithm}"),
        };
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(curve, &random).expect("random bytes");
        let pair = EcdsaKeyPair::from_pkcs8(curve, pkcs8.as_ref(), &random).expect("its own key");
        Self::new(algorithm, Material::Ecdsa(pair))
    }

    /// A shared secret for `HS256`, `HS384` or `HS512`.
    ///
    /// # Panics
    ///
    /// If it is for another algorithm.
    #[must_use]
    pub fn secret(algorithm: &str, secret: &[u8]) -> Self {
        let kind = match algorithm {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            _ => panic!("{algorithm} takes no secret"),
        };
        let key = hmac::Key::new(kind, secret);
        Self::new(algorithm, Material::Hmac(secret.to_vec(), key))
    }

    fn new(algorithm: &str, material: Material) -> Self {
        Self {
            kid: "key-1".to_owned(),
            algorithm: algorithm.to_owned(),
            material,
        }
    }

    /// The same under another name.
    #[must_use]
    pub fn with_kid(self, kid: &str) -> Self {
        let kid = kid.to_owned();
        Self { kid, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The JOSE name of its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// What a provider publishes of it; of a secret, what it must never publish.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.material {
            Material::Ecdsa(pair) => {
                // After the mark of an uncompressed point, both coordinates.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
            }
            Material::Ed25519(pair) => {
                let x = base64url(pair.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "x": x})
            }
            Material::Hmac(secret, _) => json!({"kty": "oct", "k": base64url(secret)}),
            Material::Rsa(pair) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": base64url(&public.n), "e": base64url(&public.e)})
            }
        };
        jwk["kid"] = (*self.kid).into();
        jwk["alg"] = (*self.algorithm).into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// The public key in the DER form that is easily mistaken for a secret.
    ///
    /// # Panics
    ///
    /// If it is not an RSA key.
    #[must_use]
    pub fn public_der(&self) -> Vec<u8> {
        match &self.material {
            Material::Rsa(pair) => pair.public().as_ref().to_vec(),
            _ => panic!("{self:?} is no RSA key"),
        }
    }

    /// A JWS in compact form over exactly these texts.
    #[must_use]
    pub fn compact(&self, header: &str, payload: &str) -> String {
        let input = format!(
            "{}.{}",
            base64url(header.as_bytes()),
            base64url(payload.as_bytes())
        );
        let signature = self.sign(input.as_bytes());
        format!("{input}.{}", base64url(&signature))
    }

    fn sign(&self, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.material {
            Material::Ecdsa(pair) => {
                let signature = pair.sign(&random, input).expect("random bytes");
                signature.as_ref().to_vec()
            }
            Material::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
            Material::Hmac(_, key) => hmac::sign(key, input).as_ref().to_vec(),
            Material::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = if self.algorithm == "PS256" {
                    pair.sign(&RSA_PSS_SHA256, &random, input, &mut signature)
                } else {
                    pair.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature)
                };
                signed.expect("random bytes");
                signature
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} for {})", self.kid, self.algorithm)
    }
}

fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

const RSA_KEYS: [&[u8]; 3] = [
    include_bytes!("../../keys/rsa-1.pk8"),
    include_bytes!("../../keys/rsa-2.pk8"),
    include_bytes!("../../keys/rsa-3.pk8"),
];
