//! A store that counts, can be full, and fails when it is told to.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::BoxFuture;
use mcp_oauth::{MemoryStore, Store, StoreError, StoreKey};
use tokio::time::sleep;

/// Counts what it is asked, and what is put or counted up.
#[derive(Debug)]
pub(crate) struct CountingStore {
    inner: MemoryStore,
    calls: AtomicUsize,
    writes: AtomicUsize,
    is_full: AtomicBool,
    is_slow: AtomicBool,
    fails_to_read: AtomicBool,
}

impl CountingStore {
    pub(crate) const fn new(inner: MemoryStore) -> Self {
        Self {
            inner,
            calls: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            is_full: AtomicBool::new(false),
            is_slow: AtomicBool::new(false),
            fails_to_read: AtomicBool::new(false),
        }
    }

    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Whether it takes nothing more.
    pub(crate) fn fill(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::SeqCst);
    }

    /// From now on it takes a second to write anything.
    pub(crate) fn slow_down(&self) {
        self.is_slow.store(true, Ordering::SeqCst);
    }

    /// From now on nothing can be read.
    pub(crate) fn fail_to_read(&self) {
        self.fails_to_read.store(true, Ordering::SeqCst);
    }

    fn asked(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
    }

    /// Does what needs room, if there is any.
    fn written<'a, T: Send + 'a>(
        &'a self,
        verb: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        self.asked();
        self.writes.fetch_add(1, Ordering::SeqCst);
        if self.is_full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::Full) });
        }
        if self.is_slow.load(Ordering::SeqCst) {
            return Box::pin(async {
                sleep(Duration::from_secs(1)).await;
                verb.await
            });
        }
        verb
    }
}

impl Store for CountingStore {
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.written(self.inner.put_new(key, value, ttl))
    }

    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.asked();
        if self.fails_to_read.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::unavailable("nobody answers")) });
        }
        self.inner.get(key)
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.asked();
        self.inner.take(key)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.written(self.inner.compare_and_swap(key, expected, new, ttl))
    }

    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.written(self.inner.incr(key, ttl))
    }
}
