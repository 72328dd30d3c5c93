//! Who is not let in, and what they are told.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use mcp_oauth::Refusal;

use crate::issuer::{bearer, headers, server};

const BARE: &str = "Bearer \
    resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\", \
    scope=\"kafka:read kafka:write\"";
const INVALID: &str = "Bearer error=\"invalid_token\", \
    resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\", \
    scope=\"kafka:read kafka:write\"";

async fn refusal(headers: HeaderMap) -> Refusal {
    server().authenticate(&headers).await.unwrap_err()
}

async fn text_of(reply: Response<Full<Bytes>>) -> String {
    let body = reply.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().into()).unwrap()
}

#[track_caller]
fn check(refusal: Refusal, status: StatusCode, challenge: &str) {
    assert_eq!(refusal.status(), status);
    let reply = refusal.into_response();
    let challenges: Vec<_> = reply
        .headers()
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .collect();
    assert_eq!(challenges, [challenge]);
    assert_eq!(reply.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(reply.headers()[header::CACHE_CONTROL], "no-store");
}

// RFC 6750 section 3.1: who presents no credentials is told of no error.
#[tokio::test]
async fn without_a_token_the_challenge_is_bare() {
    for none in [
        HeaderMap::new(),
        headers([("authorization", "Basic eDp5")]),
        headers([("authorization", "DPoP abc")]),
        headers([("authorization", "")]),
    ] {
        check(refusal(none).await, StatusCode::UNAUTHORIZED, BARE);
    }
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_called_invalid() {
    for token in ["expired", "forged", "garbage"] {
        check(
            refusal(bearer(token)).await,
            StatusCode::UNAUTHORIZED,
            INVALID,
        );
    }
}

// RFC 6750 section 2.1.
#[tokio::test]
async fn what_is_no_bearer_token_is_invalid() {
    for value in [
        "Bearer",
        "Bearer ",
        "Bearer  read",
        "Bearer read x",
        "bearer \"read\"",
    ] {
        let headers = headers([("authorization", value)]);
        check(refusal(headers).await, StatusCode::UNAUTHORIZED, INVALID);
    }
    let twice = [
        ("authorization", "Bearer read"),
        ("authorization", "Bearer read"),
    ];
    check(
        refusal(headers(twice)).await,
        StatusCode::UNAUTHORIZED,
        INVALID,
    );
    let mixed = [
        ("authorization", "Basic eDp5"),
        ("authorization", "Bearer read"),
    ];
    check(
        refusal(headers(mixed)).await,
        StatusCode::UNAUTHORIZED,
        INVALID,
    );
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let lower = headers([("authorization", "bearer read")]);
    let accepted = server().authenticate(&lower).await.unwrap();
    assert_eq!(accepted.principal.subject, "alice");
}

// A body that differed would tell an attacker which check to get past next.
#[tokio::test]
async fn answers_to_bad_tokens_are_the_same_to_the_byte() {
    let mut answers = Vec::new();
    for token in ["expired", "forged", "garbage", "a=b"] {
        let reply = refusal(bearer(token)).await.into_response();
        let headers = format!("{:?}", reply.headers());
        answers.push((reply.status(), headers, text_of(reply).await));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_no_fault_of_the_token() {
    let reply = refusal(bearer("down")).await.into_response();
    assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.headers()[header::RETRY_AFTER], "7");
    assert!(!reply.headers().contains_key(header::WWW_AUTHENTICATE));
    assert!(!text_of(reply).await.contains("nobody answers"));
}

// RFC 6750 section 3.1: the scope is all that is needed, not what is missing.
#[tokio::test]
async fn a_token_short_of_scopes_is_told_all_that_is_needed() {
    let server = server();
    let read = server.authenticate(&bearer("read")).await.unwrap();
    let call = br#"{"method":"tools/call","params":{"name":"produce_message"}}"#;
    let refusal = server
        .authorize(&read.principal, &HeaderMap::new(), call)
        .unwrap_err();
    let challenge = INVALID.replace("invalid_token", "insufficient_scope");
    check(refusal, StatusCode::FORBIDDEN, &challenge);
}

#[tokio::test]
async fn a_valid_token_without_scopes_may_do_nothing() {
    let server = server();
    let none = server.authenticate(&bearer("none")).await.unwrap();
    for body in [
        "",
        r#"{"method":"ping"}"#,
        r#"{"method":"tools/list"}"#,
        "{",
    ] {
        let verdict = server.authorize(&none.principal, &HeaderMap::new(), body.as_bytes());
        assert_eq!(
            verdict.unwrap_err().status(),
            StatusCode::FORBIDDEN,
            "{body}"
        );
    }
}

// The challenge names URLs, and nothing of the request may choose where clients are sent.
#[tokio::test]
async fn no_header_of_the_request_reaches_the_challenge() {
    let misleading = headers([
        ("host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-uri", "/healthz"),
        ("x-original-url", "/healthz"),
        ("x-forwarded-user", "admin"),
        ("x_forwarded_user", "admin"),
    ]);
    check(refusal(misleading).await, StatusCode::UNAUTHORIZED, BARE);
}
