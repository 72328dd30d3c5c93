//! A store that holds what its callers mean.

use std::{future::Future, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use tokio::time::timeout;

use super::{Store, StoreError, StoreKey};
use crate::authorization_server::{
    key_ring::{KeyRing, Purpose},
    sealed::{open_bytes, seal_bytes},
};

/// A [`Store`] of values that mean something: they are sealed before they reach it, each to its own
/// key, so that whoever holds the store can read nothing, and move nothing from one key to another.
///
/// What was put under an earlier secret of the ring is found as well. A value that cannot be opened
/// is as good as lost. Every call has a deadline.
#[derive(Clone, Debug)]
pub(crate) struct SealedStore {
    keys: Arc<KeyRing>,
    store: Arc<dyn Store>,
}

/// A value as it lies in the store, to be swapped for another.
#[derive(Clone, Debug)]
pub(crate) struct Stored<T> {
    pub(crate) value: T,
    key: StoreKey,
    sealed: Vec<u8>,
}

impl SealedStore {
    pub(crate) fn new(keys: Arc<KeyRing>, store: Arc<dyn Store>) -> Self {
        Self { keys, store }
    }

    /// Puts `value` where there is none. `false` if there is one.
    pub(crate) async fn put_new<T: Serialize + Sync>(
        &self,
        kind: &str,
        id: &[u8],
        value: &T,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let mut keys = self.store_keys(kind, id);
        let Some(key) = keys.next() else {
            return Ok(false);
        };
        let others: Vec<_> = keys.collect();
        if self.has_any(&others).await? {
            return Ok(false);
        }
        let sealed = self.seal(&key, value)?;
        if !in_time(self.store.put_new(&key, &sealed, ttl)).await? {
            return Ok(false);
        }
        // Meanwhile a replica with another newest secret may have put one under that: of two who
        // look after they put, one at least sees the other.
        if self.has_any(&others).await? {
            in_time(self.store.take(&key)).await?;
            return Ok(false);
        }
        Ok(true)
    }

    async fn has_any(&self, keys: &[StoreKey]) -> Result<bool, StoreError> {
        for key in keys {
            if in_time(self.store.get(key)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The value, as it lies in the store.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        kind: &str,
        id: &[u8],
    ) -> Result<Option<Stored<T>>, StoreError> {
        for key in self.store_keys(kind, id) {
            if let Some(sealed) = in_time(self.store.get(&key)).await? {
                let value = self.open(&key, &sealed);
                return Ok(value.map(|value| Stored { value, key, sealed }));
            }
        }
        Ok(None)
    }

    /// Removes the value and returns it: to one of any number of callers.
    #[cfg(test)]
    pub(crate) async fn take<T: DeserializeOwned>(
        &self,
        kind: &str,
        id: &[u8],
    ) -> Result<Option<T>, StoreError> {
        for key in self.store_keys(kind, id) {
            if let Some(sealed) = in_time(self.store.take(&key)).await? {
                return Ok(self.open(&key, &sealed));
            }
        }
        Ok(None)
    }

    /// Replaces the value that was read with `new`, which lives for `ttl` from now on. `false` if
    /// it is another one by now, or none.
    pub(crate) async fn compare_and_swap<T: Serialize + Sync>(
        &self,
        expected: &Stored<T>,
        new: &T,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let key = &expected.key;
        let sealed = self.seal(key, new)?;
        in_time(
            self.store
                .compare_and_swap(key, &expected.sealed, &sealed, ttl),
        )
        .await
    }

    /// Counts, from 1. The count ends `ttl` after it began.
    #[cfg(test)]
    pub(crate) async fn incr(
        &self,
        kind: &str,
        id: &[u8],
        ttl: Duration,
    ) -> Result<u64, StoreError> {
        let key = StoreKey::new(&self.keys.newest(Purpose::StoreKey), kind, id);
        in_time(self.store.incr(&key, ttl)).await
    }

    /// Where a value may lie: under the newest secret of the ring first.
    fn store_keys(&self, kind: &str, id: &[u8]) -> impl Iterator<Item = StoreKey> {
        let keys = self.keys.all(Purpose::StoreKey);
        keys.map(move |key| StoreKey::new(&key, kind, id))
    }

    fn seal<T: Serialize>(&self, key: &StoreKey, value: &T) -> Result<Vec<u8>, StoreError> {
        let plaintext = serde_json::to_vec(value).map_err(StoreError::unavailable)?;
        let length = plaintext.len();
        if length > MAX_VALUE_LEN {
            return Err(StoreError::TooLarge { length });
        }
        let purpose = Purpose::StoreValue;
        Ok(seal_bytes(&self.keys, purpose, key.as_bytes(), &plaintext))
    }

    fn open<T: DeserializeOwned>(&self, key: &StoreKey, sealed: &[u8]) -> Option<T> {
        let plaintext = open_bytes(&self.keys, Purpose::StoreValue, key.as_bytes(), sealed).ok();
        let value = plaintext.and_then(|plaintext| serde_json::from_slice(&plaintext).ok());
        if value.is_none() {
            tracing::warn!("a value in the store cannot be opened, and counts as lost");
        }
        value
    }
}

async fn in_time<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(DEADLINE, call)
        .await
        .unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)))
}

const DEADLINE: Duration = Duration::from_secs(3);
const MAX_VALUE_LEN: usize = 16 * 1024;

#[cfg(test)]
mod tests;
