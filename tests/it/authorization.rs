//! What a principal is told who lacks a right. Hermetic, with the ACLs of kafka-fake.

use std::time::Duration;

use kafka_fake::{
    Acl,
    AclOperation::{self, Describe, Read, Write},
    Api, Cluster, Fault, FaultRule, Record, ResourcePattern,
};
use kafka_tools::{
    Client, ConsumeReport, ConsumeRequest, EngineKind, Error, Position, SaslConfig, TopicName,
};
use serde_json::{Value, json};
use testkit::{McpClient, Transport, bootstrap};
use tokio::time::{Instant, sleep};

use crate::faults_on_command::{ENGINES, write};

/// A tool, its arguments, the rights of the caller, and the one that is missing.
type Row = (
    &'static str,
    Value,
    Vec<(AclOperation, ResourcePattern)>,
    &'static str,
);

fn rows() -> Vec<Row> {
    let orders = || ResourcePattern::topic("orders");
    let other = || ResourcePattern::topic("other");
    let billing = || ResourcePattern::group("billing");
    let consume = json!({"topics": ["orders"]});
    let consume_first = json!({"topics": ["orders"], "position": "earliest"});
    let produce = json!({"topic": "orders", "value": "five"});
    let topic = json!({"resource_type": "topic", "resource_name": "orders"});
    let broker = json!({"resource_type": "broker", "resource_name": "1"});
    vec![
        (
            "describe_topic",
            json!({"topic_name": "orders"}),
            vec![],
            "Describe on Topic:orders",
        ),
        (
            "consume_messages",
            consume.clone(),
            vec![],
            "Describe on Topic:orders",
        ),
        (
            "consume_messages",
            consume,
            vec![(Describe, orders())],
            "Read on Topic:orders",
        ),
        (
            "consume_messages",
            consume_first,
            vec![(Write, orders())],
            "Read on Topic:orders",
        ),
        (
            "produce_message",
            produce.clone(),
            vec![],
            "Describe on Topic:orders",
        ),
        // It may write to no topic at all, and so not even be a producer.
        (
            "produce_message",
            produce.clone(),
            vec![(Read, orders())],
            "Write on Topic:orders",
        ),
        (
            "produce_message",
            produce,
            vec![(Read, orders()), (Write, other())],
            "Write on Topic:orders",
        ),
        (
            "describe_consumer_group",
            json!({"group_id": "billing"}),
            vec![(Describe, orders())],
            "Describe on Group:billing",
        ),
        (
            "consumer_lag",
            json!({"group_id": "billing"}),
            vec![(Describe, orders())],
            "Describe on Group:billing",
        ),
        (
            "consumer_lag",
            json!({"topic": "orders"}),
            vec![(Describe, billing())],
            "Describe on Topic:orders",
        ),
        (
            "describe_configs",
            topic,
            vec![(Describe, orders())],
            "DescribeConfigs on Topic:orders",
        ),
        (
            "describe_configs",
            broker,
            vec![(Describe, ResourcePattern::cluster())],
            "DescribeConfigs on Cluster",
        ),
    ]
}

#[tokio::test]
async fn each_tool_names_the_right_that_its_principal_lacks_at_once() {
    let cluster = start().await;
    let brokers = cluster.bootstrap_servers();
    let client = McpClient::connect(Transport::Stdio, &settings(&brokers)).await;
    for (tool, arguments, rights, needed) in rows() {
        let acls: Vec<Acl> = rights
            .into_iter()
            .map(|(right, of)| allow(right, of))
            .collect();
        for acl in &acls {
            cluster.add_acl(acl.clone()).expect("an authorizer");
        }
        let started = Instant::now();
        let failure = client.failure(tool, arguments.clone()).await;
        let took = started.elapsed();
        let case = format!("{tool} {arguments}: {failure}");
        assert_eq!(failure["code"], "authorization_failed", "{case}");
        assert_eq!(failure["needed_acl"], needed, "{case}");
        assert_eq!(failure["retriable"], false, "{case}");
        let message = failure["message"].as_str().expect("a message");
        assert!(message.ends_with(" as User:restricted"), "{case}");
        assert!(
            failure["hint"]
                .as_str()
                .is_some_and(|hint| hint.contains("ACL")),
            "{case}"
        );
        assert!(took < AT_ONCE, "{case}: {took:?}");
        for acl in &acls {
            cluster.remove_acl(acl).expect("an authorizer");
        }
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn lists_show_what_their_principal_may_see_and_are_no_failures() {
    let cluster = start().await;
    let brokers = cluster.bootstrap_servers();
    let client = McpClient::connect(Transport::Stdio, &settings(&brokers)).await;
    let group_seen = allow(Describe, ResourcePattern::group("billing"));
    cluster.add_acl(group_seen).expect("an authorizer");
    let groups = client.result("list_consumer_groups", json!({})).await;
    assert_eq!(groups["total"], 1, "{groups}");
    let topics = client.result("list_topics", json!({})).await;
    assert_eq!(topics["total"], 0, "{topics}");
    for tool in [
        "cluster_overview",
        "cluster_health",
        "poll_cluster",
        "consumer_lag",
    ] {
        let result = client.result(tool, json!({})).await;
        assert!(!result.to_string().contains("orders"), "{tool}: {result}");
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn reads_and_writes_of_both_engines_are_refused_at_once() {
    for engine in ENGINES {
        let cluster = start().await;
        let see = allow(Describe, ResourcePattern::topic("orders"));
        cluster.add_acl(see).expect("an authorizer");
        let client = restricted(&cluster, engine);
        for position in [Position::Earliest, Position::Recent] {
            let started = Instant::now();
            let error = read(&client, position).await.expect_err("refused");
            assert_refused(&error, "Read", engine);
            assert!(started.elapsed() < AT_ONCE, "{engine:?}");
        }
        let started = Instant::now();
        let error = write(&client, &orders()).await.expect_err("refused");
        assert_refused(&error, "Write", engine);
        assert!(started.elapsed() < AT_ONCE, "{engine:?}");
        let written = cluster.end_offset("orders", 0).expect("a topic");
        assert_eq!(written, 1, "{engine:?}");
        cluster.shutdown().await;
    }
}

#[tokio::test]
async fn a_right_that_is_taken_away_in_the_middle_of_a_read_ends_it_at_once() {
    for engine in ENGINES {
        let cluster = start().await;
        let see = allow(Describe, ResourcePattern::topic("orders"));
        let read_all = allow(Read, ResourcePattern::topic("orders"));
        cluster.add_acl(see).expect("an authorizer");
        cluster.add_acl(read_all.clone()).expect("an authorizer");
        let client = restricted(&cluster, engine);
        let report = read(&client, Position::Earliest).await.expect("allowed");
        assert_eq!(report.records.len(), 2, "{engine:?}");
        // The topic was described by then, and its records are still to be fetched.
        let slow = FaultRule::new(Fault::Delay(Duration::from_millis(300)));
        cluster.inject(slow.api(Api::ListOffsets).times(1));
        let asked = cluster.request_count(Api::ListOffsets);
        let started = Instant::now();
        let (outcome, ()) = tokio::join!(read(&client, Position::Earliest), async {
            while cluster.request_count(Api::ListOffsets) == asked {
                sleep(Duration::from_millis(5)).await;
            }
            assert!(cluster.remove_acl(&read_all).expect("an authorizer"));
        });
        assert_refused(&outcome.expect_err("refused"), "Read", engine);
        let took = started.elapsed();
        assert!(took < AT_ONCE, "{engine:?}: {took:?}");
        cluster.shutdown().await;
    }
}

#[track_caller]
fn assert_refused(error: &Error, needed: &str, engine: EngineKind) {
    let Error::Authorization {
        operation,
        resource,
        principal,
        ..
    } = error
    else {
        panic!("{engine:?}: {error:?}")
    };
    let found = (*operation, resource.as_str(), principal.as_str());
    assert_eq!(
        found,
        (needed, "Topic:orders", "User:restricted"),
        "{engine:?}"
    );
}

/// A cluster with a topic of two partitions and two records, and a group; nobody may do anything.
async fn start() -> Cluster {
    let builder = Cluster::builder().user("restricted", "restricted-secret");
    let cluster = builder.super_user("User:admin").start().await;
    let cluster = cluster.expect("ports");
    cluster.create_topic("orders", 2).expect("a topic");
    for partition in 0..2 {
        let record = Record::new("four apples");
        cluster.append("orders", partition, [record]).expect("room");
    }
    cluster
        .commit_offset("billing", "orders", 0, 0, "")
        .expect("a group");
    cluster
}

fn allow(operation: AclOperation, resource: ResourcePattern) -> Acl {
    Acl::allow("User:restricted", operation, resource)
}

fn settings(brokers: &str) -> [(&'static str, &str); 4] {
    [
        ("KAFKA_BROKERS", brokers),
        ("KAFKA_SASL_MECHANISM", "plain"),
        ("KAFKA_SASL_USER", "restricted"),
        ("KAFKA_SASL_PASSWORD", "restricted-secret"),
    ]
}

fn restricted(cluster: &Cluster, engine: EngineKind) -> Client {
    let mut config = bootstrap(&cluster.bootstrap_servers());
    config.engine = engine;
    config.sasl = Some(SaslConfig::Plain {
        user: "restricted".to_owned(),
        password: "restricted-secret".to_owned().into(),
    });
    Client::new(config).expect("a valid configuration")
}

async fn read(client: &Client, position: Position) -> Result<ConsumeReport, Error> {
    let mut request = ConsumeRequest::new(vec![orders()]);
    request.position = position;
    client.consume(request).await
}

fn orders() -> TopicName {
    "orders".parse().expect("a valid name")
}

/// Far from any deadline.
const AT_ONCE: Duration = Duration::from_secs(2);
