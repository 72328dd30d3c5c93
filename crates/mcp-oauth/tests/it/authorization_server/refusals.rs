//! Logins that do not go on: what people are told, and what the log is.

use serde_json::json;

use super::{
    browser::{Browser, REDIRECT_URI, TestClient, transaction},
    callback::Away,
    desk::{Desk, Reply},
    fake_web::{FakeWeb, Page},
};

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
