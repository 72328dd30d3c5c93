//! `ring` as the cryptography of `jsonwebtoken`.
//!
//! `jsonwebtoken` takes its cryptography from a global of the process, and panics if there is none
//! or too much of it. This one is a value that is called directly: nothing global is read or set,
//! so that an embedder's own choice neither breaks this crate nor is broken by it.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind, new_error},
    signature::{Error as SignatureError, Signer, Verifier},
};
use ring::{
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
        RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
        VerificationAlgorithm,
    },
};

/// The provider.
pub(crate) static RING: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(RingSigner::new(*algorithm, key)?)),
    verifier_factory: |algorithm, key| Ok(Box::new(RingVerifier::new(*algorithm, key)?)),
    // Published keys are read elsewhere, with more care than these would take.
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest: |_, _| Err(unsupported()),
    },
};

struct RingVerifier {
    algorithm: Algorithm,
    key: RingKey,
}

enum RingKey {
    Hmac(hmac::Key),
    /// A point on a curve: ECDSA and EdDSA.
    Point(UnparsedPublicKey<Vec<u8>>),
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
}

impl RingVerifier {
    fn new(algorithm: Algorithm, key: &DecodingKey) -> Result<Self, Error> {
        if key.family() != algorithm.family() {
            return Err(new_error(ErrorKind::InvalidAlgorithm));
        }
        let key = match algorithm {
            Algorithm::EdDSA => RingKey::point(&ED25519, key)?,
            Algorithm::ES256 => RingKey::point(&ECDSA_P256_SHA256_FIXED, key)?,
            Algorithm::ES384 => RingKey::point(&ECDSA_P384_SHA384_FIXED, key)?,
            Algorithm::PS256 => RingKey::rsa(&RSA_PSS_2048_8192_SHA256, key)?,
            Algorithm::RS256 => RingKey::rsa(&RSA_PKCS1_2048_8192_SHA256, key)?,
            algorithm => RingKey::Hmac(hmac::Key::new(
                hmac_algorithm(algorithm)?,
                key.try_get_as_bytes()?,
            )),
        };
        Ok(Self { algorithm, key })
    }
}

impl RingKey {
    fn point(
        algorithm: &'static dyn VerificationAlgorithm,
        key: &DecodingKey,
    ) -> Result<Self, Error> {
        let point = key.try_get_as_bytes()?.to_vec();
        Ok(Self::Point(UnparsedPublicKey::new(algorithm, point)))
    }

    fn rsa(parameters: &'static RsaParameters, key: &DecodingKey) -> Result<Self, Error> {
        match key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                let (n, e) = (n.clone(), e.clone());
                Ok(Self::Rsa(parameters, RsaPublicKeyComponents { n, e }))
            }
            DecodingKeyKind::SecretOrDer(_) => Err(new_error(ErrorKind::InvalidKeyFormat)),
        }
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        match &self.key {
            RingKey::Hmac(key) => hmac::verify(key, message, signature),
            RingKey::Point(point) => point.verify(message, signature),
            RingKey::Rsa(parameters, key) => key.verify(parameters, message, signature),
        }
        .map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Signs with HMAC only: tokens are minted for development, never in a provider's name.
struct RingSigner {
    algorithm: Algorithm,
    key: hmac::Key,
}

impl RingSigner {
    fn new(algorithm: Algorithm, key: &EncodingKey) -> Result<Self, Error> {
        if key.family() != AlgorithmFamily::Hmac {
            return Err(new_error(ErrorKind::InvalidAlgorithm));
        }
        let key = hmac::Key::new(hmac_algorithm(algorithm)?, key.as_bytes());
        Ok(Self { algorithm, key })
    }
}

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(hmac::sign(&self.key, message).as_ref().to_vec())
    }
}

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn hmac_algorithm(algorithm: Algorithm) -> Result<hmac::Algorithm, Error> {
    match algorithm {
        Algorithm::HS256 => Ok(hmac::HMAC_SHA256),
        Algorithm::HS384 => Ok(hmac::HMAC_SHA384),
        Algorithm::HS512 => Ok(hmac::HMAC_SHA512),
        _ => Err(unsupported()),
    }
}

fn unsupported() -> Error {
    new_error(ErrorKind::UnsupportedAlgorithm)
}
