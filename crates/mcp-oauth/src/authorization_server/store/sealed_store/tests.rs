use futures_util::{FutureExt, future::BoxFuture};
use mcp_oauth_token::SystemClock;

use super::*;
use crate::authorization_server::store::MemoryStore;

const HOUR: Duration = Duration::from_secs(3600);

fn ring(current: char, previous: &[char]) -> Arc<KeyRing> {
    let secret = |letter: &char| format!("{letter}f1d6c83e0b297a5d8c47b19f2e6053a").into();
    let previous: Vec<_> = previous.iter().map(secret).collect();
    Arc::new(KeyRing::new(&secret(&current), &previous).unwrap())
}

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(Arc::new(SystemClock)))
}

fn name(text: &str) -> String {
    text.to_owned()
}

#[tokio::test]
async fn values_come_back_as_they_were_meant() {
    let store = SealedStore::new(ring('a', &[]), memory());
    let value = name("Alice");
    assert!(store.put_new("family", b"1", &value, HOUR).await.unwrap());
    assert!(!store.put_new("family", b"1", &value, HOUR).await.unwrap());
    let read = store.get::<String>("family", b"1").await.unwrap().unwrap();
    assert_eq!(read.value, value);
    let taken: Option<String> = store.take("family", b"1").await.unwrap();
    assert_eq!(taken, Some(value));
    assert!(store.get::<String>("family", b"1").await.unwrap().is_none());
}

#[tokio::test]
async fn things_of_two_kinds_may_have_one_id() {
    let store = SealedStore::new(ring('a', &[]), memory());
    for kind in ["code", "family"] {
        let value = name(kind);
        assert!(store.put_new(kind, b"1", &value, HOUR).await.unwrap());
    }
    let code: Option<String> = store.take("code", b"1").await.unwrap();
    assert_eq!(code, Some(name("code")));
}

#[tokio::test]
async fn of_two_who_read_the_same_one_swaps() {
    let store = SealedStore::new(ring('a', &[]), memory());
    store.put_new("family", b"1", &1, HOUR).await.unwrap();
    let read = store.get::<i32>("family", b"1").await.unwrap().unwrap();
    assert!(store.compare_and_swap(&read, &2, HOUR).await.unwrap());
    assert!(!store.compare_and_swap(&read, &3, HOUR).await.unwrap());
    let read = store.get::<i32>("family", b"1").await.unwrap().unwrap();
    assert_eq!(read.value, 2);
}

#[tokio::test]
async fn a_value_is_not_swapped_for_an_equal_one_that_came_since() {
    let store = SealedStore::new(ring('a', &[]), memory());
    store.put_new("family", b"1", &1, HOUR).await.unwrap();
    let read = store.get::<i32>("family", b"1").await.unwrap().unwrap();
    assert!(store.compare_and_swap(&read, &1, HOUR).await.unwrap());
    assert!(!store.compare_and_swap(&read, &2, HOUR).await.unwrap());
}

#[tokio::test]
async fn what_was_put_under_an_earlier_secret_is_found_swapped_and_taken_once() {
    let memory = memory();
    let before = SealedStore::new(ring('a', &[]), Arc::clone(&memory));
    let after = SealedStore::new(ring('b', &['a']), Arc::clone(&memory));
    before.put_new("family", b"1", &1, HOUR).await.unwrap();
    assert!(!after.put_new("family", b"1", &9, HOUR).await.unwrap());
    let read = after.get::<i32>("family", b"1").await.unwrap().unwrap();
    assert!(after.compare_and_swap(&read, &2, HOUR).await.unwrap());
    assert_eq!(after.take("family", b"1").await.unwrap(), Some(2));
    assert_eq!(after.take::<i32>("family", b"1").await.unwrap(), None);
}

// A code is good for one use (RFC 6749 section 4.1.2), also while a new secret is brought in: then
// some replicas put under the new one, and others under the old one.
#[tokio::test]
async fn of_two_who_put_the_same_under_two_secrets_not_both_do() {
    let memory: Arc<dyn Store> = Arc::new(Slow(memory()));
    let here = SealedStore::new(ring('a', &['b']), Arc::clone(&memory));
    let there = SealedStore::new(ring('b', &['a']), Arc::clone(&memory));
    let (one, other) = tokio::join!(
        here.put_new("family", b"1", &1, HOUR),
        there.put_new("family", b"1", &2, HOUR),
    );
    assert!(!(one.unwrap() && other.unwrap()));
}

#[tokio::test]
async fn what_cannot_be_opened_counts_as_lost() {
    let memory = memory();
    let store = SealedStore::new(ring('a', &[]), Arc::clone(&memory));
    let keys = ring('a', &[]);
    let key = StoreKey::new(&keys.newest(Purpose::StoreKey), "family", b"1");
    memory.put_new(&key, b"rubbish", HOUR).await.unwrap();
    assert!(store.get::<i32>("family", b"1").await.unwrap().is_none());
    assert!(store.take::<i32>("family", b"1").await.unwrap().is_none());
}

#[tokio::test]
async fn a_value_that_was_moved_to_another_key_is_not_opened() {
    let memory = memory();
    let keys = ring('a', &[]);
    let store = SealedStore::new(Arc::clone(&keys), Arc::clone(&memory));
    store.put_new("family", b"1", &1, HOUR).await.unwrap();
    let key = |id| StoreKey::new(&keys.newest(Purpose::StoreKey), "family", id);
    let sealed = memory.get(&key(b"1")).await.unwrap().unwrap();
    memory.put_new(&key(b"2"), &sealed, HOUR).await.unwrap();
    assert!(store.get::<i32>("family", b"2").await.unwrap().is_none());
}

#[tokio::test]
async fn the_store_sees_neither_ids_nor_values() {
    let memory = memory();
    let store = SealedStore::new(ring('a', &[]), Arc::clone(&memory));
    let value = name("alice@example.com");
    store
        .put_new("family", b"family-1", &value, HOUR)
        .await
        .unwrap();
    let seen = format!("{memory:?}");
    for secret in [&b"alice@example.com"[..], b"family-1"] {
        let as_bytes = format!("{secret:?}");
        let as_bytes = as_bytes.trim_matches(['[', ']']);
        assert!(!seen.contains(as_bytes), "{seen}");
    }
}

#[tokio::test]
async fn a_value_that_no_store_has_to_take_is_refused() {
    let store = SealedStore::new(ring('a', &[]), memory());
    let value = "x".repeat(MAX_VALUE_LEN);
    let refused = store.put_new("family", b"1", &value, HOUR).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_is_given_up() {
    let store = SealedStore::new(ring('a', &[]), Arc::new(Silent));
    let begun = tokio::time::Instant::now();
    let refused = store.get::<i32>("family", b"1").await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
    assert_eq!(begun.elapsed(), DEADLINE);
    assert!(store.put_new("family", b"1", &1, HOUR).await.is_err());
    assert!(store.take::<i32>("family", b"1").await.is_err());
    assert!(store.incr("family", b"1", HOUR).await.is_err());
}

#[derive(Debug)]
struct Silent;

impl Store for Silent {
    fn put_new<'a>(
        &'a self,
        _: &'a StoreKey,
        _: &'a [u8],
        _: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        std::future::pending().boxed()
    }

    fn get<'a>(&'a self, _: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        std::future::pending().boxed()
    }

    fn take<'a>(&'a self, _: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        std::future::pending().boxed()
    }

    fn compare_and_swap<'a>(
        &'a self,
        _: &'a StoreKey,
        _: &'a [u8],
        _: &'a [u8],
        _: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        std::future::pending().boxed()
    }

    fn incr<'a>(&'a self, _: &'a StoreKey, _: Duration) -> BoxFuture<'a, Result<u64, StoreError>> {
        std::future::pending().boxed()
    }
}

/// Lets others have their turn before and after each verb.
#[derive(Debug)]
struct Slow(Arc<dyn Store>);

impl Slow {
    fn turn<'a, T: Send + 'a>(
        verb: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        async move {
            tokio::task::yield_now().await;
            let done = verb.await;
            tokio::task::yield_now().await;
            done
        }
        .boxed()
    }
}

impl Store for Slow {
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Self::turn(self.0.put_new(key, value, ttl))
    }

    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Self::turn(self.0.get(key))
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Self::turn(self.0.take(key))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Self::turn(self.0.compare_and_swap(key, expected, new, ttl))
    }

    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Self::turn(self.0.incr(key, ttl))
    }
}
