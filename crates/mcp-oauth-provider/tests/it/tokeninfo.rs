//! Google's access tokens, which Google is asked about.

use mcp_oauth_provider::ProviderConfig;
use mcp_oauth_token::{Check, TokenError};
use serde_json::{Value, json};

use crate::{
    fake_provider::{Page, SigningKey},
    setup::{CLIENT, NOW, Running, Setup, Verdict, signed},
};

const URL: &str = "https://oauth2.googleapis.com/tokeninfo";
const TOKEN: &str = "ya29.canary-of-an-access-token";

fn google(change: impl Fn(&mut ProviderConfig)) -> Running {
    let mut config = Setup::Google.config();
    config.google_tokeninfo = true;
    config.allowed_domains = vec!["*".into()];
    change(&mut config);
    Running::with_config(Setup::Google, &[], config)
}

fn answer() -> Value {
    json!({
        "azp": CLIENT, "aud": CLIENT, "sub": "110169484474386276334", "scope": "openid email",
        "exp": (NOW + 3600).to_string(), "expires_in": "3600", "email": "alice@example.com",
        "email_verified": "true", "access_type": "online",
    })
}

async fn verdict(change: impl Fn(&mut Value)) -> Verdict {
    let running = google(|_| {});
    let mut answer = answer();
    change(&mut answer);
    running.http.publish(URL, &answer);
    Verdict::from(&running.validate(TOKEN).await)
}

#[tokio::test]
async fn google_is_asked_once_and_not_in_an_address() {
    let running = google(|_| {});
    running.http.publish(URL, &answer());
    for _ in 0..3 {
        let principal = running.validate(TOKEN).await.unwrap();
        assert_eq!(principal.subject, "110169484474386276334");
        assert_eq!(principal.issuer, "https://accounts.google.com");
        assert_eq!(principal.email.as_deref(), Some("alice@example.com"));
    }
    let asked = running.http.requests(URL);
    assert_eq!(asked, [format!("access_token={TOKEN}")]);
}

// Whoever runs another client of Google's has tokens of its users.
#[tokio::test]
async fn what_google_says_is_held_against_what_is_expected() {
    assert_eq!(verdict(|_| {}).await, Verdict::User);
    for (check, change) in [
        (
            Check::Audience,
            (|a| a["aud"] = "another".into()) as fn(&mut Value),
        ),
        (Check::Client, |a| a["azp"] = "another".into()),
        (Check::Subject, |a| a["sub"] = "".into()),
        (Check::Expiry, |a| a["exp"] = (NOW - 31).to_string().into()),
    ] {
        assert_eq!(verdict(change).await, Verdict::Refused(check));
    }
    assert_eq!(
        verdict(|a| a["exp"] = "soon".into()).await,
        Verdict::Unavailable
    );
    assert_eq!(verdict(|a| *a = json!([])).await, Verdict::Unavailable);
}

#[tokio::test]
async fn a_token_that_google_does_not_know_is_refused() {
    let running = google(|_| {});
    running.http.put(
        URL,
        Page::Answer(400, r#"{"error":"invalid_token"}"#.into()),
    );
    let verdict = Verdict::from(&running.validate(TOKEN).await);
    assert_eq!(verdict, Verdict::Refused(Check::Voucher));
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_it_cannot_be_decided() {
    for page in [
        Page::Answer(500, String::new()),
        Page::Answer(429, String::new()),
        Page::Answer(200, "<!doctype html>".into()),
        Page::Silence,
    ] {
        let running = google(|_| {});
        running.http.put(URL, page.clone());
        let verdict = Verdict::from(&running.validate(TOKEN).await);
        assert_eq!(verdict, Verdict::Unavailable, "{page:?}");
    }
}

#[tokio::test]
async fn the_token_is_in_no_message() {
    for body in [format!(r#"{{"error":"{TOKEN}"}}"#), answer().to_string()] {
        for status in [200, 400, 500] {
            let running = google(|c| c.allowed_domains = vec!["example.com".into()]);
            running.http.put(URL, Page::Answer(status, body.clone()));
            let error = running.validate(TOKEN).await.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}

#[tokio::test]
async fn google_is_not_asked_about_a_jwt() {
    let key = SigningKey::generate("key");
    let running = google(|_| {});
    let token = signed(Setup::Google, &key, &Setup::Google.claims());
    running.validate(&token).await.unwrap_err();
    assert!(running.http.requests(URL).is_empty());
}

#[tokio::test]
async fn unless_told_so_google_is_not_asked_and_the_log_says_what_to_do() {
    let running = google(|c| c.google_tokeninfo = false);
    match running.validate(TOKEN).await {
        Err(TokenError::Rejected(rejection)) => {
            assert_eq!(rejection.check(), Check::Syntax);
            let text = rejection.to_string();
            assert!(
                text.contains("tokeninfo") && !text.contains("canary"),
                "{text}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(running.http.requests(URL).is_empty());
}
