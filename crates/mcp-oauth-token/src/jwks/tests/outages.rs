//! The provider is down, slow, or was never up.

use super::*;

#[tokio::test(start_paused = true)]
async fn without_any_keys_nothing_can_be_decided_until_the_provider_is_up() {
    let (store, provider) = store_of(&[key("a", 1)]);
    provider.answer(Answer::error());
    let error = store.id("a").await.unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
    assert_eq!(
        assert_unavailable(Err::<(), _>(error)),
        Duration::from_secs(1)
    );
    provider.publish(&[key("a", 1)]);
    assert_unavailable(store.id("a").await);
    assert_eq!(provider.fetches(), 1, "not at once");
    time::advance(Duration::from_secs(1)).await;
    assert!(store.id("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn tries_without_any_keys_are_ever_further_apart_up_to_thirty_seconds() {
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::error());
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let retry_after = assert_unavailable(store.id("a").await);
        pauses.push(retry_after.as_secs());
        time::advance(retry_after).await;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
    assert_eq!(provider.fetches(), 8);
}

// RFC 5861 section 4.
#[tokio::test(start_paused = true)]
async fn keys_outlive_an_outage_of_a_day_and_no_more() {
    let (store, provider) = store_of(&[key("a", 1)]);
    let a = store.id("a").await.unwrap();
    provider.answer(Answer::error());
    for _ in 0..25 {
        time::advance(HOUR - Duration::from_secs(1)).await;
        assert_eq!(store.id("a").await, Ok(a));
        assert!(store.holds(a));
    }
    assert!(store.document().is_some());
    time::advance(MINUTE).await;
    assert!(!store.holds(a));
    assert_eq!(store.document(), None);
    assert_unavailable(store.id("a").await);
    provider.publish(&[key("a", 1)]);
    time::advance(MINUTE).await;
    assert_eq!(store.id("a").await, Ok(a), "it is the same key still");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_kid_is_refused_while_the_keys_are_fresh_and_undecided_when_stale() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    provider.answer(Answer::error());
    assert_eq!(store.id("b").await, Err(KeyError::Unknown));
    time::advance(MINUTE * 59).await;
    assert_eq!(store.id("b").await, Err(KeyError::Unknown));
    time::advance(MINUTE).await;
    let retry_after = assert_unavailable(store.id("b").await);
    assert_eq!(retry_after, Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_failing_provider_is_asked_once_in_thirty_seconds() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    provider.answer(Answer::error());
    time::advance(HOUR).await;
    for second in 0..600 {
        let _ = store.id("a").await;
        let _ = store.id(&second.to_string()).await;
        time::advance(Duration::from_secs(1)).await;
    }
    let tries = provider.fetches() - 1;
    assert!((19..=20).contains(&tries), "{tries} in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_five_seconds() {
    let (store, provider) = store_of(&[key("a", 1)]);
    provider.answer(Answer::never());
    let before = Instant::now();
    let error = store.id("a").await.unwrap_err();
    assert!(before.elapsed() <= Duration::from_secs(5));
    assert!(error.to_string().contains("no complete answer"), "{error}");
    assert_unavailable(Err::<(), _>(error));
}

#[tokio::test(start_paused = true)]
async fn an_outage_slows_down_no_request_but_the_first() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    provider.answer(Answer::never());
    time::advance(HOUR).await;
    let before = Instant::now();
    assert!(store.id("a").await.is_ok());
    assert!(before.elapsed() <= Duration::from_secs(5));
    for _ in 0..600 {
        let before = Instant::now();
        assert!(store.id("a").await.is_ok());
        assert_eq!(before.elapsed(), Duration::ZERO);
        time::sleep(Duration::from_secs(1)).await;
    }
    assert!(provider.fetches() > 10, "it is asked behind the requests");
}

#[tokio::test(start_paused = true)]
async fn the_status_tells_what_happened() {
    let (store, provider) = store_of(&[key("a", 1), key("b", 2)]);
    assert_eq!(store.status(), JwksStatus::default());
    store.id("a").await.unwrap();
    time::advance(MINUTE).await;
    let status = store.status();
    assert_eq!((status.keys, status.age), (2, Some(MINUTE)));
    assert_eq!((status.fetches_succeeded, status.fetches_failed), (1, 0));
    provider.answer(Answer::error());
    let _ = store.id("c").await;
    let status = store.status();
    assert_eq!((status.fetches_succeeded, status.fetches_failed), (1, 1));
    assert!(status.last_error.unwrap().contains("refused"));
}
