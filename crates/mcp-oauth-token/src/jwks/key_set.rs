//! A key set, as it was published at one time.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::freshness::Freshness;
use crate::{Algorithm, KeyId, VerificationKey};

/// A key set, as it was published at one time.
#[derive(Debug)]
pub(super) struct KeySet {
    document: Bytes,
    keys: Vec<Arc<VerificationKey>>,
    freshness: Freshness,
}

impl KeySet {
    /// Reads a key set. Keys that `previous` has as well are the same keys, and keep their
    /// identifiers. Keys that cannot be used are left out (RFC 7517 section 5).
    pub(super) fn parse(
        document: Bytes,
        freshness: Freshness,
        previous: Option<&Self>,
        ids: &KeyIds,
    ) -> Result<Self, InvalidKeySet> {
        let Document { keys: published } =
            serde_json::from_slice(&document).map_err(|source| InvalidKeySet::Syntax { source })?;
        if published.len() > MAX_KEYS {
            return Err(InvalidKeySet::TooMany {
                keys: published.len(),
            });
        }
        let known = previous.map_or(&[][..], |previous| &previous.keys);
        let mut keys: Vec<Arc<VerificationKey>> = Vec::with_capacity(published.len());
        for jwk in &published {
            let key = match VerificationKey::from_jwk(jwk, ids.next()) {
                Ok(key) => key,
                Err(reason) => {
                    let kid = jwk.get("kid").and_then(Value::as_str).unwrap_or_default();
                    let kid: String = kid.chars().take(64).collect();
                    tracing::debug!(kid, %reason, "published key left out");
                    continue;
                }
            };
            // A key that is listed twice is one key.
            if keys.iter().any(|other| other.is_same_as(&key)) {
                continue;
            }
            let same = known.iter().find(|other| other.is_same_as(&key));
            keys.push(same.map_or_else(|| Arc::new(key), Arc::clone));
        }
        if keys.is_empty() {
            return Err(InvalidKeySet::NoUsableKey {
                published: published.len(),
            });
        }
        Ok(Self {
            document,
            keys,
            freshness,
        })
    }

    pub(super) fn find(&self, sought: Sought<'_>) -> Result<Arc<VerificationKey>, NoKey> {
        let mut fitting = self.keys.iter().filter(|key| sought.is_met_by(key));
        let key = fitting.next().ok_or(NoKey::Missing)?;
        match fitting.next() {
            None => Ok(Arc::clone(key)),
            Some(_) => Err(NoKey::Ambiguous),
        }
    }

    pub(super) fn holds(&self, id: KeyId) -> bool {
        self.keys.iter().any(|key| key.id() == id)
    }

    pub(super) const fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    pub(super) fn document(&self) -> Bytes {
        self.document.clone()
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}

/// What the header of a token says of the key that it was signed with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought<'a> {
    pub(super) kid: Option<&'a str>,
    pub(super) algorithm: Algorithm,
}

impl Sought<'_> {
    fn is_met_by(self, key: &VerificationKey) -> bool {
        (self.kid.is_none() || self.kid == key.kid()) && key.fits(self.algorithm)
    }
}

/// Why a key set has no key for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// There are several.
    Ambiguous,
    /// There is none.
    Missing,
}

/// Gives identifiers to keys.
#[derive(Debug, Default)]
pub(super) struct KeyIds(AtomicU64);

impl KeyIds {
    fn next(&self) -> KeyId {
        KeyId::new(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Why a document is no key set that can be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidKeySet {
    #[error("it has {published} keys, and none can be used to verify signatures")]
    NoUsableKey { published: usize },
    #[error("it is not JSON with a list of keys")]
    Syntax {
        #[source]
        source: serde_json::Error,
    },
    #[error("it has {keys} keys, and {MAX_KEYS} are accepted")]
    TooMany { keys: usize },
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

const MAX_KEYS: usize = 100;
