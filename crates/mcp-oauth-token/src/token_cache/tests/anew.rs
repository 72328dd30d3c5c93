//! Tokens of those who go on with what they were accepted for.

use super::*;

/// A token that somebody vouches for.
fn opaque_token(name: &str) -> BearerToken {
    token(name, 0, u64::MAX, "good")
}

// The word of a provider is minutes old when it comes from a cache.
#[tokio::test(start_paused = true)]
async fn who_vouched_for_a_token_is_asked_anew() {
    let (cached, validator) = cached();
    let token = opaque_token("alice");
    cached.validate(&token).await.unwrap();
    cached.validate(&token).await.unwrap();
    assert_eq!(validator.validations(), 1);
    for validations in [2, 3] {
        let accepted = cached.validate_anew(&token).await.unwrap();
        assert!(!accepted.from_cache);
        assert_eq!(validator.validations(), validations);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_anew_is_refused_to_requests_too() {
    let (cached, validator) = cached();
    let token = opaque_token("alice");
    cached.validate(&token).await.unwrap();
    validator.set_mode(Mode::Reject);
    assert!(cached.validate(&token).await.is_ok(), "it is remembered");
    assert_rejected(cached.validate_anew(&token).await, Check::Client);
    assert_rejected(cached.validate(&token).await, Check::Client);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_checked_anew_stays_remembered() {
    let (cached, validator) = cached();
    let token = opaque_token("alice");
    cached.validate(&token).await.unwrap();
    validator.set_mode(Mode::Unavailable);
    let verdict = cached.validate_anew(&token).await;
    assert!(
        matches!(verdict, Err(TokenError::Unavailable { .. })),
        "{verdict:?}"
    );
    assert!(cached.validate(&token).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_signature_is_not_checked_anew_but_its_key_and_expiry_are() {
    let (cached, validator) = cached();
    let signed = token("alice", 7, 1_000, "good");
    cached.validate(&signed).await.unwrap();
    assert!(cached.validate_anew(&signed).await.unwrap().from_cache);
    assert_eq!(validator.validations(), 1);
    validator.withdraw_key(7);
    assert_rejected(cached.validate_anew(&signed).await, Check::Key);
    validator.publish_key(7);
    assert!(cached.validate_anew(&signed).await.is_ok());
    validator.set_time(1_031);
    assert_rejected(cached.validate_anew(&signed).await, Check::Expiry);
}
