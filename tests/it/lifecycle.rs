//! Starting, stopping, and a Kafka that comes and goes.

use std::time::Duration;

use serde_json::json;
use testkit::{FakeKafka, Fault, McpClient, Server, Transport, eventually};
use tokio::time::Instant;

#[tokio::test]
async fn the_server_serves_while_kafka_is_down_and_finds_it_when_it_is_up() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.proxy().set(Fault::Gone);
    let address = kafka.proxy().address().to_string();
    let settings = [("KAFKA_BROKERS", &*address), ("KAFKA_MCP_TIMEOUT", "2s")];
    for transport in Transport::ALL {
        kafka.proxy().set(Fault::Gone);
        let client = McpClient::connect(transport, &settings).await;
        assert_eq!(
            client
                .service()
                .list_all_tools()
                .await
                .expect("tools")
                .len(),
            13
        );
        let started = Instant::now();
        let failure = client.failure("list_topics", json!({})).await;
        assert_eq!(
            (&failure["code"], &failure["retriable"]),
            (&json!("kafka_unavailable"), &json!(true))
        );
        assert!(
            failure["message"]
                .as_str()
                .is_some_and(|text| text.contains(&address)),
            "{failure}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(3),
            "took {:?}",
            started.elapsed()
        );
        let brokers = client.result("list_brokers", json!({})).await;
        assert_eq!(
            (&brokers["brokers"], &brokers["live"]),
            (&json!([address]), &json!(null))
        );

        kafka.proxy().set(Fault::Pass);
        let up = Instant::now();
        let listed = eventually("the topics", || async {
            let result = client.call("list_topics", json!({})).await.ok()?;
            result
                .structured_content
                .filter(|_| result.is_error != Some(true))
        });
        assert_eq!(listed.await["topics"][0]["name"], "orders");
        assert!(
            up.elapsed() < Duration::from_secs(1),
            "took {:?}",
            up.elapsed()
        );
    }
}

#[tokio::test]
async fn a_call_on_a_half_open_connection_ends_by_its_deadline() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    let address = kafka.proxy().address().to_string();
    let settings = [("KAFKA_BROKERS", &*address), ("KAFKA_MCP_TIMEOUT", "1s")];
    for transport in Transport::ALL {
        kafka.proxy().set(Fault::Pass);
        let client = McpClient::connect(transport, &settings).await;
        client
            .result("describe_topic", json!({"topic_name": "orders"}))
            .await;
        kafka.proxy().set(Fault::HalfOpen);
        for (tool, arguments) in [
            ("describe_topic", json!({"topic_name": "orders"})),
            ("consume_messages", json!({"topics": ["orders"]})),
            ("produce_message", json!({"topic": "orders", "value": "1"})),
            ("cluster_overview", json!({})),
        ] {
            let started = Instant::now();
            let failure = client.failure(tool, arguments).await;
            assert!(failure["code"].is_string());
            assert!(
                started.elapsed() < Duration::from_secs(2),
                "{tool} took {:?}",
                started.elapsed()
            );
        }
    }
    assert!(
        kafka
            .broker()
            .all_records("orders")
            .expect("records")
            .is_empty()
    );
}

#[tokio::test]
async fn health_and_readiness_are_two_things() {
    let kafka = FakeKafka::start().await;
    kafka.proxy().set(Fault::Gone);
    let address = kafka.proxy().address().to_string();
    let server = Server::start(&[("KAFKA_BROKERS", &address)]).await;
    assert!(ask(&server, "/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(ask(&server, "/readyz").await.starts_with("HTTP/1.1 503"));
    let metrics = ask(&server, "/metrics").await;
    assert!(
        metrics.starts_with("HTTP/1.1 200") && metrics.contains("# TYPE"),
        "{metrics}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_the_server_with_success() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&[]).await;
        // Once it answers, it listens to signals too.
        assert!(ask(&server, "/healthz").await.starts_with("HTTP/1.1 200"));
        let pid = server.pid().to_string();
        let sent = tokio::process::Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .await;
        assert!(sent.expect("kill runs").success());
        let started = Instant::now();
        let status = server.ended().await;
        assert_eq!(status.code(), Some(0), "{signal}: {}", server.log());
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{signal}: {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn no_secret_is_logged_or_answered_at_the_highest_log_level() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.broker().require_sasl_plain("alice", "right");
    let address = kafka.proxy().address().to_string();
    for transport in Transport::ALL {
        let settings = [
            ("KAFKA_BROKERS", &*address),
            ("KAFKA_SASL_MECHANISM", "plain"),
            ("KAFKA_SASL_USER", "alice"),
            ("KAFKA_SASL_PASSWORD", "canary-0451"),
            ("LOG_LEVEL", "trace"),
        ];
        let client = McpClient::connect(transport, &settings).await;
        let failure = client.failure("list_topics", json!({})).await;
        assert_eq!(failure["code"], "authentication_failed", "{failure}");
        let said = format!("{failure}{}", client.log());
        assert!(said.len() > 100, "nothing was logged");
        // As text, and as PLAIN sends it.
        for secret in ["canary-0451", "Y2FuYXJ5LTA0NTE"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

async fn ask(server: &Server, path: &str) -> String {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        server.address()
    );
    server.raw(request.as_bytes()).await
}
