//! What bounds streams, and what must not.

use std::time::Duration;

use rmcp::model::SubscriptionFilter;
use serde_json::json;
use testkit::{McpClient, Server, Transport, eventually};
use tokio::time::Instant;

use super::{Listener, OVERVIEW};

/// A Kafka that is not there is no reason not to listen.
const NO_KAFKA: [(&str, &str); 2] = [
    ("KAFKA_BROKERS", "127.0.0.1:1"),
    ("KAFKA_MCP_TIMEOUT", "1s"),
];

async fn server(more: &[(&str, &str)]) -> Server {
    Server::start(&[&NO_KAFKA, more].concat()).await
}

async fn open_streams(server: &Server, count: f64) {
    eventually("that many streams", async || {
        (server.metric("kafka_mcp_streams").await == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_quiet_stream_outlives_the_idle_timeout_of_connections() {
    let server = server(&[("MCP_HTTP_IDLE_TIMEOUT", "300ms")]).await;
    let mut listener = Listener::at(&server, None).await;
    listener.is_silent_for(Duration::from_secs(3)).await;
}

// Proxies close what says nothing for a minute.
#[tokio::test]
async fn a_quiet_stream_says_now_and_then_that_it_is_there() {
    let server = server(&[]).await;
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen",
        "params": {
            "notifications": {"resourceSubscriptions": [OVERVIEW]},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    // The HTTP client panics without one, although nothing here is encrypted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let response = reqwest::Client::new()
        .post(server.endpoint())
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "subscriptions/listen")
        .body(message.to_string());
    let mut response = response.send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut read = String::new();
    let started = Instant::now();
    while !read.contains("\n:") {
        let chunk = tokio::time::timeout(Duration::from_secs(30), response.chunk()).await;
        let chunk = chunk.expect("a comment").expect("a stream").expect("more");
        read.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(
        read.contains("notifications/subscriptions/acknowledged"),
        "{read}"
    );
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn streams_leave_the_places_of_calls_and_have_a_ceiling_of_their_own() {
    let ceilings = [
        ("MCP_HTTP_MAX_CONCURRENT_CALLS", "1"),
        ("KAFKA_MCP_MAX_STREAMS", "2"),
    ];
    let server = server(&ceilings).await;
    let first = Listener::at(&server, None).await;
    let _second = Listener::at(&server, None).await;
    open_streams(&server, 2.0).await;

    let client = McpClient::modern_at(&server, None).await.expect("a place");
    client.list_all_tools().await.expect("a place");
    let filter = SubscriptionFilter::builder()
        .resource_subscription(OVERVIEW)
        .build();
    let refused = client.listen(filter.clone()).await.expect_err("no place");
    assert!(
        refused.to_string().contains("KAFKA_MCP_MAX_STREAMS"),
        "{refused}"
    );

    first.close().await;
    open_streams(&server, 1.0).await;
    client.listen(filter).await.expect("a place");
}

#[tokio::test]
async fn a_stream_is_audited_when_it_begins_and_when_it_ends() {
    let server = server(&[]).await;
    Listener::at(&server, None).await.close().await;
    let opened = server.logged("stream opened").await;
    assert!(
        opened.contains("audit") && opened.contains("resources=1"),
        "{opened}"
    );
    let closed = server.logged("name=\"listen\"").await;
    assert!(closed.contains("outcome=\"closed\""), "{closed}");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_that_stops_ends_its_streams_and_does_not_wait_for_them() {
    let mut server = server(&[("MCP_SHUTDOWN_GRACE", "10s")]).await;
    let mut listener = Listener::at(&server, None).await;
    let asked = Instant::now();
    server.signal("TERM").await;
    listener.ends_gracefully().await;
    assert!(server.ended().await.success());
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn pipes_carry_a_stream_beside_calls_until_it_is_cancelled() {
    let client = McpClient::modern(Transport::Stdio, &NO_KAFKA).await;
    let mut stream = Listener::with(&client, &[OVERVIEW]).await;
    client.service().list_all_tools().await.expect("tools");
    stream.goes_on().await;
    stream.close().await;
    eventually("its end", async || {
        client.log().contains("outcome=\"closed\"").then_some(())
    })
    .await;
}
