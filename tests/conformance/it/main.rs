//! The fixture is where it is meant to be: behind all that stands before Kafka.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::{IdentityProvider, Personality, Server, TokenKind, TokenRecipe, exchange};

#[tokio::test]
async fn the_fixture_stands_behind_the_front_of_the_server() {
    let provider = IdentityProvider::start(Personality::Hmac).await;
    let settings = provider.settings();
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let server = Server::start_other(FIXTURE, &[], &settings).await;
    let token = provider.mint(&TokenRecipe::new(TokenKind::User));
    let with_token = format!("Host: localhost\r\nAuthorization: Bearer {token}\r\n");

    let listed = post(&server, &with_token, &list_tools()).await;
    assert!(listed.starts_with("HTTP/1.1 200 "), "{listed}");
    assert!(listed.contains("test_simple_text"), "{listed}");
    assert!(listed.contains("x-request-id: "), "{listed}");

    let stranger = post(&server, "Host: localhost\r\n", &list_tools()).await;
    assert!(stranger.starts_with("HTTP/1.1 401 "), "{stranger}");
    let elsewhere = post(&server, "Host: evil.example\r\n", &list_tools()).await;
    assert!(elsewhere.starts_with("HTTP/1.1 403 "), "{elsewhere}");
    let two_at_once = post(&server, &with_token, &json!([list_tools()])).await;
    assert!(two_at_once.starts_with("HTTP/1.1 400 "), "{two_at_once}");
    let get = format!("GET /mcp HTTP/1.1\r\n{with_token}Connection: close\r\n\r\n");
    let get = exchange(server.address(), get.as_bytes()).await;
    assert!(get.starts_with("HTTP/1.1 405 "), "{get}");
}

#[tokio::test]
async fn the_fixture_has_sessions_only_where_it_is_told_to() {
    for (arguments, has_session) in [(&[][..], false), (&["--sessions"][..], true)] {
        let server = Server::start_other(FIXTURE, arguments, &[]).await;
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let initialize =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
        let answer = post(&server, "Host: localhost\r\n", &initialize).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_eq!(answer.contains("mcp-session-id: "), has_session, "{answer}");
    }
}

#[test]
fn the_fixture_refuses_what_it_does_not_know() {
    for (arguments, variables, code) in [
        (&["--session"][..], &[][..], 2),
        (&[], &[("MCP_HTTP_PORT", "many")], 2),
        (&[], &[("MCP_TRANSPORT", "stdio")], 1),
    ] {
        let ended = Command::new(FIXTURE)
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output();
        let ended = ended.expect("it starts");
        assert_eq!(ended.status.code(), Some(code), "{ended:?}");
        assert!(!ended.stderr.is_empty(), "{ended:?}");
    }
}

fn list_tools() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })
}

async fn post(server: &Server, headers: &str, message: &Value) -> String {
    let body = message.to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\n{headers}Connection: close\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(server.address(), request.as_bytes()).await
}

const FIXTURE: &str = env!("CARGO_BIN_EXE_conformance-fixture");
