//! A store that counts what is written.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::BoxFuture;
use mcp_oauth::{MemoryStore, Store, StoreError, StoreKey};

/// Counts the entries that were put or counted up.
#[derive(Debug)]
pub(crate) struct CountingStore {
    inner: MemoryStore,
    writes: AtomicUsize,
}

impl CountingStore {
    pub(crate) const fn new(inner: MemoryStore) -> Self {
        Self {
            inner,
            writes: AtomicUsize::new(0),
        }
    }

    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    fn count(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
    }
}

impl Store for CountingStore {
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.count();
        self.inner.put_new(key, value, ttl)
    }

    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.inner.get(key)
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.inner.take(key)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.count();
        self.inner.compare_and_swap(key, expected, new, ttl)
    }

    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.count();
        self.inner.incr(key, ttl)
    }
}
