//! The keys that signatures are verified with.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::{Algorithm, Check, KeyId, Rejection, ring_provider::RING};

/// A key that verifies signatures: a public key that an identity provider publishes (RFC 7517), or
/// a secret for HMAC. What it may be used for is a matter of the key, never of a token.
#[derive(Clone, Debug)]
pub struct VerificationKey {
    id: KeyId,
    kid: Option<Arc<str>>,
    issuer: Option<String>,
    algorithms: Vec<Algorithm>,
    material: DecodingKey,
}

impl VerificationKey {
    /// Takes a key of a published key set.
    ///
    /// # Errors
    ///
    /// If the key is symmetric or private (a published secret is none), not for signatures, of an
    /// unknown kind, too weak, or malformed. Other keys of the set are not affected.
    pub fn from_jwk(jwk: &Value, id: KeyId) -> Result<Self, UnusableKey> {
        let members = PRIVATE_MEMBERS.iter();
        if let Some(member) = members.copied().find(|member| jwk.get(member).is_some()) {
            return Err(UnusableKey::NotPublic { member });
        }
        if !is_for_signatures(jwk) {
            return Err(UnusableKey::NotForSignatures);
        }
        let (mut algorithms, material) = public_material(jwk)?;
        if let Some(name) = text(jwk, "alg")? {
            algorithms.retain(|algorithm| algorithm.as_str() == name);
            if algorithms.is_empty() {
                return Err(UnusableKey::Algorithm { alg: shown(name) });
            }
        }
        Ok(Self {
            id,
            kid: text(jwk, "kid")?.map(Arc::from),
            issuer: text(jwk, "issuer")?.map(str::to_owned),
            algorithms,
            material,
        })
    }

    /// Takes a secret for HMAC. It serves the algorithms that are no stronger than itself.
    ///
    /// # Errors
    ///
    /// If it has less than 32 bytes (RFC 7518 section 3.2), or is a public or private key in text
    /// form: a public key is no secret.
    pub fn from_secret(secret: &SecretString, id: KeyId) -> Result<Self, UnusableKey> {
        let secret = secret.expose_secret();
        if secret.contains("-----BEGIN") || secret.starts_with("ssh-") {
            return Err(UnusableKey::KeyAsSecret);
        }
        if secret.len() < MIN_SECRET_BYTES {
            return Err(UnusableKey::ShortSecret {
                bytes: secret.len(),
            });
        }
        let by_strength = [
            (32, Algorithm::Hs256),
            (48, Algorithm::Hs384),
            (64, Algorithm::Hs512),
        ];
        let strong_enough = by_strength
            .iter()
            .filter(|(bytes, _)| secret.len() >= *bytes);
        Ok(Self {
            id,
            kid: None,
            issuer: None,
            algorithms: strong_enough.map(|(_, algorithm)| *algorithm).collect(),
            material: DecodingKey::from_secret(secret.as_bytes()),
        })
    }

    /// Names a key, so that tokens can say which one they were signed with.
    #[must_use]
    pub fn with_kid(self, kid: &str) -> Self {
        Self {
            kid: Some(kid.into()),
            ..self
        }
    }

    /// Gives the key the identifier of one that it [is the same](Self::is_same_as) as.
    #[must_use]
    pub fn with_id(self, id: KeyId) -> Self {
        Self { id, ..self }
    }

    /// The identifier within the store that holds it.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The name that tokens refer to it by.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The issuer whose tokens it signs, where a key set of several issuers says so (Entra).
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether it verifies signatures of `algorithm`.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Whether `other` is the same key, under the same name, for the same use.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        use DecodingKeyKind::{RsaModulusExponent, SecretOrDer};
        let is_same_material = match (self.material.kind(), other.material.kind()) {
            (RsaModulusExponent { n, e }, RsaModulusExponent { n: n2, e: e2 }) => {
                (n, e) == (n2, e2)
            }
            (SecretOrDer(bytes), SecretOrDer(bytes2)) => bytes == bytes2,
            _ => false,
        };
        is_same_material
            && self.kid == other.kid
            && self.issuer == other.issuer
            && self.algorithms == other.algorithms
    }

    /// Verifies a signature over `signing_input`.
    ///
    /// # Errors
    ///
    /// [`Check::Algorithm`] if the key is not for `algorithm`, [`Check::Signature`] if the signature
    /// is not of this key.
    pub fn verify(
        &self,
        algorithm: Algorithm,
        signing_input: &[u8],
        signature: &[u8],
    ) -> Result<(), Rejection> {
        if !self.fits(algorithm) {
            return Err(Check::Algorithm.into());
        }
        let verifier = (RING.verifier_factory)(&algorithm.into(), &self.material)
            .map_err(|_| Check::Algorithm)?;
        verifier
            .verify(signing_input, &signature.to_vec())
            .map_err(|_| Check::Signature.into())
    }
}

/// Why a key is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableKey {
    /// The key says that it is for an algorithm that is not accepted, or not of its kind.
    #[error("it is for the algorithm {alg:?}, which is not used with such a key")]
    Algorithm {
        /// The algorithm.
        alg: String,
    },
    /// A key in text form was given as the secret.
    #[error("a key in PEM or SSH form is no secret")]
    KeyAsSecret,
    /// The kind of the key is not supported.
    #[error("keys with kty {kty:?} and crv {crv:?} are not supported")]
    Kind {
        /// The key type.
        kty: String,
        /// The curve.
        crv: String,
    },
    /// A member is missing, or not of its type or length.
    #[error("the member {member} is missing or malformed")]
    Malformed {
        /// The member.
        member: &'static str,
    },
    /// The key is not for signatures.
    #[error("it is not for verifying signatures (use, key_ops)")]
    NotForSignatures,
    /// A key that should be secret was published.
    #[error("it has the member {member} of a secret key")]
    NotPublic {
        /// The member that gives it away.
        member: &'static str,
    },
    /// The secret is too short.
    #[error("the secret has {bytes} bytes, and needs at least {MIN_SECRET_BYTES}")]
    ShortSecret {
        /// How long it is.
        bytes: usize,
    },
    /// The RSA key is too short, or too long.
    #[error("the RSA key has {bits} bits, and 2048 to 8192 are accepted")]
    Size {
        /// The bits of the modulus.
        bits: usize,
    },
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::EdDsa => Self::EdDSA,
            Algorithm::Es256 => Self::ES256,
            Algorithm::Es384 => Self::ES384,
            Algorithm::Hs256 => Self::HS256,
            Algorithm::Hs384 => Self::HS384,
            Algorithm::Hs512 => Self::HS512,
            Algorithm::Ps256 => Self::PS256,
            Algorithm::Rs256 => Self::RS256,
        }
    }
}

fn is_for_signatures(jwk: &Value) -> bool {
    let is_use = jwk.get("use").is_none_or(|value| value == "sig");
    let is_operation = jwk.get("key_ops").is_none_or(|operations| {
        let operations = operations.as_array();
        operations.is_some_and(|operations| operations.iter().any(|name| name == "verify"))
    });
    is_use && is_operation
}

/// The key itself, and what keys of its kind can be used for (RFC 7518 section 6, RFC 8037).
fn public_material(jwk: &Value) -> Result<(Vec<Algorithm>, DecodingKey), UnusableKey> {
    let kty = text(jwk, "kty")?.unwrap_or_default();
    let crv = text(jwk, "crv")?.unwrap_or_default();
    match (kty, crv) {
        ("EC", "P-256") => Ok((vec![Algorithm::Es256], ec_point(jwk, 32)?)),
        ("EC", "P-384") => Ok((vec![Algorithm::Es384], ec_point(jwk, 48)?)),
        ("OKP", "Ed25519") => {
            let point = DecodingKey::from_ed_der(&coordinate(jwk, "x", 32)?);
            Ok((vec![Algorithm::EdDsa], point))
        }
        ("RSA", _) => Ok((vec![Algorithm::Rs256, Algorithm::Ps256], rsa(jwk)?)),
        _ => Err(UnusableKey::Kind {
            kty: shown(kty),
            crv: shown(crv),
        }),
    }
}

fn ec_point(jwk: &Value, bytes: usize) -> Result<DecodingKey, UnusableKey> {
    let (x, y) = (coordinate(jwk, "x", bytes)?, coordinate(jwk, "y", bytes)?);
    // The uncompressed form of SEC 1 section 2.3.3.
    Ok(DecodingKey::from_ec_der(&[&[4], &*x, &*y].concat()))
}

fn coordinate(jwk: &Value, member: &'static str, bytes: usize) -> Result<Vec<u8>, UnusableKey> {
    let coordinate = octets(jwk, member)?;
    if coordinate.len() != bytes {
        return Err(UnusableKey::Malformed { member });
    }
    Ok(coordinate)
}

fn rsa(jwk: &Value) -> Result<DecodingKey, UnusableKey> {
    let (n, e) = (octets(jwk, "n")?, octets(jwk, "e")?);
    let (n, e) = (without_leading_zeros(&n), without_leading_zeros(&e));
    let unused_bits = n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = n.len() * 8 - unused_bits;
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        return Err(UnusableKey::Size { bits });
    }
    // Every product of odd primes is odd; an exponent is odd, at least 3, and small in practice.
    if n.last().is_none_or(|byte| byte % 2 == 0) {
        return Err(UnusableKey::Malformed { member: "n" });
    }
    if e == [1] || e.len() > MAX_EXPONENT_BYTES || e.last().is_none_or(|byte| byte % 2 == 0) {
        return Err(UnusableKey::Malformed { member: "e" });
    }
    Ok(DecodingKey::from_rsa_raw_components(n, e))
}

/// RFC 7518 section 6.3.1.1 forbids leading zeros, and says that some implementations write them.
fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

fn octets(jwk: &Value, member: &'static str) -> Result<Vec<u8>, UnusableKey> {
    let encoded = text(jwk, member)?.ok_or(UnusableKey::Malformed { member })?;
    URL_SAFE_NO_PAD
        .decode(encoded)
        .map_err(|_| UnusableKey::Malformed { member })
}

fn text<'a>(jwk: &'a Value, member: &'static str) -> Result<Option<&'a str>, UnusableKey> {
    match jwk.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(UnusableKey::Malformed { member }),
    }
}

/// A name out of a key set, short enough for a log.
fn shown(name: &str) -> String {
    name.chars().take(32).collect()
}

const MIN_SECRET_BYTES: usize = 32;
const MIN_RSA_BITS: usize = 2048;
const MAX_RSA_BITS: usize = 8192;
const MAX_EXPONENT_BYTES: usize = 4;
/// Members of private (RFC 7518 sections 6.2.2 and 6.3.2) and symmetric keys (section 6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

#[cfg(test)]
mod tests;
