//! An entry whose time has come is gone for all verbs.

use std::time::Duration;

use mcp_oauth::Store;
use testkit::eventually;

use super::{HOUR, key, subject::Subject};

/// Long enough for a busy machine to see the entry before it is gone.
const SOON: Duration = Duration::from_millis(700);

async fn is_gone(store: &dyn Store, number: u8) {
    let gone = async || {
        store
            .get(&key(number))
            .await
            .expect("an answer")
            .is_none()
            .then_some(())
    };
    eventually("the entry is gone", gone).await;
}

#[tokio::test]
async fn an_expired_entry_is_gone_for_all_verbs() {
    for subject in &Subject::all().await {
        let Subject { name, store, .. } = subject;
        for number in 1..=4 {
            let put = store.put_new(&key(number), b"value", SOON).await.unwrap();
            assert!(put, "{name}");
        }
        store.put_new(&key(5), b"value", HOUR).await.unwrap();
        assert!(store.get(&key(1)).await.unwrap().is_some(), "{name}");
        subject.wait(SOON);
        for number in 1..=4 {
            is_gone(&**store, number).await;
        }
        assert_eq!(store.take(&key(2)).await.unwrap(), None, "{name}");
        let swap = store
            .compare_and_swap(&key(3), b"value", b"new", HOUR)
            .await
            .unwrap();
        assert!(!swap, "{name}");
        let put = store.put_new(&key(4), b"new", HOUR).await.unwrap();
        assert!(put, "{name}");
        assert!(store.get(&key(4)).await.unwrap().is_some(), "{name}");
        assert!(store.get(&key(5)).await.unwrap().is_some(), "{name}");
    }
}

#[tokio::test]
async fn a_swapped_entry_lives_as_long_as_the_swap_says() {
    for subject in &Subject::all().await {
        let Subject { name, store, .. } = subject;
        for (number, first, second) in [(1, SOON, HOUR), (2, HOUR, SOON)] {
            let key = key(number);
            store.put_new(&key, b"1", first).await.unwrap();
            let swap = store
                .compare_and_swap(&key, b"1", b"2", second)
                .await
                .unwrap();
            assert!(swap, "{name}");
        }
        subject.wait(SOON);
        is_gone(&**store, 2).await;
        let value = store.get(&key(1)).await.unwrap();
        assert_eq!(value.as_deref(), Some(&b"2"[..]), "{name}");
    }
}

#[tokio::test]
async fn a_swap_that_fails_gives_no_time() {
    for subject in &Subject::all().await {
        let Subject { name, store, .. } = subject;
        store.put_new(&key(1), b"1", SOON).await.unwrap();
        let swap = store
            .compare_and_swap(&key(1), b"other", b"2", HOUR)
            .await
            .unwrap();
        assert!(!swap, "{name}");
        subject.wait(SOON);
        is_gone(&**store, 1).await;
    }
}

#[tokio::test]
async fn a_count_ends_when_it_was_to_however_often_it_went_on() {
    for subject in &Subject::all().await {
        let Subject { name, store, .. } = subject;
        assert_eq!(store.incr(&key(1), SOON).await.unwrap(), 1, "{name}");
        assert_eq!(store.incr(&key(1), HOUR).await.unwrap(), 2, "{name}");
        subject.wait(SOON);
        is_gone(&**store, 1).await;
        assert_eq!(store.incr(&key(1), HOUR).await.unwrap(), 1, "{name}");
    }
}

#[tokio::test]
async fn the_longest_and_the_shortest_life_are_taken() {
    for Subject { name, store, .. } in &Subject::all().await {
        store.put_new(&key(1), b"1", Duration::MAX).await.unwrap();
        assert!(store.get(&key(1)).await.unwrap().is_some(), "{name}");
        store.put_new(&key(2), b"1", Duration::ZERO).await.unwrap();
        is_gone(&**store, 2).await;
    }
}
