//! Standard input that is too long or ends, and an output that nobody reads.

use serde_json::json;
use testkit::{FakeCluster, PipedServer, bound};

#[tokio::test]
async fn a_line_of_100_mb_is_refused_with_little_memory_and_the_next_one_is_answered() {
    let mut server = PipedServer::start(&SETTINGS).await;
    server.initialize().await;
    // The longest line that is kept has to be paid for once.
    server.send(&[b'x'; 5_000_000]).await;
    server.send(b"\n").await;
    server.receive().await;
    let before = server.resident_bytes();
    for _ in 0..100 {
        server.send(&[b'x'; 1_000_000]).await;
    }
    server.send(b"\n").await;
    let answer = server.receive().await;
    assert_eq!(answer["error"]["code"], -32600, "{answer}");
    let grown = server.resident_bytes().saturating_sub(before);
    // Far below what was sent; beside others the allocator hands less back.
    assert!(grown < bound(8, 16) * 1024 * 1024, "{grown} bytes");
    let ping = json!({"jsonrpc": "2.0", "id": 7, "method": "ping"});
    assert_eq!(server.ask(&ping).await["id"], 7);
    server.ends_with_its_input().await;
}

#[tokio::test]
async fn an_input_that_ends_within_a_line_or_a_call_ends_the_server_with_success_in_a_second() {
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "list_topics", "arguments": {}},
    });
    for last in [
        String::new(),
        "{\"jsonrpc\":".to_owned(),
        format!("{call}\n"),
    ] {
        let mut server = PipedServer::start(&SETTINGS).await;
        server.initialize().await;
        server.send(last.as_bytes()).await;
        server.ends_with_its_input().await;
    }
}

#[tokio::test]
async fn an_output_that_nobody_reads_ends_the_server_without_a_panic() {
    let mut server = PipedServer::start(&SETTINGS).await;
    server.initialize().await;
    server.close_output();
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    for _ in 0..3 {
        // Once it has ended, its input is closed as well.
        server.try_send(format!("{ping}\n").as_bytes()).await;
    }
    let status = server.ended().await;
    assert!(status.code().is_some(), "{status:?}: {}", server.log());
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn a_normal_end_after_a_write_is_nothing_to_warn_of() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let mut server = PipedServer::start(&[("KAFKA_BROKERS", kafka.brokers())]).await;
    server.initialize().await;
    let write = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "produce_message", "arguments": {"topic": topic.as_str(), "value": "x"}},
    });
    let answer = server.ask(&write).await;
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    server.ends_with_its_input().await;
    assert!(!server.log().contains("WARN"), "{}", server.log());
}

const SETTINGS: [(&str, &str); 1] = [("KAFKA_BROKERS", "127.0.0.1:1")];
