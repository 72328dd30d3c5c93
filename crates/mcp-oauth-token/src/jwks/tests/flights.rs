//! Many requests, one fetch.

use futures_util::future::join_all;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_thousand_first_requests_cause_one_fetch() {
    let (store, provider) = store_of(&[key("a", 1)]);
    provider.answer(Answer::keys(&[key("a", 1)]).after(SECOND));
    let found = join_all((0..1000).map(|_| store.id("a"))).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_first_requests_on_many_threads_cause_one_fetch() {
    let (store, provider) = store_of(&[key("a", 1)]);
    let answer = Answer::keys(&[key("a", 1)]);
    provider.answer(answer.after(Duration::from_millis(100)));
    let mut requests = JoinSet::new();
    for _ in 0..1000 {
        let store = Arc::clone(&store);
        requests.spawn(async move { store.id("a").await });
    }
    assert!(requests.join_all().await.iter().all(Result::is_ok));
    assert_eq!(provider.fetches(), 1);
}

// Anybody can make up a header: it must not cause work elsewhere (OWASP API4:2023).
#[tokio::test(start_paused = true)]
async fn ten_thousand_made_up_kids_cause_one_fetch_in_thirty_seconds() {
    for knows_keys in [true, false] {
        let (store, provider) = store_of(&[key("a", 1)]);
        if knows_keys {
            store.id("a").await.unwrap();
        }
        let known = provider.fetches();
        for batch in 0..10 {
            let kids: Vec<_> = (0..1000).map(|kid| format!("{batch}-{kid}")).collect();
            for found in join_all(kids.iter().map(|kid| store.id(kid))).await {
                assert_eq!(found, Err(KeyError::Unknown));
            }
            time::advance(Duration::from_millis(2_900)).await;
        }
        assert_eq!(provider.fetches(), known + 1);
        time::advance(SECOND).await;
        let _ = store.id("one more").await;
        assert_eq!(provider.fetches(), known + 2);
    }
}

#[tokio::test(start_paused = true)]
async fn made_up_kids_of_senders_that_hang_up_are_searched_for_once_all_the_same() {
    for knows_keys in [true, false] {
        let (store, provider) = store_of(&[]);
        provider.answer(Answer::keys(&[key("a", 1)]).after(SECOND));
        if knows_keys {
            store.id("a").await.unwrap();
        }
        let known = provider.fetches();
        for kid in 0..10 {
            let kid = kid.to_string();
            let _ = time::timeout(SECOND / 2, store.id(&kid)).await;
            time::sleep(SECOND * 2).await;
        }
        assert_eq!(provider.fetches(), known + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn made_up_kids_that_come_with_the_first_good_one_share_its_fetch() {
    let (store, provider) = store_of(&[key("a", 1)]);
    provider.answer(Answer::keys(&[key("a", 1)]).after(SECOND));
    let (good, made_up) = futures_util::future::join(store.id("a"), store.id("b")).await;
    assert!(good.is_ok());
    assert_eq!(made_up, Err(KeyError::Unknown));
    assert_eq!(store.id("c").await, Err(KeyError::Unknown));
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn requests_for_keys_at_hand_do_not_wait_for_a_search() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    provider.answer(Answer::never());
    let search = store.id("b");
    let known = async {
        time::sleep(SECOND).await;
        let before = Instant::now();
        assert!(store.id("a").await.is_ok());
        assert_eq!(before.elapsed(), Duration::ZERO);
    };
    let (found, ()) = futures_util::future::join(search, known).await;
    assert_eq!(found, Err(KeyError::Unknown));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_takes_the_fetch_from_nobody() {
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::keys(&[key("a", 1)]).after(SECOND * 3));
    let first = time::timeout(SECOND, store.id("a"));
    let second = async {
        time::sleep(SECOND / 2).await;
        store.id("a").await
    };
    let (first, second) = futures_util::future::join(first, second).await;
    assert!(first.is_err() && second.is_ok());
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_goes_on_when_everybody_has_gone_away() {
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::keys(&[key("a", 1)]).after(SECOND * 3));
    for _ in 0..10 {
        let gone = time::timeout(SECOND / 100, store.id("a")).await;
        assert!(gone.is_err());
    }
    time::sleep(SECOND * 3).await;
    assert!(store.id("a").await.is_ok());
    assert_eq!((provider.fetches(), provider.answered()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn who_joins_late_waits_only_for_the_rest() {
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::never());
    let late = async {
        time::sleep(SECOND * 4).await;
        let before = Instant::now();
        assert_unavailable(store.id("a").await);
        before.elapsed()
    };
    let (_, waited) = futures_util::future::join(store.id("a"), late).await;
    assert!(waited <= SECOND, "{waited:?}");
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_dropped_ends_its_fetch() {
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::keys(&[key("a", 1)]).after(SECOND * 3));
    let gone = time::timeout(SECOND, store.id("a")).await;
    assert!(gone.is_err());
    drop(store);
    time::sleep(SECOND * 10).await;
    assert_eq!((provider.fetches(), provider.answered()), (1, 0));
}

#[test]
fn a_store_outlives_the_runtime_that_fetched_for_it() {
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::never());
    let first = new_runtime();
    first.block_on(async {
        assert!(time::timeout(SECOND, store.id("a")).await.is_err());
    });
    drop(first);
    assert_eq!(store.status().fetches_failed, 1);

    provider.publish(&[key("a", 1)]);
    new_runtime().block_on(async {
        time::sleep(MINUTE).await;
        assert!(store.id("a").await.is_ok());
    });
}

#[test]
fn a_runtime_that_stands_still_holds_up_requests_of_others_for_five_seconds_at_most() {
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::never());
    let still = new_runtime();
    still.block_on(async {
        assert!(time::timeout(SECOND, store.id("a")).await.is_err());
    });
    new_runtime().block_on(async {
        let before = Instant::now();
        assert_unavailable(store.id("a").await);
        assert_eq!(before.elapsed(), SECOND * 5);
    });
    assert_eq!(provider.fetches(), 1);
}

fn new_runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}
