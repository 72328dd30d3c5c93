use std::sync::Arc;

use crate::{Algorithm, InvalidPolicy, JwksStore, KeyId, VerificationKey};

/// Where the keys come from.
///
/// A public key must never serve as the secret of an HMAC, which is why one verifier has one kind
/// of key only (RFC 8725 section 3.1).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeySource {
    /// The key set that the issuer publishes.
    Jwks(Arc<JwksStore>),
    /// Secrets for HMAC. A token that names none may be signed with any of them.
    Secrets(Vec<VerificationKey>),
}

impl KeySource {
    pub(super) fn check(&self, algorithms: &[Algorithm]) -> Result<(), InvalidPolicy> {
        let is_secret = matches!(self, Self::Secrets(_));
        for algorithm in algorithms.iter().copied() {
            if algorithm.is_symmetric() != is_secret {
                return Err(InvalidPolicy::KeysOfAnotherKind { algorithm });
            }
            if let Self::Secrets(secrets) = self
                && !secrets.iter().any(|secret| secret.fits(algorithm))
            {
                return Err(InvalidPolicy::NoSecret { algorithm });
            }
        }
        Ok(())
    }

    pub(super) fn holds(&self, id: KeyId) -> bool {
        match self {
            Self::Jwks(store) => store.holds(id),
            Self::Secrets(secrets) => secrets.iter().any(|secret| secret.id() == id),
        }
    }
}
