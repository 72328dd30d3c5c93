//! Of any number of callers at once, one gets what there is one of.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::{FutureExt, future::join_all};
use mcp_oauth::{Store, StoreError};
use tokio::task::JoinSet;

use super::{HOUR, key, subject::Subject};

const CALLERS: u8 = 100;

/// What as many callers got, each in a task of its own.
async fn all_at_once<T, F>(store: &Arc<dyn Store>, call: impl Fn(Arc<dyn Store>, u8) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let calls = (0..CALLERS).map(|number| call(Arc::clone(store), number));
    let answers = calls.collect::<JoinSet<_>>().join_all().await;
    answers
        .into_iter()
        .map(|answer| answer.expect("an answer"))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_puts() {
    for Subject { name, store, .. } in &Subject::all().await {
        let put = all_at_once(store, |store, number| async move {
            store.put_new(&key(1), &[number], HOUR).await
        });
        let put = put.await.into_iter().filter(|put| *put).count();
        assert_eq!(put, 1, "{name}");
        assert!(store.get(&key(1)).await.unwrap().is_some(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_takes() {
    for Subject { name, store, .. } in &Subject::all().await {
        store.put_new(&key(1), b"a code", HOUR).await.unwrap();
        let taken = all_at_once(store, |store, _| async move { store.take(&key(1)).await });
        let taken: Vec<_> = taken.await.into_iter().flatten().collect();
        assert_eq!(taken, [b"a code"], "{name}");
        assert_eq!(store.get(&key(1)).await.unwrap(), None, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_swaps() {
    for Subject { name, store, .. } in &Subject::all().await {
        store.put_new(&key(1), b"before", HOUR).await.unwrap();
        let swapped = all_at_once(store, |store, number| async move {
            let swapped = store
                .compare_and_swap(&key(1), b"before", &[number], HOUR)
                .await?;
            Ok(swapped.then_some(number))
        });
        let swapped: Vec<_> = swapped.await.into_iter().flatten().collect();
        assert_eq!(swapped.len(), 1, "{name}");
        let value = store.get(&key(1)).await.unwrap();
        assert_eq!(value, Some(swapped), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_count_is_lost_or_given_twice() {
    for Subject { name, store, .. } in &Subject::all().await {
        let counts = all_at_once(
            store,
            |store, _| async move { store.incr(&key(1), HOUR).await },
        );
        let counts: BTreeSet<_> = counts.await.into_iter().collect();
        let expected: BTreeSet<_> = (1..=u64::from(CALLERS)).collect();
        assert_eq!(counts, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_taken_while_it_is_swapped_is_taken_or_swapped() {
    for Subject { name, store, .. } in &Subject::all().await {
        for number in 0..CALLERS {
            let key = key(number);
            store.put_new(&key, b"before", HOUR).await.unwrap();
            let (taken, swapped) = tokio::join!(
                store.take(&key),
                store.compare_and_swap(&key, b"before", b"after", HOUR)
            );
            let expected: &[u8] = if swapped.unwrap() {
                b"after"
            } else {
                b"before"
            };
            let rest = store.take(&key).await.unwrap();
            let found: Vec<_> = taken.unwrap().into_iter().chain(rest).collect();
            assert!(
                found == [expected] || found == [b"before"],
                "{name}: {found:?}"
            );
        }
    }
}

#[tokio::test]
async fn who_gives_up_harms_nobody_else() {
    for Subject { name, store, .. } in &Subject::all().await {
        let calls = (0..CALLERS).map(|number| async move {
            let (key, value) = (key(1), [number]);
            // Polled once, and dropped.
            let _ = store.put_new(&key, &value, HOUR).now_or_never();
        });
        join_all(calls).await;
        assert_eq!(store.incr(&key(2), HOUR).await.unwrap(), 1, "{name}");
        assert!(store.put_new(&key(3), b"", HOUR).await.unwrap(), "{name}");
    }
}
