//! A store that ends with the process.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use mcp_oauth_token::{Clock, UnixTime};

use super::{Store, StoreError, StoreKey, next_count};

/// Keeps entries in memory: for one replica, whose restart logs everybody out.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    max_bytes: usize,
    entries: Mutex<Entries>,
}

impl MemoryStore {
    /// A store of at most 64 MiB.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            max_bytes: 64 * 1024 * 1024,
            entries: Mutex::default(),
        }
    }

    /// Changes how many bytes the entries may take.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The entries that live now, and the time it is.
    fn entries(&self) -> (MutexGuard<'_, Entries>, UnixTime) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that time does not run backwards from one holder to the next.
        let now = self.clock.now();
        entries.forget_expired(now);
        (entries, now)
    }
}

impl Store for MemoryStore {
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let (mut entries, now) = self.entries();
            if entries.by_key.contains_key(key) {
                return Ok(false);
            }
            let entry = Entry::new(value, now, ttl);
            entries.add(*key, entry, self.max_bytes)?;
            Ok(true)
        }
        .boxed()
    }

    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        async move {
            let (entries, _) = self.entries();
            Ok(entries.value(key).map(<[u8]>::to_vec))
        }
        .boxed()
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        async move {
            let (mut entries, _) = self.entries();
            let value = entries.value(key).map(<[u8]>::to_vec);
            if value.is_some() {
                entries.remove(key);
            }
            Ok(value)
        }
        .boxed()
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let (mut entries, now) = self.entries();
            if entries.value(key) != Some(expected) {
                return Ok(false);
            }
            entries.replace(*key, Entry::new(new, now, ttl));
            Ok(true)
        }
        .boxed()
    }

    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        async move {
            let (mut entries, now) = self.entries();
            if let Some(entry) = entries.by_key.get_mut(key) {
                let count = next_count(&entry.value)?;
                entry.value = Box::new(count.to_be_bytes());
                return Ok(count);
            }
            let entry = Entry::new(&1_u64.to_be_bytes(), now, ttl);
            entries.add(*key, entry, self.max_bytes)?;
            Ok(1)
        }
        .boxed()
    }
}

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<StoreKey, Entry>,
    by_expiry: BTreeSet<(UnixTime, StoreKey)>,
    bytes: usize,
}

impl Entries {
    fn value(&self, key: &StoreKey) -> Option<&[u8]> {
        self.by_key.get(key).map(|entry| &*entry.value)
    }

    /// Adds an entry.
    fn add(&mut self, key: StoreKey, entry: Entry, max_bytes: usize) -> Result<(), StoreError> {
        if self.bytes + entry.bytes() > max_bytes {
            return Err(StoreError::Full);
        }
        self.replace(key, entry);
        Ok(())
    }

    /// Puts an entry in place of the one with the same key, full or not: a login that is in the
    /// store can end. How long a value may be is limited before.
    fn replace(&mut self, key: StoreKey, entry: Entry) {
        self.remove(&key);
        self.bytes += entry.bytes();
        self.by_expiry.insert((entry.expires_at, key));
        self.by_key.insert(key, entry);
    }

    fn remove(&mut self, key: &StoreKey) {
        if let Some(entry) = self.by_key.remove(key) {
            self.by_expiry.remove(&(entry.expires_at, *key));
            self.bytes -= entry.bytes();
        }
    }

    fn forget_expired(&mut self, now: UnixTime) {
        while let Some((expires_at, key)) = self.by_expiry.first().copied()
            && expires_at <= now
        {
            self.remove(&key);
        }
    }
}

#[derive(Debug)]
struct Entry {
    value: Box<[u8]>,
    expires_at: UnixTime,
}

impl Entry {
    fn new(value: &[u8], now: UnixTime, ttl: Duration) -> Self {
        Self {
            value: value.into(),
            expires_at: now.saturating_add(ttl),
        }
    }

    /// What it takes, with its share of the tables.
    fn bytes(&self) -> usize {
        self.value.len() + ENTRY_OVERHEAD
    }
}

/// The key twice, both tables with what they have spare, and the allocation of the value.
const ENTRY_OVERHEAD: usize = 256;
