//! A server that is told to stop while it has much to do.

use std::time::Duration;

use kafka_fake::{Api, Fault, FaultRule};
use serde_json::{Value, json};
use testkit::{FakeCluster, Server, eventually, exchange};
use tokio::{net::TcpStream, task::JoinSet, time::Instant};

use crate::faults_on_command::filled;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_calls_in_flight_the_short_ones_finish_and_the_long_ones_are_told() {
    let kafka = FakeCluster::start(1).await;
    let (short, long) = (filled(&kafka, 1).await, kafka.topic(1).await);
    let settings = [
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_TIMEOUT", "30s"),
        ("MCP_SHUTDOWN_GRACE", "5s"),
    ];
    let mut server = Server::start(&settings).await;
    // On the one connection to the broker they wait for each other, together for two seconds.
    let slow = Fault::Delay(Duration::from_millis(50));
    kafka
        .cluster()
        .inject(FaultRule::new(slow).api(Api::ListOffsets));
    let mut calls = JoinSet::new();
    let address = server.address();
    for n in 0..20 {
        let arguments = match n % 2 {
            0 => json!({"topics": [short.as_str()], "position": "earliest"}),
            _ => json!({
                "topics": [long.as_str()], "position": "latest", "wait_ms": 25_000,
            }),
        };
        let request = call(address, &arguments);
        calls.spawn(async move { (n % 2, exchange(address, request.as_bytes()).await) });
    }
    eventually("all calls", || async {
        (kafka.cluster().request_count(Api::ListOffsets) >= 1
            && server.metric("kafka_mcp_http_connections").await >= 21.0)
            .then_some(())
    })
    .await;
    server.signal("TERM").await;
    let told = Instant::now();
    eventually("a closed port", || async {
        TcpStream::connect(address).await.is_err().then_some(())
    })
    .await;
    assert!(
        told.elapsed() < Duration::from_secs(1),
        "{:?}",
        told.elapsed()
    );
    for (is_long, answer) in calls.join_all().await {
        match is_long {
            0 => assert!(answer.contains("\"messages\""), "{answer}"),
            _ => assert!(answer.contains("shutting_down"), "{answer}"),
        }
    }
    let status = server.ended().await;
    assert_eq!(status.code(), Some(0), "{}", server.log());
    let took = told.elapsed();
    assert!(took < Duration::from_millis(5_500), "took {took:?}");
}

fn call(address: std::net::SocketAddr, arguments: &Value) -> String {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "consume_messages", "arguments": arguments},
    })
    .to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAccept: application/json, text/event-stream\r\n\
         Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
