//! Which messages need which scopes.

use http::{HeaderMap, StatusCode};
use mcp_oauth::{ResourceServer, ScopePolicy};
use mcp_oauth_token::Principal;

use crate::issuer::{FakeIssuer, bearer, headers, server, server_with};

async fn holder(server: &ResourceServer, token: &str) -> std::sync::Arc<Principal> {
    server.authenticate(&bearer(token)).await.unwrap().principal
}

/// The status of the refusal of a message of somebody who may read.
async fn refused(headers: HeaderMap, body: &str) -> Option<StatusCode> {
    let server = server();
    let reader = holder(&server, "read").await;
    let verdict = server.authorize(&reader, &headers, body.as_bytes());
    verdict.err().map(|refusal| refusal.status())
}

const PRODUCE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"produce_message","arguments":{}}}"#;
const COMPLETE: &str = r#"{"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"produce_message"},"argument":{"name":"topic","value":"o"}}}"#;
const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

#[tokio::test]
async fn whoever_may_read_may_do_all_but_call_what_writes() {
    for body in [
        LIST,
        "",
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"method":"resources/read","params":{"uri":"kafka-mcp://overview"}}"#,
        r#"{"method":"prompts/get","params":{"name":"produce_message"}}"#,
        COMPLETE,
        r#"{"method":"tools/call","params":{"name":"list_topics"}}"#,
        r#"{"method":"tools/call","params":{"name":"no_such_tool"}}"#,
        r#"{"method":"tools/call","params":{"name":"list_topics","arguments":{"name":"produce_message"}}}"#,
        "{ no JSON",
    ] {
        assert_eq!(refused(HeaderMap::new(), body).await, None, "{body}");
    }
    let verdict = refused(HeaderMap::new(), PRODUCE).await;
    assert_eq!(verdict, Some(StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn whoever_may_not_read_completes_nothing_and_reads_no_resource() {
    let server = server();
    let stranger = holder(&server, "none").await;
    let read = r#"{"method":"resources/read","params":{"uri":"kafka-mcp://topic/orders"}}"#;
    for body in [COMPLETE, read] {
        let verdict = server.authorize(&stranger, &HeaderMap::new(), body.as_bytes());
        let status = verdict.unwrap_err().status();
        assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    }
}

#[tokio::test]
async fn whoever_may_write_may_call_what_writes() {
    let server = server();
    let writer = holder(&server, "write").await;
    for body in [PRODUCE, LIST, "[]"] {
        let verdict = server.authorize(&writer, &HeaderMap::new(), body.as_bytes());
        assert!(verdict.is_ok(), "{body}");
    }
}

#[tokio::test]
async fn escaped_and_reordered_calls_are_calls() {
    for body in [
        r#"{"params":{"arguments":{},"name":"produce_message"},"method":"tools/call"}"#,
        r#"{"m\u0065thod":"tools/call","params":{"n\u0061me":"produce_messag\u0065"}}"#,
        r#" {"method" : "tools\/call" , "params" : {"name":"produce_message"}} trailing"#,
        "[{\"method\":\"tools/call\",\"params\":{\"name\":\"produce_message\"}}]",
        "\n[]",
    ] {
        let verdict = refused(HeaderMap::new(), body).await;
        assert_eq!(verdict, Some(StatusCode::FORBIDDEN), "{body}");
    }
}

// RFC 8259 section 4: parsers differ in which of two members they take.
#[tokio::test]
async fn messages_with_two_readings_are_refused() {
    for body in [
        r#"{"method":"ping","method":"tools/call","params":{"name":"produce_message"}}"#,
        r#"{"method":"tools/call","params":{"name":"produce_message"},"params":{"name":"x"}}"#,
        r#"{"method":"tools/call","params":{"name":"list_topics","name":"produce_message"}}"#,
        r#"{"method":"tools/call","params":[null,"produce_message",{}]}"#,
    ] {
        let verdict = refused(HeaderMap::new(), body).await;
        assert_eq!(verdict, Some(StatusCode::BAD_REQUEST), "{body}");
    }
}

// SEP-2243: the headers repeat the body. Where they disagree, the stricter reading counts.
#[tokio::test]
async fn headers_that_name_a_call_count_like_the_body() {
    let agreeing = [("mcp-method", "tools/call"), ("mcp-name", "list_topics")];
    let body = r#"{"method":"tools/call","params":{"name":"list_topics"}}"#;
    assert_eq!(refused(headers(agreeing), body).await, None);

    let forbidden = Some(StatusCode::FORBIDDEN);
    let milder = [("mcp-method", "tools/list"), ("mcp-name", "list_topics")];
    assert_eq!(refused(headers(milder), PRODUCE).await, forbidden);
    let other_tool = [
        ("mcp-method", "tools/call"),
        ("mcp-name", "produce_message"),
    ];
    for body in [LIST, body, "", "{"] {
        assert_eq!(
            refused(headers(other_tool), body).await,
            forbidden,
            "{body}"
        );
    }
    let second = [
        ("mcp-method", "tools/call"),
        ("mcp-name", "list_topics"),
        ("mcp-name", "produce_message"),
    ];
    assert_eq!(refused(headers(second), body).await, forbidden);
    let encoded = [
        ("mcp-method", "tools/call"),
        ("mcp-name", "=?base64?cHJvZHVjZV9tZXNzYWdl?="),
    ];
    assert_eq!(refused(headers(encoded), LIST).await, forbidden);
}

#[tokio::test]
async fn methods_and_unlisted_tools_can_need_more() {
    let policy = ScopePolicy::new("kafka:read".parse().unwrap())
        .method("completion/complete", "kafka:admin".parse().unwrap())
        .other_tools("kafka:write".parse().unwrap());
    let server = server_with(|config| config.scope_policy = policy, FakeIssuer::new());
    let reader = holder(&server, "read").await;
    for body in [
        r#"{"method":"completion/complete"}"#,
        r#"{"method":"tools/call","params":{"name":"new_tool"}}"#,
    ] {
        let verdict = server.authorize(&reader, &HeaderMap::new(), body.as_bytes());
        assert_eq!(
            verdict.unwrap_err().status(),
            StatusCode::FORBIDDEN,
            "{body}"
        );
    }
}
