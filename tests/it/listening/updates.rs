//! What is told, on a cluster in this process.

use std::time::Duration;

use kafka_fake::{Api, Cluster};
use krafka::Record;
use testkit::{FakeCluster, McpClient, Transport, eventually};

use super::{Listener, OVERVIEW};
use crate::groups::{commit, group};

const LAG: &str = "kafka-mcp://consumer-lag-report?threshold=3";
const UNDER_REPLICATED: &str = "kafka-mcp://under-replicated-partitions";

/// Time for a few rounds.
const A_WHILE: Duration = Duration::from_secs(4);

async fn client(transport: Transport, kafka: &FakeCluster) -> McpClient {
    let settings = [
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_POLL_INTERVAL", "1s"),
        ("KAFKA_MCP_TOPICS_DENY", "hidden-*"),
    ];
    McpClient::modern(transport, &settings).await
}

async fn settled(listener: &mut Listener) {
    listener.is_silent_for(Duration::from_millis(1_500)).await;
}

#[tokio::test]
async fn what_changes_is_told_and_what_does_not_is_not() {
    for transport in Transport::ALL {
        let kafka = FakeCluster::start(1).await;
        let client = client(transport, &kafka).await;
        let mut overview = Listener::with(&client, &[OVERVIEW]).await;
        let mut other = Listener::with(&client, &[UNDER_REPLICATED]).await;
        overview.is_silent_for(A_WHILE).await;

        for topic in ["one", "two"] {
            kafka.cluster().create_topic(topic, 1).expect("a topic");
            assert_eq!(overview.update().await, OVERVIEW, "{transport:?}");
            let read = client.resource(OVERVIEW).await.expect("an overview");
            let topics = if topic == "one" { 1 } else { 2 };
            assert_eq!(read["topic_count"], topics);
        }
        overview.is_silent_for(A_WHILE).await;
        other.goes_on().await;
    }
}

#[tokio::test]
async fn lag_is_told_of_by_the_uri_with_its_threshold() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let write = async || kafka.write([Record::new(topic.as_str(), "x")]).await;
    write().await;
    commit(&kafka, &group("listening"), &topic, &[(0, 0)]).await;
    let client = client(Transport::Stdio, &kafka).await;
    let mut lag = Listener::with(&client, &[LAG]).await;
    settled(&mut lag).await;
    write().await;
    assert_eq!(lag.update().await, LAG);
    let read = client.resource(LAG).await.expect("a report");
    assert_eq!(read["group_summary"][0]["total_lag"], 2);
}

#[tokio::test]
async fn a_topic_a_group_and_a_setting_are_told_of_when_they_change() {
    let kafka = FakeCluster::start(3).await;
    let topic = kafka.topic(3).await;
    let group = group("listening");
    commit(&kafka, &group, &topic, &[(0, 0)]).await;
    let uris = [
        format!("kafka-mcp://topic/{topic}"),
        format!("kafka-mcp://topic/{topic}/config/retention.ms"),
        format!("kafka-mcp://group/{}", group.as_str()),
    ];
    let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
    let client = client(Transport::Http, &kafka).await;
    let mut listener = Listener::with(&client, &uris).await;
    settled(&mut listener).await;

    commit(&kafka, &group, &topic, &[(0, 1)]).await;
    assert_eq!(listener.update().await, uris[2]);
    let leader = kafka.cluster().leader(topic.as_str(), 0).expect("a leader");
    let moved = kafka
        .cluster()
        .move_leader(topic.as_str(), 0, leader % 3 + 1);
    moved.expect("a replica");
    assert_eq!(listener.update().await, uris[0]);
    listener.is_silent_for(A_WHILE).await;
}

/// Of a topic as large as this one, the first partitions are all that a client is shown at once.
#[tokio::test]
async fn a_change_far_down_in_a_long_list_is_told() {
    const PARTITIONS: i32 = 400;
    let kafka = FakeCluster::start(3).await;
    let topic = kafka.topic(PARTITIONS).await;
    let group = group("listening");
    let offsets: Vec<_> = (0..PARTITIONS).map(|partition| (partition, 0)).collect();
    commit(&kafka, &group, &topic, &offsets).await;
    let uris = [
        format!("kafka-mcp://topic/{topic}"),
        format!("kafka-mcp://group/{}", group.as_str()),
    ];
    let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
    let client = client(Transport::Http, &kafka).await;
    for uri in &uris {
        let read = client.resource(uri).await.expect("the resource");
        assert_eq!(read["truncated"], true, "{read}");
    }
    let mut listener = Listener::with(&client, &uris).await;
    settled(&mut listener).await;

    let last = PARTITIONS - 1;
    commit(&kafka, &group, &topic, &[(last, 1)]).await;
    assert_eq!(listener.update().await, uris[1]);
    let cluster = kafka.cluster();
    let leader = cluster.leader(topic.as_str(), last).expect("a leader");
    let moved = cluster.move_leader(topic.as_str(), last, leader % 3 + 1);
    moved.expect("a replica");
    assert_eq!(listener.update().await, uris[0]);
}

#[tokio::test]
async fn what_is_hidden_is_told_to_nobody() {
    let kafka = FakeCluster::start(1).await;
    kafka
        .cluster()
        .create_topic("hidden-1", 1)
        .expect("a topic");
    let hidden = "hidden-1".parse().expect("a name");
    commit(&kafka, &group("listening"), &hidden, &[(0, 0)]).await;
    let client = client(Transport::Stdio, &kafka).await;
    let mut lag = Listener::with(&client, &[LAG]).await;
    settled(&mut lag).await;
    kafka.write([Record::new("hidden-1", "x")]).await;
    lag.is_silent_for(A_WHILE).await;
}

// What a resource shows has changed when it cannot be read any more, and the stream stays to tell when
// it can again.
#[tokio::test]
async fn a_cluster_that_goes_and_comes_back_is_told_of_both_times() {
    let kafka = FakeCluster::start(1).await;
    let settings = [
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_POLL_INTERVAL", "1s"),
        ("KAFKA_MCP_TIMEOUT", "1s"),
    ];
    let client = McpClient::modern(Transport::Http, &settings).await;
    let mut overview = Listener::with(&client, &[OVERVIEW]).await;
    settled(&mut overview).await;
    kafka.cluster().stop_node(1).await.expect("a node");
    assert_eq!(overview.update().await, OVERVIEW);
    client.resource(OVERVIEW).await.expect_err("nobody answers");
    overview.is_silent_for(A_WHILE).await;
    kafka.cluster().start_node(1).await.expect("a node");
    assert_eq!(overview.update().await, OVERVIEW);
}

#[tokio::test]
async fn one_measurement_serves_all_who_listen_and_none_is_made_for_nobody() {
    let kafka = FakeCluster::start(1).await;
    let client = client(Transport::Http, &kafka).await;
    let cluster = kafka.cluster();
    let mut listeners = Vec::new();
    for _ in 0..5 {
        listeners.push(Listener::with(&client, &[OVERVIEW]).await);
    }
    settled(&mut listeners[0]).await;
    let rounds = requests_of(cluster, A_WHILE).await;
    assert!((1..=8).contains(&rounds), "{rounds} requests for metadata");

    for listener in listeners {
        listener.close().await;
    }
    eventually("their end", async || {
        (client.server().metric("kafka_mcp_streams").await == 0.0).then_some(())
    })
    .await;
    // A last look may be under way.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(requests_of(cluster, A_WHILE).await, 0);
}

/// How many requests for metadata come in a time.
async fn requests_of(cluster: &Cluster, time: Duration) -> u64 {
    let before = cluster.request_count(Api::Metadata);
    tokio::time::sleep(time).await;
    cluster.request_count(Api::Metadata) - before
}
