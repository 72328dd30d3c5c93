//! What the log is never told.

use tracing::Level;

use super::{
    browser::{Browser, CHALLENGE, TestClient, VERIFIER},
    callback::Away,
    desk::{Desk, SECRET},
    fake_provider::{Exchange, UPSTREAM_TOKENS},
};
use crate::log::listen;

#[track_caller]
fn assert_absent(log: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(secret.len() > 6, "{secret}");
        assert!(!log.contains(secret.as_str()), "{secret} in:\n{log}");
    }
}

#[tokio::test]
async fn no_secret_of_a_login_is_logged() {
    let (lines, _guard) = listen(Level::TRACE);
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let mut browser = Browser::default();
    let page = browser.open(&desk, &client.authorize_path(&[])).await;
    let transaction = super::browser::transaction(&page);
    let mut secrets: Vec<String> = browser.cookies.values().cloned().collect();
    let form = [
        ("transaction", transaction.as_str()),
        ("decision", "allow"),
        ("name", "alice"),
        ("code", "WRONG-CODE"),
    ];
    browser.submit(&desk, &form).await;
    let reply = client.log_in(&desk, &mut browser).await;
    let code = reply.sent_along("code").unwrap();
    let tokens = client.redeem(&desk, &code).await.json();
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    desk.call(&access).await;
    client.refresh(&desk, &refresh).await;
    // And what goes wrong.
    client.redeem(&desk, &code).await;
    client.refresh(&desk, &refresh).await;
    client.revoke(&desk, &refresh).await;
    desk.call(&access).await;
    desk.call("a.bad.token").await;
    desk.get("/oauth/callback?code=canary-code&state=canary-state")
        .await;
    desk.get("/oauth/authorize?client_id=canary-client").await;

    secrets.extend([transaction, code, access, refresh]);
    let known = [VERIFIER, CHALLENGE, SECRET, desk.code(), "WRONG-CODE"];
    secrets.extend(known.map(str::to_owned));
    secrets.extend(["canary-code", "canary-state", "a state & more"].map(str::to_owned));
    assert!(lines.text().contains("login ended"), "{}", lines.text());
    assert_absent(&lines.text(), &secrets);
}

#[tokio::test]
async fn no_secret_of_the_way_to_the_provider_is_logged() {
    let (lines, _guard) = listen(Level::TRACE);
    let mut away = Away::new().await;
    let mut secrets: Vec<String> = away.browser.cookies.values().cloned().collect();
    secrets.extend(["state", "nonce", "code_challenge"].map(|name| away.asked[name].clone()));
    away.back(&[("iss", "https://evil.example")]).await;
    away.back(&[("error", "x"), ("code", "")]).await;
    let mut away = Away::new().await;
    let body = r#"{"error":"invalid_grant","error_description":"canary-body"}"#;
    away.provider
        .answer(Exchange::Refusal(400, body.to_owned()));
    away.back(&[]).await;
    let mut away = Away::new().await;
    let code = away.back(&[]).await.sent_along("code").unwrap();
    away.client.redeem(&away.desk, &code).await;
    let verifier = away.provider.exchanges()[0].clone();
    let verifier = verifier.split("code_verifier=").nth(1).unwrap();
    let verifier = verifier.split('&').next().unwrap().to_owned();
    secrets.extend([code, verifier, "upstream-code".to_owned()]);
    secrets.extend(UPSTREAM_TOKENS.map(str::to_owned));
    secrets.extend(["upstream-client-secret", "canary-body"].map(str::to_owned));
    assert_absent(&lines.text(), &secrets);
}
