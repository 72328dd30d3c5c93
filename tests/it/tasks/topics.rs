//! Questions about topics and their settings.

use serde_json::json;

use super::{Desk, Task, task};

pub(super) const TASKS: &[Task] = &[
    task!("Which topics have to do with orders?", about_orders),
    task!(
        "How many partitions does web-clicks have, and on how many brokers each?",
        web_clicks
    ),
    task!("What is the topic that I call `shipment`?", misspelt),
    task!("How long are orders kept?", retention),
    task!(
        "Which settings of orders are not the default?",
        changed_settings
    ),
    task!(
        "How many replicas have to be in sync for a write to payments?",
        min_insync_replicas
    ),
];

async fn about_orders(desk: &mut Desk<'_>) {
    let answer = desk
        .call("list_topics", json!({"name_contains": "order"}))
        .await;
    assert_eq!(answer["total"], 1, "{answer}");
    assert_eq!(answer["topics"][0]["name"], "orders");
}

async fn web_clicks(desk: &mut Desk<'_>) {
    let answer = desk
        .call("list_topics", json!({"name_contains": "web-clicks"}))
        .await;
    let topic = &answer["topics"][0];
    assert_eq!(topic["partition_count"], 12, "{answer}");
    assert_eq!(topic["replication_factor"], 3, "{answer}");
}

async fn misspelt(desk: &mut Desk<'_>) {
    let refusal = desk
        .refusal("describe_topic", json!({"topic_name": "shipment"}))
        .await;
    assert_eq!(refusal["did_you_mean"][0], "shipments", "{refusal}");
    let name = &refusal["did_you_mean"][0];
    let topic = desk
        .call("describe_topic", json!({"topic_name": name}))
        .await;
    assert_eq!(topic["partition_count"], 3, "{topic}");
}

async fn retention(desk: &mut Desk<'_>) {
    let arguments = json!({
        "resource_type": "topic", "resource_name": "orders", "config_keys": ["retention.ms"],
    });
    let answer = desk.call("describe_configs", arguments).await;
    assert_eq!(answer["configs"][0]["value"], "3600000", "{answer}");
}

async fn changed_settings(desk: &mut Desk<'_>) {
    let arguments = json!({
        "resource_type": "topic", "resource_name": "orders", "non_default_only": true,
    });
    let answer = desk.call("describe_configs", arguments).await;
    assert_eq!(
        answer["configs"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    assert_eq!(answer["configs"][0]["name"], "retention.ms");
}

async fn min_insync_replicas(desk: &mut Desk<'_>) {
    let arguments = json!({
        "resource_type": "topic", "resource_name": "payments",
        "config_keys": ["min.insync.replicas"],
    });
    let answer = desk.call("describe_configs", arguments).await;
    assert_eq!(answer["configs"][0]["value"], "2", "{answer}");
}
