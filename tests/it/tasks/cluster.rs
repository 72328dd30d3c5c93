//! Questions about brokers.

use serde_json::json;

use super::{Desk, Task, task};

pub(super) const TASKS: &[Task] = &[
    task!("Is the cluster healthy?", healthy),
    task!(
        "How many brokers, topics and partitions are there?",
        numbers
    ),
    task!(
        "Which broker is the controller, and where does it listen?",
        controller
    ),
    task!(
        "Which settings of broker 1 did somebody change?",
        broker_settings
    ),
];

async fn healthy(desk: &mut Desk<'_>) {
    let health = desk.call("cluster_health", json!({})).await;
    assert_eq!(health["broker_status"]["status"], "healthy", "{health}");
}

async fn numbers(desk: &mut Desk<'_>) {
    let overview = desk.call("cluster_overview", json!({})).await;
    assert_eq!(overview["broker_count"], 3, "{overview}");
    assert_eq!(overview["topic_count"], 6, "{overview}");
    assert_eq!(overview["partition_count"], 26, "{overview}");
}

async fn controller(desk: &mut Desk<'_>) {
    let overview = desk.call("cluster_overview", json!({})).await;
    let brokers = desk.call("list_brokers", json!({})).await;
    let live = brokers["live"].as_array().expect("brokers");
    let controller = live
        .iter()
        .find(|broker| broker["id"] == overview["controller_id"]);
    let address = controller.and_then(|broker| broker["address"].as_str());
    assert!(
        address.is_some_and(|address| address.starts_with("127.0.0.1:")),
        "{brokers}"
    );
}

async fn broker_settings(desk: &mut Desk<'_>) {
    let arguments = json!({
        "resource_type": "broker", "resource_name": 1, "non_default_only": true,
    });
    let answer = desk.call("describe_configs", arguments).await;
    assert!(answer["configs"].is_array(), "{answer}");
    assert_eq!(answer["truncated"], false, "{answer}");
}
