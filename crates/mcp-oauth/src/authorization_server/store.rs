//! What the server has to remember of a login: a store of opaque values under opaque keys.

#[cfg(feature = "file-store")]
mod file;
mod memory;
#[cfg(feature = "redis-store")]
mod redis;
mod sealed_store;

use std::{error, fmt, time::Duration};

use futures_util::future::BoxFuture;

use super::key_ring::DerivedKey;

#[cfg(feature = "file-store")]
pub use file::FileStore;
pub use memory::MemoryStore;
#[cfg(feature = "redis-store")]
pub use redis::RedisStore;
pub(crate) use sealed_store::{SealedStore, Stored};

/// Remembers values for a time. All replicas of a server share one store.
///
/// Every verb is atomic: of any number of callers at once, one puts, takes or swaps. An entry whose
/// time has come is gone for all verbs. A store that is full refuses new entries, lets those that it
/// has be replaced, and forgets nothing that it accepted: each entry may be all that keeps a stolen
/// token from being used.
///
/// Keys and values mean nothing to who reads the store: keys are authentication codes, and values
/// are sealed. Calls are given up after some seconds; a call that was given up may take effect.
pub trait Store: fmt::Debug + Send + Sync {
    /// Puts an entry where there is none. `false` if there is one.
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// The value of an entry.
    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Removes an entry and returns its value.
    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Replaces a value, which lives for `ttl` from now on. `false` if it is not `expected`.
    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Counts, from 1. The count ends `ttl` after it began, however often it went on since.
    ///
    /// Counts and values are kept apart: keys of one are never keys of the other.
    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>>;
}

/// The key of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// A key of these bytes, for trying a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key of what is called `id` among things of this `kind`.
    pub(crate) fn new(key: &DerivedKey, kind: &str, id: &[u8]) -> Self {
        Self(key.mac(&[kind.as_bytes(), id]))
    }

    /// Its bytes, which are as good as random.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It has no room for another entry.
    #[error("the store is full")]
    Full,
    /// The value is larger than any store has to take.
    #[error("a value of {length} bytes is too large for the store")]
    TooLarge {
        /// How large it is.
        length: usize,
    },
    /// It cannot be reached, or it fails.
    #[error("the store is not available")]
    Unavailable {
        /// Why.
        #[source]
        source: Box<dyn error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// A store that cannot be reached, or fails.
    pub fn unavailable(source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        Self::Unavailable {
            source: source.into(),
        }
    }
}

/// The count after the one that a store keeps as a value.
fn next_count(value: &[u8]) -> Result<u64, StoreError> {
    let count = value.try_into().map(u64::from_be_bytes);
    let count = count.map_err(|_| StoreError::unavailable("a value is not a count"))?;
    Ok(count.saturating_add(1))
}
