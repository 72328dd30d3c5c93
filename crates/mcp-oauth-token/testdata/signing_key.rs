//! Keys that sign the tokens of tests. Not a module of the crate: tests include it by its path.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    },
};
use serde_json::{Value, json};

/// A private key, and the algorithm that it signs with.
pub(crate) enum SigningKey {
    Ecdsa(&'static str, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Hmac(hmac::Key),
    RsaPkcs1(RsaKeyPair),
    RsaPss(RsaKeyPair),
}

impl SigningKey {
    /// A new ES256 key.
    pub(crate) fn es256() -> Self {
        Self::ecdsa("ES256", &ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    /// A new ES384 key.
    pub(crate) fn es384() -> Self {
        Self::ecdsa("ES384", &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    /// A new EdDSA key.
    pub(crate) fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    /// A secret for HS256.
    pub(crate) fn hs256(secret: &[u8]) -> Self {
        Self::Hmac(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The RSA key of the test data, for PS256.
    pub(crate) fn ps256() -> Self {
        Self::RsaPss(rsa())
    }

    /// The RSA key of the test data, for RS256: there is one only, and the world knows it.
    pub(crate) fn rs256() -> Self {
        Self::RsaPkcs1(rsa())
    }

    fn ecdsa(algorithm: &'static str, signing: &'static EcdsaSigningAlgorithm) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(signing, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(signing, document.as_ref(), &random).unwrap();
        Self::Ecdsa(algorithm, pair)
    }

    /// The `alg` of its tokens.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ecdsa(algorithm, _) => algorithm,
            Self::Ed25519(_) => "EdDSA",
            Self::Hmac(_) => "HS256",
            Self::RsaPkcs1(_) => "RS256",
            Self::RsaPss(_) => "PS256",
        }
    }

    /// The public key as an entry of a key set.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let alg = self.algorithm();
        match self {
            Self::Ecdsa(_, pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(point.len() / 2);
                let crv = if alg == "ES256" { "P-256" } else { "P-384" };
                json!({ "kty": "EC", "crv": crv, "alg": alg, "use": "sig", "kid": kid,
                        "x": encoded(x), "y": encoded(y) })
            }
            Self::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "alg": alg, "use": "sig", "kid": kid,
                        "x": encoded(pair.public_key()) })
            }
            Self::Hmac(_) => panic!("a secret is not published"),
            Self::RsaPkcs1(pair) | Self::RsaPss(pair) => {
                let PublicKeyComponents { n, e } =
                    PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "alg": alg, "use": "sig", "kid": kid,
                        "n": encoded(n), "e": encoded(e) })
            }
        }
    }

    /// The signature over `input`.
    pub(crate) fn signature(&self, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |pair: &RsaKeyPair, padding| {
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(padding, &random, input, &mut signature).unwrap();
            signature
        };
        match self {
            Self::Ecdsa(_, pair) => pair.sign(&random, input).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
            Self::Hmac(key) => hmac::sign(key, input).as_ref().to_vec(),
            Self::RsaPkcs1(pair) => rsa(pair, &RSA_PKCS1_SHA256),
            Self::RsaPss(pair) => rsa(pair, &RSA_PSS_SHA256),
        }
    }

    /// A token with this header and these claims, both written as they are.
    pub(crate) fn token(&self, header: &str, claims: &str) -> String {
        let input = format!("{}.{}", encoded(header), encoded(claims));
        let signature = encoded(self.signature(input.as_bytes()));
        format!("{input}.{signature}")
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(include_bytes!("rsa-2048.pk8")).unwrap()
}
