//! What the identity provider grants besides saying who somebody is.

use std::time::Duration;

use serde_json::json;
use tracing::Level;

use super::{
    callback::Away,
    fake_provider::{Exchange, UPSTREAM_TOKENS},
};
use crate::log::listen;

// OpenID Connect Core 1.0 section 11.
#[tokio::test(start_paused = true)]
async fn a_provider_that_grants_no_refresh_token_is_warned_of_once_in_a_while() {
    let away = Away::new().await;
    let (lines, _guard) = listen(Level::WARN);
    for (wait, warnings) in [(0, 1), (1, 1), (3600, 2)] {
        tokio::time::advance(Duration::from_secs(wait)).await;
        let mut away = away.beside().await;
        let claims = json!({ "nonce": away.asked["nonce"] });
        away.provider.answer(Exchange::TokensForOnce(claims));
        assert!(away.back(&[]).await.sent_along("code").is_some());
        let text = lines.text();
        let found = text.matches("grants no refresh token").count();
        assert_eq!(found, warnings, "{text}");
    }
    // Who gets one is no reason to warn.
    tokio::time::advance(Duration::from_secs(3600)).await;
    let mut away = away.beside().await;
    assert!(away.back(&[]).await.sent_along("code").is_some());
    assert_eq!(lines.text().matches("grants no refresh token").count(), 2);
}

/// Waits until the grant of the provider was given back.
async fn assert_given_back(away: &Away) {
    let mut revocations = away.provider.revocations();
    let given_back = revocations.wait_for(|bodies| !bodies.is_empty());
    let given_back = tokio::time::timeout(Duration::from_secs(30), given_back);
    let bodies = given_back.await.unwrap().unwrap();
    assert!(bodies[0].contains(UPSTREAM_TOKENS[1]), "{}", bodies[0]);
}

// RFC 7009 section 1: "to clean up security credentials".
#[tokio::test]
async fn the_grant_of_a_login_that_may_do_nothing_is_given_back() {
    let mut away = Away::with_map("group:admins=kafka:read", "kafka:read").await;
    assert_eq!(away.back(&[]).await.sent_along("code"), None);
    assert_given_back(&away).await;
}

/// Lets what is under way go on.
async fn others_turn() {
    for _ in 0..40 {
        tokio::task::yield_now().await;
    }
}

// RFC 7009 section 2.1: with one refresh token, a provider may end all that the person granted this
// server, and so the logins before.
#[tokio::test]
async fn the_grant_of_a_login_that_the_store_does_not_take_is_left_alone() {
    let mut first = Away::new().await;
    assert!(first.back(&[]).await.sent_along("code").is_some());
    let mut second = first.beside().await;
    second.desk.store.fill(true);
    let reply = second.back(&[]).await;
    let error = reply.sent_along("error");
    assert_eq!(error.as_deref(), Some("temporarily_unavailable"));
    others_turn().await;
    assert!(second.provider.revocations().borrow().is_empty());
}

// It may be the one grant that there is of this account.
#[tokio::test]
async fn the_grant_of_a_login_that_ends_well_is_kept() {
    let mut away = Away::new().await;
    let before = away.browser.clone();
    assert!(away.back(&[]).await.sent_along("code").is_some());
    away.browser = before;
    away.back(&[]).await;
    others_turn().await;
    assert!(away.provider.revocations().borrow().is_empty());
}
