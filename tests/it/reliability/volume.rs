//! Very many records, and very many connections.

use std::time::Duration;

use kafka_fake::Record;
use serde_json::json;
use testkit::{FakeCluster, Server, bound, measured, raise_descriptor_limit, skip};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

use super::server_of;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_of_a_million_records_is_bounded_whatever_its_limit_and_position() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(4).await;
    for partition in 0..4 {
        for batch in 0..25 {
            let records = (0..10_000).map(|n| Record::new(format!("{partition}-{batch}-{n}")));
            let written = kafka.cluster().append(topic.as_str(), partition, records);
            written.expect("written");
        }
    }
    let client = server_of(&kafka, &[]).await;
    let server = client.server();
    client
        .result("describe_topic", json!({"topic_name": topic.as_str()}))
        .await;
    let before = server.metric("process_resident_memory_bytes").await;
    for position in ["earliest", "recent", "latest"] {
        for limit in [1, 100, 1_000] {
            let case = format!("{limit} from {position}");
            let started = Instant::now();
            let arguments = json!({
                "topics": [topic.as_str()], "position": position, "max_messages": limit,
            });
            let result = client
                .call("consume_messages", arguments)
                .await
                .expect("an answer");
            let took = started.elapsed();
            let answer = result.structured_content.expect("structured content");
            assert_ne!(result.is_error, Some(true), "{case}: {answer}");
            assert!(took < Duration::from_secs(11), "{case} took {took:?}");
            let found = answer["messages"].as_array().expect("messages").len();
            assert!(found <= limit, "{case}: {found}");
            assert!(answer.to_string().len() < 1_100_000, "{case}");
            let scanned = answer["scanned_records"].as_u64();
            assert!(scanned >= u64::try_from(found).ok(), "{case}: {scanned:?}");
            assert!(answer["next_cursor"].is_string(), "{case}: {answer}");
        }
    }
    let after = server.metric("process_resident_memory_bytes").await;
    assert!(after - before < 32.0 * MIB, "{before} to {after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_connections_take_little_memory_and_slow_nobody() {
    // Here and in the server, which inherits the limit; other tests have some open too.
    if raise_descriptor_limit() < u64::from(IDLE) + 3_000 {
        skip("processes may not have 13,000 descriptors");
        return;
    }
    let settings = [
        ("KAFKA_BROKERS", "127.0.0.1:1"),
        ("MCP_HTTP_MAX_CONNECTIONS", "12000"),
        ("MCP_HTTP_IDLE_TIMEOUT", "10m"),
    ];
    let server = Server::start(&settings).await;
    let before = server.metric("process_resident_memory_bytes").await;
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        let mut stream = TcpStream::connect(server.address())
            .await
            .expect("it listens");
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .expect("sent");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        idle.push(stream);
    }
    let mut took = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        assert!(server.get("/healthz").await.starts_with("HTTP/1.1 200"));
        took.push(started.elapsed());
    }
    took.sort();
    let open = server.metric("kafka_mcp_http_connections").await;
    assert!(open >= f64::from(IDLE), "{open}");
    let resident = server.metric("process_resident_memory_bytes").await;
    measured(format_args!(
        "{open} connections, {:.1} of {:.1} MiB, a new request within {:.1?}",
        (resident - before) / MIB,
        resident / MIB,
        took[197]
    ));
    // In all it may take 150, of which 12 are what it has before, and more without optimization.
    assert!(resident - before < 138.0 * MIB, "{before} to {resident}");
    let promised = Duration::from_millis(50);
    let limit = bound(promised, 10 * promised);
    assert!(took[197] < limit, "{:?}", &took[190..]);
}

const IDLE: u16 = 10_000;

const MIB: f64 = 1024.0 * 1024.0;
