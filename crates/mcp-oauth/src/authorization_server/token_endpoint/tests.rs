//! The form of requests and answers (RFC 6749 sections 3.2, 5.1 and 5.2).

use http::{
    HeaderValue, Method, StatusCode,
    header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE},
};

use super::*;
use crate::authorization_server::{
    family::Lifetimes,
    grant::Renewal,
    key_ring::KeyRing,
    replica::{Answer, Replica, World, form, post},
};

async fn send(server: &Replica, change: impl FnOnce(&mut Parts), body: &str) -> Answer {
    let (mut head, ()) = post().into_parts();
    change(&mut head);
    Answer::of(server.tokens.answer(&head, body.as_bytes()).await).await
}

// RFC 6749 section 5.1.
#[tokio::test]
async fn the_answer_has_what_the_rfc_asks_for_and_nothing_of_the_provider() {
    let server = World::new().replica();
    let tokens = server.log_in_upstream().await;
    assert_eq!(tokens.text("token_type"), "Bearer");
    assert_eq!(tokens.body["expires_in"], 900);
    assert_eq!(tokens.text("scope"), "kafka:write");
    assert_eq!(tokens.headers[CONTENT_TYPE], "application/json");
    assert_eq!(tokens.headers[CACHE_CONTROL], "no-store");
    assert_eq!(tokens.headers[PRAGMA], "no-cache");
    let mut members: Vec<_> = tokens.body.as_object().unwrap().keys().collect();
    members.sort();
    let expected = [
        "access_token",
        "expires_in",
        "refresh_token",
        "scope",
        "token_type",
    ];
    assert_eq!(members, expected);
    assert!(!tokens.body.to_string().contains("upstream"));
}

// RFC 6749 section 3.2: "The client MUST use the HTTP "POST" method".
#[tokio::test]
async fn other_methods_are_not_allowed() {
    let server = World::new().replica();
    for method in [Method::GET, Method::PUT, Method::HEAD] {
        let refused = send(&server, |head| head.method = method, "").await;
        refused.expect(405, "invalid_request");
        assert_eq!(refused.headers[ALLOW], "POST");
    }
}

// RFC 6749 appendix B, section 3.2.
#[tokio::test]
async fn bodies_that_are_no_single_form_are_refused() {
    let server = World::new().replica();
    for content_type in [
        "application/json",
        "multipart/form-data; boundary=x",
        "application/json, application/x-www-form-urlencoded",
    ] {
        let content_type = HeaderValue::from_static(content_type);
        let change = |head: &mut Parts| {
            head.headers.insert(CONTENT_TYPE, content_type);
        };
        let refused = send(&server, change, "grant_type=refresh_token").await;
        refused.expect(400, "invalid_request");
        assert_eq!(refused.headers[CACHE_CONTROL], "no-store");
    }
    for body in [
        "",
        "grant_type=refresh_token&grant_type=refresh_token",
        "grant_type=%",
        "grant_type=refresh_token",
        "grant_type=refresh_token&client_id=",
    ] {
        server.ask(body).await.expect(400, "invalid_request");
    }
}

// RFC 6749 section 3.2: parameters "MUST NOT be included in the request URI" (section 2.3.1).
#[tokio::test]
async fn parameters_in_the_query_are_not_read() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let parameters = form(
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.refresh_token()),
            ("client_id", &server.client),
        ],
        &[],
    );
    let uri = format!("/oauth/token?{parameters}").parse().unwrap();
    let refused = send(&server, |head| head.uri = uri, "").await;
    refused.expect(400, "invalid_request");
}

// RFC 6749 section 5.2.
#[tokio::test]
async fn other_grant_types_are_not_supported() {
    let server = World::new().replica();
    for grant_type in [
        "password",
        "client_credentials",
        "implicit",
        "Refresh_Token",
    ] {
        let form = format!("grant_type={grant_type}&client_id={}", server.client);
        server
            .ask(&form)
            .await
            .expect(400, "unsupported_grant_type");
    }
}

// RFC 6749 section 5.2: "The authenticated client is not authorized to use this authorization grant
// type."
#[tokio::test]
async fn a_client_that_registered_without_refresh_tokens_uses_none() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let client = server.client_with(r#"["authorization_code"]"#);
    let change = [("client_id", client.as_str())];
    let refused = server.refresh(tokens.refresh_token(), &change).await;
    refused.expect(400, "unauthorized_client");
}

#[tokio::test]
async fn a_grant_that_is_not_renewed_comes_without_a_refresh_token() {
    let world = World::new();
    let server = world.replica();
    let code = server.code_with(Renewal::Never).await;
    let tokens = server.redeem(&code, &[]).await;
    assert!(tokens.body.get("refresh_token").is_none(), "{tokens:?}");
    assert!(server.admits(tokens.access_token()).await);
}

// RFC 6749 section 5.2: the client is told to register again.
#[tokio::test]
async fn a_client_whose_id_is_not_known_any_more_is_told_so() {
    let mut world = World::new();
    let server = world.replica();
    let code = server.code().await;
    let forged = format!("{}A", server.client);
    let refused = server.redeem(&code, &[("client_id", &forged)]).await;
    refused.expect(400, "invalid_client");
    world.keys = KeyRing::new(&"another secret of thirty-two bytes".into(), &[]).unwrap();
    let change = [("client_id", server.client.as_str())];
    let refused = world.replica().redeem(&code, &change).await;
    refused.expect(400, "invalid_client");
}

// RFC 6749 section 5.2: "the authorization server MUST respond with an HTTP 401 (Unauthorized)
// status code and include the "WWW-Authenticate" response header field".
// RFC 7617 section 2: "The authentication parameter 'realm' is REQUIRED".
#[tokio::test]
async fn credentials_of_clients_are_none_that_were_given_here() {
    let server = World::new().replica();
    let code = server.code().await;
    let body = form(
        &[("grant_type", "authorization_code"), ("code", &code)],
        &[],
    );
    let authorization = HeaderValue::from_static("Basic eDp5");
    let change = |head: &mut Parts| {
        head.headers.insert(AUTHORIZATION, authorization);
    };
    let refused = send(&server, change, &body).await;
    refused.expect(401, "invalid_client");
    assert_eq!(refused.headers[WWW_AUTHENTICATE], "Basic realm=\"OAuth\"");
}

// RFC 7009 section 2.2 and RFC 6749 section 10.4 rest on tokens being told apart: nothing that was
// made for one use passes for another.
#[tokio::test]
async fn codes_tokens_and_ids_do_not_pass_for_each_other() {
    let server = World::new().replica();
    let code = server.code().await;
    let tokens = server.log_in().await;
    let (access, refresh) = (tokens.access_token(), tokens.refresh_token());
    for wrong in [refresh, access, &server.client] {
        let refused = server.redeem(wrong, &[]).await;
        refused.expect(400, "invalid_grant");
    }
    for wrong in [code.as_str(), access, &server.client] {
        let refused = server.refresh(wrong, &[]).await;
        refused.expect(400, "invalid_grant");
    }
    for wrong in [code.as_str(), refresh, &server.client] {
        assert!(!server.admits(wrong).await);
    }
    for wrong in [code.as_str(), refresh, access] {
        let refused = server.redeem(&code, &[("client_id", wrong)]).await;
        refused.expect(400, "invalid_client");
    }
    assert!(server.admits(access).await);
    assert_eq!(server.refresh(refresh, &[]).await.status, StatusCode::OK);
}

// A restart with the memory store: people log in again, and nothing loops.
#[tokio::test]
async fn what_the_store_lost_has_ended() {
    let before = World::new();
    let server = before.replica();
    let (code, tokens) = (server.code().await, server.log_in().await);
    let after = World::new().replica();
    let refused = after.redeem(&code, &[]).await;
    refused.expect(400, "invalid_grant");
    let refused = after.refresh(tokens.refresh_token(), &[]).await;
    refused.expect(400, "invalid_grant");
    assert!(!after.admits(tokens.access_token()).await);
}

// What a client asks for at an address of its own was decided at the login.
#[tokio::test]
async fn a_client_with_a_url_for_an_id_is_not_looked_up_again() {
    let world = World::new();
    let mut server = world.replica();
    server.client = "https://client.example/metadata.json".to_owned();
    let tokens = server.log_in().await;
    let refreshed = server.refresh(tokens.refresh_token(), &[]).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
}

#[tokio::test]
async fn an_access_token_lives_for_an_hour_at_most() {
    let mut world = World::new();
    world.lifetimes.access_token = Lifetimes::MAX_ACCESS_TOKEN * 2;
    let tokens = world.replica().log_in().await;
    assert_eq!(tokens.body["expires_in"], 3600);
}
