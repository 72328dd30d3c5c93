//! Logins that do not go on: what people are told, and what the log is.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::json;
use tracing::Level;

use super::{
    browser::{Browser, REDIRECT_URI, TestClient, transaction},
    callback::Away,
    desk::{Desk, Reply, request},
    fake_provider::Exchange,
    fake_web::{FakeWeb, Page},
};
use crate::log::listen;

// RFC 9110 section 15.6.4.
#[tokio::test]
async fn what_cannot_be_done_now_comes_with_a_time() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let mut browser = Browser::default();
    let page = browser.open(&desk, &client.authorize_path(&[])).await;
    desk.store.fail_to_read();
    let form = [("transaction", &*transaction(&page)), ("decision", "allow")];
    let reply = browser.submit(&desk, &form).await;
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(reply.header("retry-after"), "5");
}

// Most of those who send a form twice pressed its button twice.
#[tokio::test]
async fn who_presses_the_button_twice_is_not_accused() {
    let mut away = Away::new().await;
    let consent = away.consent.clone();
    let form = [("transaction", &*consent), ("decision", "allow")];
    let reply = away.browser.submit(&away.desk, &form).await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    assert!(reply.body.contains("pressed the button twice"));
    assert!(!reply.body.contains("somebody may"), "{}", reply.body);
}

const DOCUMENT: &str = "https://app.example/client.json";

/// What somebody is told who brings a client with such a document.
async fn ask_for_document(status: u16, redirect_uri: &str) -> Reply {
    let document = json!({ "client_id": DOCUMENT, "redirect_uris": [redirect_uri] });
    let page = Page::Answer(status, "application/json", document.to_string());
    let desk = Desk::on(FakeWeb::with(DOCUMENT, page));
    let client = TestClient {
        id: DOCUMENT.to_owned(),
    };
    let path = client.authorize_path(&[("redirect_uri", redirect_uri)]);
    Browser::default().open(&desk, &path).await
}

// Who is told to add the application again would do so again and again.
#[tokio::test]
async fn a_client_with_a_useless_document_is_not_told_to_register_again() {
    let unlisted = "https://unlisted.example/cb";
    for (status, redirect_uri) in [(404, REDIRECT_URI), (200, unlisted)] {
        let reply = ask_for_document(status, redirect_uri).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        assert!(reply.body.contains("publishes about itself"));
        assert!(!reply.body.contains("register"), "{}", reply.body);
    }
    let reply = ask_for_document(500, REDIRECT_URI).await;
    assert_eq!(reply.status, 503, "{}", reply.body);
    let reply = ask_for_document(200, REDIRECT_URI).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// The lines that a request causes, which is refused with this status.
async fn lines_of(desk: &Desk, request: Request<Full<Bytes>>, status: u16) -> Vec<String> {
    let (lines, _guard) = listen(Level::INFO);
    let reply = desk.send(request).await;
    assert_eq!(reply.status, status, "{}", reply.body);
    let text = lines.text();
    text.lines().map(str::to_owned).collect()
}

#[track_caller]
fn assert_one_line(lines: &[String], parts: &[&str]) {
    let [line] = lines else {
        panic!("{lines:?}");
    };
    for part in parts {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_is_in_the_log_with_what_to_do() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let changes = [("redirect_uri", "https://app.example/cb\n")];
    let request = request(Method::GET, &client.authorize_path(&changes), &[], "");
    let lines = lines_of(&desk, request, 400).await;
    let parts = [
        "login refused",
        r#""https://app.example/cb\n""#,
        "the operator of this server can add it",
    ];
    assert_one_line(&lines, &parts);
}

#[tokio::test]
async fn a_refused_registration_is_in_the_log_with_its_cause() {
    let desk = Desk::new();
    let headers = [("content-type", "application/json")];
    for (body, cause) in [
        (
            json!({ "redirect_uris": ["https://app.example/cb", "warp://mcp/cb"] }),
            r#"it has "https://app.example/cb" and 1 more"#,
        ),
        (json!({ "redirect_uris": 7 }), "no JSON object"),
        (
            json!({ "redirect_uris": ["javascript:alert(1)"] }),
            "systems act upon",
        ),
    ] {
        let body = body.to_string();
        let request = request(Method::POST, "/oauth/register", &headers, &body);
        let lines = lines_of(&desk, request, 400).await;
        assert_one_line(&lines, &["registration refused", cause]);
    }
}

#[tokio::test]
async fn the_log_says_what_keeps_a_form_from_being_taken() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let mut browser = Browser::default();
    let page = browser.open(&desk, &client.authorize_path(&[])).await;
    let form = [("transaction", &*transaction(&page)), ("decision", "deny")];
    let foreign = [("origin", "https://evil.example")];
    let foreign = request(Method::POST, "/oauth/authorize", &foreign, "");
    let elsewhere = Browser::default().submission(&form);
    let garbage = browser.submission(&[("transaction", "canary")]);
    for (request, status, cause) in [
        (foreign, 403, "another page"),
        (elsewhere, 403, "another browser"),
        (garbage, 400, "not sealed by this server"),
    ] {
        let lines = lines_of(&desk, request, status).await;
        assert_one_line(&lines, &["login refused", cause]);
    }
    desk.clock.advance(Duration::from_secs(600));
    let lines = lines_of(&desk, browser.submission(&form), 400).await;
    assert_one_line(&lines, &["login refused", "more than ten minutes ago"]);
}

#[tokio::test]
async fn a_store_that_fails_is_a_warning_with_its_cause() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let mut browser = Browser::default();
    let page = browser.open(&desk, &client.authorize_path(&[])).await;
    desk.store.fail_to_read();
    let form = [("transaction", &*transaction(&page)), ("decision", "deny")];
    let lines = lines_of(&desk, browser.submission(&form), 503).await;
    assert_one_line(&lines, &["WARN", "login cannot go on", "nobody answers"]);
}

#[tokio::test]
async fn a_client_that_cannot_be_known_is_in_the_log_with_its_cause() {
    let path = |id: &str| {
        let id = id.to_owned();
        TestClient { id }.authorize_path(&[])
    };
    let desk = Desk::new();
    for (id, cause) in [
        ("unknown", "no client is registered"),
        (DOCUMENT, "this server fetches none"),
    ] {
        let request = request(Method::GET, &path(id), &[], "");
        assert_one_line(&lines_of(&desk, request, 400).await, &[cause]);
    }
    let desk = Desk::on(Arc::new(FakeWeb::default()));
    let request = request(Method::GET, &path(DOCUMENT), &[], "");
    let lines = lines_of(&desk, request, 400).await;
    assert_one_line(
        &lines,
        &["\"https://app.example/client.json\"", "status 404"],
    );
}

#[tokio::test]
async fn a_flood_of_refusals_is_no_flood_of_lines() {
    let desk = Desk::with(|config| config.ceiling = None);
    let client = TestClient::register(&desk).await;
    let wrong = client.authorize_path(&[("response_type", "token")]);
    let headers = [("content-type", "application/json")];
    let (lines, _guard) = listen(Level::INFO);
    for _ in 0..1500 {
        desk.get("/oauth/authorize?client_id=unknown").await;
        desk.get(&wrong).await;
        let register = request(Method::POST, "/oauth/register", &headers, "{}");
        desk.send(register).await;
    }
    let text = lines.text();
    let count = |message: &str| text.lines().filter(|line| line.contains(message)).count();
    for message in ["login refused", "registration refused"] {
        assert!((1000..1500).contains(&count(message)), "{}", count(message));
    }
}

#[tokio::test]
async fn a_flood_of_refusals_hides_no_failure_of_ours() {
    let mut away = Away::new().await;
    let before = away.browser.clone();
    let (lines, _guard) = listen(Level::INFO);
    for _ in 0..1500 {
        away.desk.get("/oauth/authorize?client_id=unknown").await;
    }
    let refused = Exchange::Refusal(401, r#"{"error":"invalid_client"}"#.to_owned());
    away.provider.answer(refused);
    away.back(&[]).await;
    away.browser = before;
    away.desk.store.fail_to_read();
    away.back(&[]).await;
    let text = lines.text();
    let warnings: Vec<_> = text.lines().filter(|line| line.contains("WARN")).collect();
    let [at_the_provider, of_the_store] = warnings[..] else {
        panic!("{warnings:?}");
    };
    assert!(at_the_provider.contains("login failed at the identity provider"));
    assert!(of_the_store.contains("login cannot go on"));
}
