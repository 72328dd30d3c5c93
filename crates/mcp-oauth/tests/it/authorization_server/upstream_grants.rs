//! What the identity provider grants besides saying who somebody is.

use std::time::Duration;

use serde_json::json;
use tracing::Level;

use super::{callback::Away, fake_provider::Exchange};
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
