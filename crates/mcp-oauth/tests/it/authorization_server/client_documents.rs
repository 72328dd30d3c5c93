//! Clients that are known by a document of theirs on the web (OAuth Client ID Metadata Document).

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};

use super::{
    browser::{Browser, REDIRECT_URI, TestClient, VERIFIER, transaction},
    desk::{Desk, Reply, request},
    fake_web::{FakeWeb, Page},
};

const ID: &str = "https://app.example/client.json";
const OTHER_REDIRECT_URI: &str = "http://127.0.0.1:33418/other";

fn document(changes: &[(&str, Value)]) -> Value {
    let mut document = json!({
        "client_id": ID,
        "client_name": "App",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in changes {
        document[name] = value.clone();
    }
    document
}

fn client() -> TestClient {
    TestClient { id: ID.to_owned() }
}

fn desk_with(page: Page) -> (Desk, Arc<FakeWeb>) {
    let web = FakeWeb::with(ID, page);
    (Desk::on(Arc::clone(&web) as _), web)
}

async fn redeem_at(desk: &Desk, code: &str, redirect_uri: &str) -> Reply {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", ID),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    desk.post_form("/oauth/token", &form).await
}

#[tokio::test]
async fn a_client_that_nobody_registered_logs_in_by_its_url() {
    let (desk, web) = desk_with(Page::document(&document(&[])));
    let metadata = desk.get("/.well-known/oauth-authorization-server").await;
    let metadata = metadata.json();
    assert_eq!(metadata["client_id_metadata_document_supported"], true);

    let reply = client().log_in(&desk, &mut Browser::default()).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let code = reply.sent_along("code").unwrap();
    let tokens = client().redeem(&desk, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let tokens = tokens.json();
    let text = |name: &str| tokens[name].as_str().unwrap();
    assert_eq!(desk.call(text("access_token")).await.status, 200);
    let refreshed = client().refresh(&desk, text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let revoked = client().revoke(&desk, text("refresh_token")).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(desk.call(text("access_token")).await.status, 401);
    assert_eq!(web.asked(), [ID]);
}

#[tokio::test]
async fn where_no_web_is_looked_at_no_client_is_known_by_a_url() {
    let desk = Desk::new();
    let metadata = desk.get("/.well-known/oauth-authorization-server").await;
    let supported = &metadata.json()["client_id_metadata_document_supported"];
    assert_ne!(supported, &json!(true));
    let refused = desk.get(&client().authorize_path(&[])).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

// RFC 9700 section 4.16, and OAuth Client ID Metadata Document on phishing: the page says whose
// document it is, in words that a document cannot shape, and loads nothing that it names.
#[tokio::test]
async fn the_page_says_who_publishes_the_client_and_shows_nothing_else_of_the_document() {
    let name = "<img src=x onerror=alert(1)>\u{202e}✅".repeat(20);
    let document = document(&[
        ("client_name", json!(name)),
        ("logo_uri", json!("https://app.example/logo.svg")),
        ("client_uri", json!("https://evil.example/")),
    ]);
    let (desk, web) = desk_with(Page::document(&document));
    let page = desk.get(&client().authorize_path(&[])).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in [
        "<code>app.example</code>",
        "<code>127.0.0.1:33418</code>",
        "&lt;img src=x",
    ] {
        assert!(page.body.contains(shown), "{shown}\n{}", page.body);
    }
    for absent in ["<img", "\u{202e}", "✅", "logo.svg", "evil.example"] {
        assert!(!page.body.contains(absent), "{absent}");
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(web.asked(), [ID]);
}

// Another server may lead people here with the same client: what they allowed once says nothing of
// this time.
#[tokio::test]
async fn a_client_that_was_allowed_before_is_asked_for_again() {
    let (desk, _web) = desk_with(Page::document(&document(&[])));
    let mut browser = Browser::default();
    assert_eq!(client().log_in(&desk, &mut browser).await.status, 303);
    let path = client().authorize_path(&[]);
    for from in ["none", "same-origin", "cross-site"] {
        let headers = [("accept", "text/html"), ("sec-fetch-site", from)];
        let again = desk.send(request(Method::GET, &path, &headers, "")).await;
        assert_eq!(again.status, 200, "{from}");
        assert_eq!(again.location(), "");
        assert!(again.body.contains(r#"name="decision" value="allow""#));
    }
}

/// Asks to log in where the document is such a page, as a program, and as a browser.
async fn refused(page: Page, status: u16, error: &str) {
    let (desk, _web) = desk_with(page.clone());
    let path = client().authorize_path(&[]);
    for accepted in ["application/json", "text/html"] {
        let headers = [("accept", accepted)];
        let reply = desk.send(request(Method::GET, &path, &headers, "")).await;
        assert_eq!(reply.status, status, "{page:?}: {}", reply.body);
        assert_eq!(reply.location(), "");
        assert!(!reply.headers.contains_key("set-cookie"), "{page:?}");
        assert!(!reply.body.contains("elsewhere.example"), "{}", reply.body);
        let is_temporary = status == 503;
        assert_eq!(reply.headers.contains_key("retry-after"), is_temporary);
        if accepted == "application/json" {
            assert_eq!(reply.json()["error"], error, "{page:?}");
        }
    }
    assert_eq!(desk.calls_of_the_store(), 0);
}

// OAuth Client ID Metadata Document sections 4 and 4.1; RFC 6749 section 4.1.2.1.
#[tokio::test(start_paused = true)]
async fn a_document_that_is_none_is_an_unknown_client() {
    let private = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d"}]});
    let good = document(&[]).to_string();
    for changes in [
        ("client_id", json!("https://app.example/other.json")),
        ("client_id", json!("https://claude.ai/client.json")),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("token_endpoint_auth_method", json!("client_secret_post")),
        ("client_secret", json!("x")),
        ("jwks", private),
        ("redirect_uris", json!([])),
        ("redirect_uris", json!(["https://evil.example/cb"])),
        ("client_uri", json!("x".repeat(5 * 1024))),
    ] {
        refused(Page::document(&document(&[changes])), 400, "invalid_client").await;
    }
    for (status, content_type) in [
        (301, "application/json"),
        (302, "application/json"),
        (307, "application/json"),
        (308, "application/json"),
        (404, "application/json"),
        (200, "text/html"),
    ] {
        let page = Page::Answer(status, content_type, good.clone());
        refused(page, 400, "invalid_client").await;
    }
    refused(Page::Inside, 400, "invalid_client").await;
}

// What could not be decided is no refusal, whoever is slow.
#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_had_now_is_worth_another_try() {
    let failing = Page::Answer(503, "text/html", String::new());
    for page in [Page::Broken, Page::Silence, failing] {
        refused(page, 503, "temporarily_unavailable").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_is_waited_for_five_seconds() {
    let (desk, _web) = desk_with(Page::Silence);
    let began = tokio::time::Instant::now();
    desk.get(&client().authorize_path(&[])).await;
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

// OAuth Client ID Metadata Document section 3.
#[tokio::test]
async fn a_url_that_is_no_clients_is_not_fetched() {
    let (desk, web) = desk_with(Page::document(&document(&[])));
    for id in [
        "http://app.example/client.json",
        "https://app.example",
        "https://user@app.example/client.json",
        "https://app.example/client.json#x",
        "https://app.example/a/../client.json",
        "https://app.example:8443/client.json",
        "https://127.0.0.1/client.json",
    ] {
        let client = TestClient { id: id.to_owned() };
        let headers = [("accept", "application/json")];
        let path = client.authorize_path(&[]);
        let reply = desk.send(request(Method::GET, &path, &headers, "")).await;
        assert_eq!(reply.status, 400, "{id}");
        assert_eq!(reply.json()["error"], "invalid_client", "{id}");
    }
    assert_eq!(web.asked(), Vec::<String>::new());
}

// RFC 6749 section 4.1.3: the redirect URI is the one of the authorization request, whatever the
// client publishes by the time that it has its code.
#[tokio::test(start_paused = true)]
async fn what_a_document_says_later_does_not_reach_a_login_under_way() {
    let (desk, web) = desk_with(Page::document(&document(&[])));
    let mut browser = Browser::default();
    let page = browser.open(&desk, &client().authorize_path(&[])).await;
    let change = ("redirect_uris", json!([OTHER_REDIRECT_URI]));
    web.put(ID, Page::document(&document(&[change])));
    // Nobody remembers what was published before.
    tokio::time::advance(Duration::from_secs(24 * 60 * 60)).await;
    let transaction = transaction(&page);
    let form = [
        ("transaction", transaction.as_str()),
        ("decision", "allow"),
        ("name", "alice"),
        ("code", desk.code()),
    ];
    let reply = browser.submit(&desk, &form).await;
    assert!(reply.location().starts_with(REDIRECT_URI), "{}", reply.body);
    let code = reply.sent_along("code").unwrap();
    let refused = redeem_at(&desk, &code, OTHER_REDIRECT_URI).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let tokens = redeem_at(&desk, &code, REDIRECT_URI).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);

    // The next login is by what is published now.
    let refused = desk.get(&client().authorize_path(&[])).await;
    assert_eq!(refused.status, 400);
    let path = client().authorize_path(&[("redirect_uri", OTHER_REDIRECT_URI)]);
    assert_eq!(desk.get(&path).await.status, 200);
}
