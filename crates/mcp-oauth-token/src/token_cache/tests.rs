mod anew;
mod bounds;
mod fake_validator;
mod model;
mod sharing;

use std::{sync::Arc, time::Duration};

use tokio::time;

use self::fake_validator::{FakeValidator, Mode};
use super::*;
use crate::Check;

const SECOND: Duration = Duration::from_secs(1);

fn cached() -> (CachedValidator<Arc<FakeValidator>>, Arc<FakeValidator>) {
    let validator = Arc::new(FakeValidator::default());
    (CachedValidator::new(Arc::clone(&validator)), validator)
}

/// A token of which the fake validator accepts a signature of `good`.
fn token(name: &str, key: u64, expires_at: u64, signature: &str) -> BearerToken {
    BearerToken::new(format!("{name}.{key}.{expires_at}.{signature}")).unwrap()
}

fn good_token(name: &str) -> BearerToken {
    token(name, 1, u64::MAX, "good")
}

fn bad_token(name: &str) -> BearerToken {
    token(name, 1, u64::MAX, "bad")
}

#[track_caller]
fn assert_rejected<T: fmt::Debug>(result: Result<T, TokenError>, check: Check) {
    match result {
        Err(TokenError::Rejected(rejection)) => assert_eq!(rejection.check(), check),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_comes_again_is_not_validated_again() {
    let (cached, validator) = cached();
    for from_cache in [false, true, true] {
        let accepted = cached.validate(&good_token("alice")).await.unwrap();
        assert_eq!(accepted.principal.subject, "alice");
        assert_eq!(accepted.from_cache, from_cache);
    }
    assert_eq!(validator.validations(), 1);
    let stats = cached.stats();
    assert_eq!((stats.hits, stats.misses, stats.entries), (2, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_validated_again_after_five_minutes() {
    let (cached, validator) = cached();
    let token = good_token("alice");
    cached.validate(&token).await.unwrap();
    time::advance(SECOND * 300 - Duration::from_millis(1)).await;
    assert!(cached.validate(&token).await.unwrap().from_cache);
    time::advance(Duration::from_millis(1)).await;
    assert!(!cached.validate(&token).await.unwrap().from_cache);
    assert_eq!(validator.validations(), 2);
}

// RFC 7519 section 4.1.4.
#[tokio::test(start_paused = true)]
async fn a_token_that_expires_in_the_cache_is_refused_as_without_it() {
    let (cached, validator) = cached();
    let token = token("alice", 1, 100, "good");
    for (now, is_accepted) in [(90, true), (100, true), (130, true), (131, false)] {
        validator.set_time(now);
        assert_eq!(cached.validate(&token).await.is_ok(), is_accepted, "{now}");
        let uncached = validator.validate(&token).await;
        assert_eq!(uncached.is_ok(), is_accepted, "{now}");
    }
    assert_rejected(cached.validate(&token).await, Check::Expiry);
    assert_eq!(cached.stats().entries, 0);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_lets_no_expired_token_in() {
    let (cached, validator) = cached();
    let token = token("alice", 1, 1_000, "good");
    let minutes = |count: u64| 1_000 + count * 60;
    for (now, is_accepted) in [
        (500, true),
        (minutes(10), false),
        (500, true),
        (0, true),
        (minutes(1), false),
        (1_030, true),
        (1_031, false),
    ] {
        validator.set_time(now);
        assert_eq!(cached.validate(&token).await.is_ok(), is_accepted, "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_the_wall_does_not_make_entries_live_longer() {
    let (cached, validator) = cached();
    validator.set_time(10_000);
    cached.validate(&good_token("alice")).await.unwrap();
    validator.set_time(0);
    time::advance(SECOND * 300).await;
    cached.validate(&good_token("alice")).await.unwrap();
    assert_eq!(validator.validations(), 2);
}

#[tokio::test(start_paused = true)]
async fn principals_fall_with_their_key_and_no_other() {
    let (cached, validator) = cached();
    let alice = token("alice", 1, u64::MAX, "good");
    let bob = token("bob", 2, u64::MAX, "good");
    cached.validate(&alice).await.unwrap();
    cached.validate(&bob).await.unwrap();
    validator.withdraw_key(1);
    assert_rejected(cached.validate(&alice).await, Check::Key);
    assert!(cached.validate(&bob).await.unwrap().from_cache);
    assert_eq!(cached.stats().entries, 1);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_share_a_prefix_are_different_tokens() {
    let (cached, validator) = cached();
    let long = "x".repeat(8_000);
    let good = good_token(&long);
    cached.validate(&good).await.unwrap();
    let text = good.expose_secret();
    for other in [
        format!("{text}d"),
        format!("{text}="),
        text[..text.len() - 1].to_owned(),
        text.replace("good", "goOd"),
        bad_token(&long).expose_secret().to_owned(),
    ] {
        let other = BearerToken::new(other).unwrap();
        assert_rejected(cached.validate(&other).await, Check::Signature);
    }
    assert_eq!(validator.validations(), 6);
    assert!(cached.validate(&good).await.unwrap().from_cache);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_remembered() {
    let (cached, validator) = cached();
    for mode in [Mode::Unavailable, Mode::Reject] {
        validator.set_mode(mode);
        assert!(cached.validate(&good_token("alice")).await.is_err());
        assert_eq!(cached.stats().entries, 0);
    }
    validator.set_mode(Mode::Validate);
    assert!(cached.validate(&good_token("alice")).await.is_ok());
    assert_eq!(validator.validations(), 3);
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_token_is_printed() {
    let (cached, _) = cached();
    cached.validate(&good_token("canary")).await.unwrap();
    assert!(!format!("{cached:?}").contains("canary"));
}
