//! Keys come and go.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_first_token_with_a_new_key_fetches_it_and_passes() {
    let (store, provider) = store_of(&[key("a", 1)]);
    let a = store.id("a").await.unwrap();
    provider.publish(&[key("a", 1), key("b", 2)]);
    let b = store.id("b").await.unwrap();
    assert_eq!(provider.fetches(), 2);
    assert_ne!(a, b);
    assert_eq!(
        store.id("a").await,
        Ok(a),
        "an unchanged key stays the same"
    );
    assert!(store.holds(a) && store.holds(b));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_withdrawn_is_gone_with_the_next_fetch() {
    let (store, provider) = store_of(&[key("a", 1)]);
    let a = store.id("a").await.unwrap();
    provider.publish(&[key("b", 2)]);
    assert!(store.holds(a), "nobody has heard of it yet");
    store.id("b").await.unwrap();
    assert!(!store.holds(a));
    assert_eq!(store.id("a").await, Err(KeyError::Unknown));
    provider.publish(&[key("a", 1)]);
    time::advance(MINUTE).await;
    assert_ne!(
        store.id("a").await,
        Ok(a),
        "a key that comes back is another"
    );
}

#[tokio::test(start_paused = true)]
async fn another_key_under_the_same_kid_is_another_key() {
    let (store, provider) = store_of(&[key("a", 1), key("b", 2)]);
    let (a, b) = (store.id("a").await.unwrap(), store.id("b").await.unwrap());
    provider.publish(&[key("a", 9), key("b", 2)]);
    assert_eq!(store.id("c").await, Err(KeyError::Unknown));
    assert!(!store.holds(a));
    let new = store.id("a").await.unwrap();
    assert_ne!(new, a);
    assert!(store.holds(new));
    assert_eq!(store.id("b").await, Ok(b));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_searched_for_once_in_thirty_seconds() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    assert_eq!(store.id("b").await, Err(KeyError::Unknown));
    assert_eq!(provider.fetches(), 2);
    provider.publish(&[key("a", 1), key("b", 2)]);
    time::advance(Duration::from_millis(29_999)).await;
    assert_eq!(store.id("b").await, Err(KeyError::Unknown));
    assert_eq!(provider.fetches(), 2);
    time::advance(Duration::from_millis(1)).await;
    assert!(store.id("b").await.is_ok());
    assert_eq!(provider.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_search_that_finds_its_key_counts_as_well() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    provider.publish(&[key("b", 2)]);
    store.id("b").await.unwrap();
    provider.publish(&[key("c", 3)]);
    assert_eq!(store.id("c").await, Err(KeyError::Unknown));
    assert_eq!(provider.fetches(), 2);
    time::advance(MINUTE / 2).await;
    assert!(store.id("c").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_behind_a_request_before_they_are_stale() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    provider.answer(Answer::keys(&[key("b", 2)]).after(Duration::from_secs(3)));
    time::advance(MINUTE * 48).await;
    let before = Instant::now();
    assert!(store.id("a").await.is_ok(), "no request waits for it");
    assert_eq!(before.elapsed(), Duration::ZERO);
    time::sleep(Duration::from_secs(4)).await;
    assert_eq!(provider.fetches(), 2);
    assert_eq!(store.id("a").await, Err(KeyError::Unknown));
    assert!(store.id("b").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn stale_keys_are_used_only_after_asking_for_new_ones() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    provider.publish(&[key("b", 2)]);
    time::advance(HOUR).await;
    assert_eq!(store.id("a").await, Err(KeyError::Unknown));
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn maintenance_keeps_the_keys_fresh_without_requests() {
    let (store, provider) = store_of(&[key("a", 1)]);
    let _ = time::timeout(HOUR * 4 + MINUTE, store.maintain()).await;
    // At the start, and every 48 minutes.
    assert_eq!(provider.fetches(), 6);
    assert!(store.status().age < Some(HOUR * 4 / 5));
    time::sleep(HOUR * 4).await;
    assert_eq!(provider.fetches(), 6, "who drops it ends it");
}

#[tokio::test(start_paused = true)]
async fn maintenance_tries_again_when_a_fetch_fails() {
    let (store, provider) = store_of(&[key("a", 1)]);
    let a = store.id("a").await.unwrap();
    provider.answer(Answer::error());
    let _ = time::timeout(HOUR * 2, store.maintain()).await;
    let tries = provider.fetches() - 1;
    // 72 minutes after the first 48, every 30 seconds.
    assert!((140..=146).contains(&tries), "{tries}");
    provider.publish(&[key("a", 1), key("b", 2)]);
    let _ = time::timeout(MINUTE, store.maintain()).await;
    assert_eq!(store.status().keys, 2);
    assert_eq!(store.id("a").await, Ok(a));
}
