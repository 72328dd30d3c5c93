//! Questions when a broker is gone.

use serde_json::json;

use super::{Desk, Task, task};

pub(super) const TASKS: &[Task] = &[
    task!("What is wrong with the cluster?", what_is_wrong),
    task!(
        "Which partitions have too few replicas, and which broker is missing?",
        too_few_replicas
    ),
    task!("Can payments still be written to?", writable),
];

async fn what_is_wrong(desk: &mut Desk<'_>) {
    let health = desk.call("cluster_health", json!({})).await;
    assert_ne!(health["overall_status"], "healthy", "{health}");
    assert_eq!(
        health["broker_status"]["offline_broker_ids"],
        json!([3]),
        "{health}"
    );
}

async fn too_few_replicas(desk: &mut Desk<'_>) {
    let report = desk.call("under_replicated_partitions", json!({})).await;
    assert_eq!(report["under_replicated_partition_count"], 26, "{report}");
    assert_eq!(
        report["details"][0]["missing_replicas"],
        json!([3]),
        "{report}"
    );
}

async fn writable(desk: &mut Desk<'_>) {
    let topic = desk
        .call("describe_topic", json!({"topic_name": "payments"}))
        .await;
    let partitions = topic["partitions"].as_array().expect("partitions");
    let in_sync = partitions
        .iter()
        .map(|row| row["isr"].as_array().map_or(0, Vec::len));
    let arguments = json!({
        "resource_type": "topic", "resource_name": "payments",
        "config_keys": ["min.insync.replicas"],
    });
    let answer = desk.call("describe_configs", arguments).await;
    assert_eq!(answer["configs"][0]["value"], "2", "{answer}");
    assert_eq!(in_sync.min(), Some(2), "{topic}");
}
