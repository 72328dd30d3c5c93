//! The smallest result that an operator can ask for holds something of everything, and a way on.

use std::collections::BTreeSet;

use kafka_fake::{Api, Cluster, ErrorCode, Fault, FaultRule, Record};
use kafka_mcp::Settings;
use serde_json::{Value, json};

use crate::session::{Session, structure};

const MAX_BYTES: usize = 4_096;
const PARTITIONS: i32 = 60;

/// A server whose results are small, on a cluster of long names and many partitions.
async fn session(cluster: &Cluster) -> Session {
    let mut settings = Settings::new();
    settings.max_result_bytes = MAX_BYTES;
    Session::start_with(settings, &cluster.node_address(1).unwrap().to_string()).await
}

async fn cluster() -> (Cluster, Vec<String>) {
    let cluster = Cluster::builder().nodes(3).start().await.unwrap();
    let topics: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|name| name.repeat(249))
        .collect();
    for topic in &topics {
        cluster.create_topic(topic, PARTITIONS).unwrap();
        for partition in 0..PARTITIONS {
            cluster.append(topic, partition, [unwieldy()]).unwrap();
            let group = format!("{partition:02}{}", "g".repeat(247));
            cluster
                .commit_offset(&group, topic, partition, 0, "")
                .unwrap();
        }
    }
    (cluster, topics)
}

/// Each of its bytes takes six in JSON, and it has more headers than any result shows.
fn unwieldy() -> Record {
    let bytes = "\u{1}".repeat(5_000);
    (0..100).fold(
        Record::new(bytes.clone()).key(bytes.clone()),
        |record, _| record.header(bytes.clone(), bytes.clone()),
    )
}

async fn result(session: &Session, tool: &str, arguments: Value) -> Value {
    let result = session.call(tool, arguments).await.unwrap();
    let structure = structure(&result);
    assert_ne!(result.is_error, Some(true), "{tool}: {structure}");
    let length = structure.to_string().len();
    assert!(length <= MAX_BYTES, "{tool}: {length} bytes: {structure}");
    structure
}

#[tokio::test]
async fn every_read_answers_within_the_smallest_result() {
    let (cluster, topics) = cluster().await;
    let session = session(&cluster).await;
    let (topic, group) = (&topics[0], format!("00{}", "g".repeat(247)));
    for (tool, arguments) in [
        ("list_brokers", json!({})),
        ("list_topics", json!({})),
        ("describe_topic", json!({"topic_name": topic})),
        ("list_consumer_groups", json!({})),
        (
            "describe_consumer_group",
            json!({"group_id": group, "include_offsets": true}),
        ),
        (
            "describe_configs",
            json!({"resource_type": "topic", "resource_name": topic}),
        ),
        ("cluster_overview", json!({})),
        ("cluster_health", json!({})),
        ("under_replicated_partitions", json!({})),
        ("consumer_lag", json!({})),
        (
            "consume_messages",
            json!({"topics": topics, "max_messages": 100}),
        ),
    ] {
        result(&session, tool, arguments).await;
    }
}

#[tokio::test]
async fn a_read_in_small_results_gets_to_every_record() {
    let (cluster, topics) = cluster().await;
    let session = session(&cluster).await;
    let partitions: Vec<_> = (0..30).collect();
    let mut arguments = json!({
        "topics": [topics[0]], "partitions": partitions, "position": "earliest", "max_messages": 50,
    });
    let mut seen = BTreeSet::new();
    for _ in 0..partitions.len() {
        let page = result(&session, "consume_messages", arguments.clone()).await;
        for message in page["messages"].as_array().unwrap() {
            let place = (message["partition"].as_i64(), message["offset"].as_i64());
            assert!(seen.insert(place), "{place:?} came twice");
        }
        if page["has_more"] == false {
            break;
        }
        arguments["cursor"] = page["next_cursor"].clone();
    }
    assert_eq!(seen.len(), partitions.len());
}

#[tokio::test]
async fn failures_of_many_partitions_leave_room_for_what_was_read() {
    let (cluster, topics) = cluster().await;
    let session = session(&cluster).await;
    for partition in 0..40 {
        let refused = Fault::PartitionError {
            topic: topics[0].clone(),
            partition,
            code: ErrorCode::TOPIC_AUTHORIZATION_FAILED,
        };
        cluster.inject(FaultRule::new(refused).api(Api::ListOffsets));
    }
    let page = result(&session, "consume_messages", json!({"topics": topics})).await;
    assert_eq!(page["complete"], false);
    assert_ne!(page["messages"], json!([]));
    assert_ne!(page["partial_errors"], json!([]));
}

/// Anyone who may commit an offset chooses the id of a group.
#[tokio::test]
async fn ids_of_any_length_hide_nothing_and_stop_no_list() {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let records = (0..20_000).map(|n| Record::new(n.to_string()));
    cluster.append("orders", 0, records).unwrap();
    let huge = "\u{1}".repeat(14_000);
    for (group, offset) in [(&*huge, 0), ("billing", 1), ("shipping", 2)] {
        cluster
            .commit_offset(group, "orders", 0, offset, "")
            .unwrap();
    }
    let session = session(&cluster).await;
    let mut seen = 0;
    let mut arguments = json!({"limit": 1});
    for _ in 0..3 {
        let page = result(&session, "list_consumer_groups", arguments.clone()).await;
        seen += page["groups"].as_array().unwrap().len();
        arguments["cursor"] = page["next_cursor"].clone();
    }
    assert_eq!((seen, &arguments["cursor"]), (3, &Value::Null));

    for tool in ["consumer_lag", "cluster_health", "poll_cluster"] {
        result(&session, tool, json!({})).await;
    }
    let lag = result(&session, "consumer_lag", json!({})).await;
    assert_eq!(lag["group_summary"].as_array().unwrap().len(), 3, "{lag}");
    result(
        &session,
        "describe_consumer_group",
        json!({"group_id": huge}),
    )
    .await;
}
