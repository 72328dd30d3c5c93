//! Many requests with one token.

use std::iter;

use futures_util::{
    FutureExt,
    future::{join, join_all},
};
use tokio::{task::JoinSet, time::Instant};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_token_that_comes_a_thousand_times_at_once_is_validated_once() {
    let (cached, validator) = cached();
    validator.set_delay(SECOND);
    let token = good_token("alice");
    let verdicts = join_all((0..1000).map(|_| cached.validate(&token))).await;
    assert!(verdicts.iter().all(Result::is_ok));
    assert_eq!(validator.validations(), 1);
    let stats = cached.stats();
    assert_eq!((stats.hits, stats.misses), (999, 1));
    assert_eq!(cached.in_flight.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_that_comes_on_many_threads_is_validated_once() {
    let (cached, validator) = cached();
    validator.set_delay(Duration::from_millis(50));
    let cached = Arc::new(cached);
    let mut requests = JoinSet::new();
    for _ in 0..1000 {
        let cached = Arc::clone(&cached);
        requests.spawn(async move { cached.validate(&good_token("alice")).await.is_ok() });
    }
    assert!(requests.join_all().await.into_iter().all(|is_ok| is_ok));
    assert_eq!(validator.validations(), 1);
    assert_eq!(cached.in_flight.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn different_tokens_do_not_wait_for_each_other() {
    let (cached, validator) = cached();
    validator.set_delay(SECOND);
    let tokens: Vec<_> = (0..100)
        .map(|number| good_token(&number.to_string()))
        .collect();
    let before = Instant::now();
    let verdicts = join_all(tokens.iter().map(|token| cached.validate(token))).await;
    assert!(verdicts.iter().all(Result::is_ok));
    assert_eq!(before.elapsed(), SECOND);
    assert_eq!(validator.validations(), 100);
}

// Otherwise each who waits would repeat a validation that is in vain, one after another.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_shared_with_those_who_wait_for_it() {
    for mode in [Mode::Reject, Mode::Unavailable] {
        let (cached, validator) = cached();
        validator.set_mode(mode);
        validator.set_delay(SECOND * 4);
        let token = good_token("alice");
        let before = Instant::now();
        let verdicts = join_all((0..1000).map(|_| cached.validate(&token))).await;
        assert!(verdicts.iter().all(Result::is_err));
        assert_eq!(before.elapsed(), SECOND * 4);
        assert_eq!(validator.validations(), 1);

        validator.set_mode(Mode::Validate);
        assert!(
            cached.validate(&token).await.is_ok(),
            "and with nobody else"
        );
        assert_eq!(cached.in_flight.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_requests_is_not_answered_by_one_refusal_forever() {
    let (cached, validator) = cached();
    validator.set_mode(Mode::Unavailable);
    validator.set_delay(SECOND);
    let token = good_token("alice");
    let arrivals = (0..40).map(async |number: u32| {
        time::sleep(SECOND / 4 * number).await;
        cached.validate(&token).await.is_ok()
    });
    let recovery = async {
        time::sleep(SECOND * 2).await;
        validator.set_mode(Mode::Validate);
    };
    let (accepted, ()) = join(join_all(arrivals), recovery).await;
    let refused = accepted.iter().filter(|accepted| !**accepted).count();
    assert!((8..=13).contains(&refused), "{accepted:?}");
    assert!(accepted.ends_with(&[true; 26]));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_polled_holds_up_nobody_who_comes_later() {
    let (cached, validator) = cached();
    validator.set_mode(Mode::Unavailable);
    validator.set_delay(SECOND);
    let token = good_token("alice");
    let mut first = cached.validate(&token);
    let mut stuck = cached.validate(&token);
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut stuck).now_or_never().is_none());
    assert!(first.await.is_err());

    validator.set_mode(Mode::Validate);
    assert!(cached.validate(&token).await.is_ok());
    assert!(
        stuck.await.is_err(),
        "it shares the verdict that it waited for"
    );
    assert_eq!(cached.in_flight.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn when_the_first_goes_away_the_next_takes_over() {
    let (cached, validator) = cached();
    validator.set_delay(SECOND * 2);
    let token = good_token("alice");
    let first = time::timeout(SECOND, cached.validate(&token));
    let others = join_all((0..100).map(async |_| {
        time::sleep(SECOND / 2).await;
        cached.validate(&token).await
    }));
    let (first, others) = join(first, others).await;
    assert!(first.is_err());
    assert!(others.iter().all(Result::is_ok));
    assert_eq!(validator.validations(), 2);
    assert_eq!(cached.in_flight.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn when_all_go_away_nothing_is_left() {
    let (cached, validator) = cached();
    validator.set_mode(Mode::Hang);
    let token = good_token("alice");
    let gone = iter::repeat_with(|| time::timeout(SECOND, cached.validate(&token)));
    assert!(join_all(gone.take(100)).await.iter().all(Result::is_err));
    assert_eq!(cached.in_flight.len(), 0);

    validator.set_mode(Mode::Validate);
    assert!(cached.validate(&token).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_five_seconds_for_others() {
    let (cached, validator) = cached();
    validator.set_mode(Mode::Hang);
    let token = good_token("alice");
    let first = time::timeout(SECOND * 60, cached.validate(&token));
    let second = async {
        time::sleep(SECOND).await;
        let before = Instant::now();
        let verdict = cached.validate(&token).await;
        (verdict, before.elapsed())
    };
    let (_, (verdict, waited)) = join(first, second).await;
    assert!(matches!(verdict, Err(TokenError::Unavailable { .. })));
    assert_eq!(waited, SECOND * 5);
    assert_eq!(validator.validations(), 1);
    assert_eq!(cached.in_flight.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_one_request_is_no_harm_to_others() {
    let (cached, validator) = cached();
    let cached = Arc::new(cached);
    validator.set_mode(Mode::Panic);
    validator.set_delay(SECOND);
    let mut first = JoinSet::new();
    let in_task = Arc::clone(&cached);
    first.spawn(async move { in_task.validate(&good_token("alice")).await.is_ok() });
    time::sleep(SECOND / 2).await;
    validator.set_mode(Mode::Validate);
    assert!(cached.validate(&good_token("alice")).await.is_ok());
    assert!(first.join_next().await.unwrap().unwrap_err().is_panic());
    assert_eq!(cached.in_flight.len(), 0);
}
