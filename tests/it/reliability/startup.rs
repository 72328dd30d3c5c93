//! Brokers that are down when somebody first asks for them.

use std::time::Duration;

use serde_json::json;
use testkit::{
    FakeCluster, Fault, FaultProxy, McpClient, Transport, bootstrap, bound, eventually, measured,
};
use tokio::{net::TcpListener, time::Instant};

use super::server_of;
use crate::faults_on_command::{ENGINES, filled};

#[tokio::test]
async fn a_cluster_that_comes_up_five_seconds_later_is_used_within_one_more_without_a_restart() {
    let kafka = FakeCluster::start(3).await;
    let topic = filled(&kafka, 1).await;
    for node in 1..=3 {
        kafka.cluster().stop_node(node).await.expect("a node");
    }
    let client = server_of(&kafka, &[("KAFKA_MCP_TIMEOUT", "2s")]).await;
    let server = client.server();
    let pid = server.pid();
    assert!(server.get("/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(server.get("/readyz").await.starts_with("HTTP/1.1 503"));
    let tools = client.service().list_all_tools().await.expect("tools");
    assert_eq!(tools.len(), 13);
    let topic = json!({"topic_name": topic.as_str()});
    let down = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    while down.elapsed() < Duration::from_secs(5) {
        ticks.tick().await;
        let started = Instant::now();
        let failure = client.failure("describe_topic", topic.clone()).await;
        assert_eq!(failure["code"], "kafka_unavailable", "{failure}");
        assert!(started.elapsed() < Duration::from_secs(3), "{failure}");
    }

    for node in 1..=3 {
        kafka.cluster().start_node(node).await.expect("its port");
    }

    let up = Instant::now();
    eventually("the topic", || async {
        let result = client.call("describe_topic", topic.clone()).await.ok()?;
        (result.is_error != Some(true)).then_some(())
    })
    .await;
    assert!(up.elapsed() < Duration::from_secs(1), "{:?}", up.elapsed());
    eventually("readiness", || async {
        let ready = server.get("/readyz").await;
        ready.starts_with("HTTP/1.1 200").then_some(())
    })
    .await;
    assert_eq!(server.pid(), pid);
}

#[tokio::test]
async fn beside_two_dead_brokers_and_a_black_hole_a_live_one_answers_within_one_connect_timeout() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(1).await;
        let topic = kafka.topic(1).await;
        let live = kafka.brokers().parse().expect("an address");
        let hole = FaultProxy::start(live, Fault::HalfOpen).await;
        let hole = hole.expect("a port");
        let (dead, other) = (dead_address().await, dead_address().await);
        let mut config = bootstrap(&format!("{dead},{},{other},{live}", hole.address()));
        config.engine = engine;
        config.connect_timeout = CONNECT_TIMEOUT;
        let client = kafka_tools::Client::new(config).expect("valid");
        let started = Instant::now();
        client.describe_topic(&topic).await.expect("one is alive");
        let took = started.elapsed();
        measured(format_args!("{engine:?} found the live one in {took:.2?}"));
        let asking = bound(Duration::from_millis(100), Duration::from_millis(500));
        assert!(took < CONNECT_TIMEOUT + asking, "{engine:?}: {took:?}");
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// An address where nobody listens.
async fn dead_address() -> std::net::SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    listener.local_addr().expect("an address")
}

#[tokio::test]
async fn what_a_server_says_of_a_cluster_that_is_down_is_the_same_over_pipes() {
    let kafka = FakeCluster::start(1).await;
    kafka.cluster().stop_node(1).await.expect("a node");
    let settings = [("KAFKA_BROKERS", kafka.brokers())];
    let client = McpClient::connect(Transport::Stdio, &settings).await;
    let failure = client.failure("list_topics", json!({})).await;
    assert_eq!(failure["code"], "kafka_unavailable");
    kafka.cluster().start_node(1).await.expect("its port");
    eventually("the topics", || async {
        let result = client.call("list_topics", json!({})).await.ok()?;
        (result.is_error != Some(true)).then_some(())
    })
    .await;
}
