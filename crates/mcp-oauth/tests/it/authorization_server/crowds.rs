//! Strangers, and many of them.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use super::{
    browser::{REDIRECT_URI, TestClient},
    callback::Away,
    desk::{Desk, request},
};

/// Registers a client of this name, without a connection.
async fn register(desk: &Desk, name: &str) -> TestClient {
    let headers = [("content-type", "application/json")];
    let (head, _) = request(Method::POST, "/oauth/register", &headers, "").into_parts();
    let body = json!({ "client_name": name, "redirect_uris": [REDIRECT_URI] });
    let body: Full<Bytes> = Full::from(body.to_string());
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let reply = desk.server.respond(&head, body, peer).await;
    assert_eq!(reply.status(), 201);
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let id = body["client_id"].as_str().unwrap().to_owned();
    TestClient { id }
}

// RFC 7591 section 5: registration is open, so it must cost nothing to keep.
#[tokio::test]
async fn ten_thousand_registrations_leave_nothing_behind() {
    let desk = Desk::with(|config| config.ceiling = None);
    let first = register(&desk, "0").await;
    for number in 1..10_000 {
        register(&desk, &number.to_string()).await;
    }
    assert_eq!(desk.calls_of_the_store(), 0);
    assert_eq!(register(&desk, "0").await.id, first.id);
    assert_eq!(desk.get(&first.authorize_path(&[])).await.status, 200);
}

// Hosted clients share addresses: the ceiling is one for all that an address asks, and is not used
// up for good.
#[tokio::test(start_paused = true)]
async fn one_address_registers_so_often_and_no_more() {
    let desk = Desk::with(|config| {
        config.ceiling = Some(mcp_oauth::Ceiling {
            per_minute: 60,
            burst: 5,
        });
    });
    let body = json!({ "redirect_uris": [REDIRECT_URI] });
    for _ in 0..5 {
        let registered = desk.post_json("/oauth/register", &body).await;
        assert_eq!(registered.status, 201);
    }
    for path in ["/oauth/register", "/register"] {
        let refused = desk.post_json(path, &body).await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.json()["error"], "temporarily_unavailable");
    }
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    let registered = desk.post_json("/oauth/register", &body).await;
    assert_eq!(registered.status, 201);
}

#[tokio::test]
async fn two_thousand_who_ask_to_log_in_leave_nothing_behind() {
    let desk = Desk::with(|config| config.ceiling = None);
    let client = TestClient::register(&desk).await;
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    for number in 0..2_000 {
        let state = number.to_string();
        let path = client.authorize_path(&[("state", &state)]);
        let (head, body) = request(Method::GET, &path, &[], "").into_parts();
        let page = desk.server.respond(&head, body, peer).await;
        assert_eq!(page.status(), 200);
    }
    assert_eq!(desk.calls_of_the_store(), 0);
}

#[tokio::test]
async fn who_goes_to_the_provider_and_does_not_come_back_leaves_nothing_behind() {
    let away = Away::new().await;
    for _ in 0..200 {
        away.beside().await;
    }
    assert!(away.desk.store_is_untouched());
}
