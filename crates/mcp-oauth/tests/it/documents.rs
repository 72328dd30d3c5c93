//! The documents at well-known addresses.

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use mcp_oauth::{Published, ResourceServer};
use serde_json::{Value, json};

use crate::issuer::{FakeIssuer, JWKS, METADATA, headers, server, server_with};

const RESOURCE_FORMS: [&str; 2] = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
];
const ISSUER_FORMS: [&str; 4] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/mcp",
];
const KEYS: &str = "/.well-known/jwks.json";

fn ask(server: &ResourceServer, method: Method, path: &str) -> Response<Full<Bytes>> {
    server.respond(&method, path, &HeaderMap::new()).unwrap()
}

async fn text_of(reply: Response<Full<Bytes>>) -> String {
    let body = reply.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().into()).unwrap()
}

// RFC 9728 section 2.
#[tokio::test]
async fn the_resource_is_described_at_both_forms() {
    let server = server();
    for path in RESOURCE_FORMS {
        let reply = ask(&server, Method::GET, path);
        assert_eq!(reply.status(), StatusCode::OK);
        assert_eq!(reply.headers()[header::CONTENT_TYPE], "application/json");
        let document: Value = serde_json::from_str(&text_of(reply).await).unwrap();
        let expected = json!({
            "resource": "https://mcp.example/mcp",
            "authorization_servers": ["https://idp.example"],
            "scopes_supported": ["kafka:read", "kafka:write"],
            "bearer_methods_supported": ["header"],
        });
        assert_eq!(document, expected, "{path}");
    }
    assert_eq!(server.resource(), "https://mcp.example/mcp");
    assert!(server.resource_metadata().ends_with(RESOURCE_FORMS[1]));
}

#[tokio::test]
async fn no_header_of_the_request_reaches_a_document() {
    let misleading = headers([
        ("host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
    ]);
    let server = server();
    let reply = server.respond(&Method::GET, RESOURCE_FORMS[0], &misleading);
    let plain = ask(&server, Method::GET, RESOURCE_FORMS[0]);
    assert_eq!(text_of(reply.unwrap()).await, text_of(plain).await);
}

#[tokio::test]
async fn the_server_is_known_by_one_spelling_of_its_url() {
    for spelling in ["HTTPS://MCP.Example:443", "https://mcp.example/"] {
        let configure = |config: &mut mcp_oauth::ResourceServerConfig| {
            config.server_url = spelling.to_owned();
        };
        let server = server_with(configure, FakeIssuer::new());
        assert_eq!(server.resource(), "https://mcp.example/mcp");
    }
}

#[tokio::test]
async fn another_endpoint_moves_its_documents() {
    let configure = |config: &mut mcp_oauth::ResourceServerConfig| {
        config.mcp_path = "/api/mcp".to_owned();
    };
    let server = server_with(configure, FakeIssuer::new());
    let path = "/.well-known/oauth-protected-resource/api/mcp";
    let document = text_of(ask(&server, Method::GET, path)).await;
    assert!(document.contains("https://mcp.example/api/mcp"));
    let gone = server.respond(&Method::GET, RESOURCE_FORMS[1], &HeaderMap::new());
    assert!(gone.is_none());
}

// RFC 8414 section 3.3: clients compare the issuer in it with what they were told.
#[tokio::test]
async fn the_documents_of_the_issuer_are_passed_on_to_the_byte() {
    let server = server();
    for path in ISSUER_FORMS {
        let reply = ask(&server, Method::GET, path);
        assert_eq!(reply.headers()[header::CONTENT_TYPE], "application/json");
        assert_eq!(text_of(reply).await, METADATA, "{path}");
    }
    assert_eq!(text_of(ask(&server, Method::GET, KEYS)).await, JWKS);
}

#[tokio::test]
async fn documents_that_are_not_there_yet_are_worth_another_try() {
    let issuer = FakeIssuer {
        metadata: Published::NotYet,
        jwks: Published::NotYet,
    };
    let server = server_with(|_| {}, issuer);
    for path in ISSUER_FORMS.into_iter().chain([KEYS]) {
        let reply = ask(&server, Method::GET, path);
        assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(reply.headers().contains_key(header::RETRY_AFTER));
    }
    let reply = ask(&server, Method::GET, RESOURCE_FORMS[0]);
    assert_eq!(reply.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_issuer_that_publishes_nothing_has_no_metadata_and_no_keys() {
    let issuer = FakeIssuer {
        metadata: Published::Nothing,
        jwks: Published::Nothing,
    };
    let server = server_with(|_| {}, issuer);
    for path in ISSUER_FORMS {
        let reply = ask(&server, Method::GET, path);
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let keys = ask(&server, Method::GET, KEYS);
    assert_eq!(text_of(keys).await, r#"{"keys":[]}"#);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = server();
    for path in RESOURCE_FORMS.into_iter().chain(ISSUER_FORMS).chain([KEYS]) {
        let get = ask(&server, Method::GET, path);
        let head = ask(&server, Method::HEAD, path);
        assert_eq!(get.status(), head.status());
        assert_eq!(get.headers(), head.headers());
        let length = text_of(get).await.len().to_string();
        assert_eq!(head.headers()[header::CONTENT_LENGTH], length.as_str());
        assert_eq!(text_of(head).await, "");
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let server = server();
    for path in RESOURCE_FORMS.into_iter().chain(ISSUER_FORMS).chain([KEYS]) {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::TRACE] {
            let reply = ask(&server, method, path);
            assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(reply.headers()[header::ALLOW], "GET, HEAD, OPTIONS");
        }
        let reply = ask(&server, Method::OPTIONS, path);
        assert_eq!(reply.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(reply.headers()[header::ALLOW], "GET, HEAD, OPTIONS");
    }
}

#[tokio::test]
async fn what_an_authorization_server_answers_is_not_found() {
    let server = server();
    for path in [
        "/oauth/authorize",
        "/oauth/callback",
        "/oauth/token",
        "/oauth/register",
        "/oauth/revoke",
        "/authorize",
        "/token",
        "/register",
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let reply = ask(&server, method, path);
            assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[test]
fn all_else_is_left_to_the_host() {
    let server = server();
    for path in [
        "/",
        "/mcp",
        "/healthz",
        "/oauth",
        "/tokens",
        "/.well-known/security.txt",
    ] {
        let answer = server.respond(&Method::GET, path, &HeaderMap::new());
        assert!(answer.is_none(), "{path}");
    }
}
