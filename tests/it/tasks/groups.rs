//! Questions about consumer groups.

use serde_json::{Value, json};

use super::{Desk, Task, task};

pub(super) const TASKS: &[Task] = &[
    task!(
        "Which group is the furthest behind, and is it running?",
        furthest_behind
    ),
    task!("Why does the lag of shipping grow?", growing_lag),
    task!(
        "Where does fraud-check stand still, and at which record?",
        stuck
    ),
    task!(
        "Which groups read payments, and have they ever committed?",
        readers
    ),
];

async fn furthest_behind(desk: &mut Desk<'_>) {
    let lag = desk.call("consumer_lag", json!({})).await;
    let worst = &lag["group_summary"][0];
    assert_eq!(worst["group_id"], "analytics", "{lag}");
    assert_eq!(
        (&worst["state"], &worst["member_count"]),
        (&json!("Empty"), &json!(0))
    );
}

async fn growing_lag(desk: &mut Desk<'_>) {
    let arguments = json!({"group_id": "shipping", "include_offsets": true});
    let group = desk.call("describe_consumer_group", arguments).await;
    let behind = behind(&group);
    assert_eq!(behind, [5], "{group}");
    let assigned = group["members"][0]["assignments"][0]["partitions"].as_array();
    assert!(
        !assigned.expect("partitions").contains(&json!(5)),
        "nobody reads it: {group}"
    );
}

async fn stuck(desk: &mut Desk<'_>) {
    let arguments = json!({"group_id": "fraud-check", "threshold": 0});
    let lag = desk.call("consumer_lag", arguments).await;
    let partition = &lag["high_lag_details"][0];
    assert_eq!(partition["partition"], 4, "{lag}");
    let arguments = json!({
        "topics": ["orders"], "partitions": [partition["partition"]],
        "offset": partition["current_offset"], "max_messages": 1,
    });
    let answer = desk.call("consume_messages", arguments).await;
    let value = answer["messages"][0]["value"].as_str().expect("a value");
    assert!(value.contains("1040"), "{answer}");
}

async fn readers(desk: &mut Desk<'_>) {
    let lag = desk
        .call("consumer_lag", json!({"topic": "payments"}))
        .await;
    let groups = lag["group_summary"].as_array().expect("groups");
    assert_eq!(groups.len(), 1, "{lag}");
    assert_eq!(groups[0]["group_id"], "reporting");
    assert_eq!(groups[0]["uncommitted_partitions"], 3);
    assert_eq!(groups[0]["total_lag"], Value::Null, "unknown is not zero");
}

fn behind(group: &Value) -> Vec<i64> {
    let offsets = group["offsets"].as_array().expect("offsets");
    let behind = offsets
        .iter()
        .filter(|offset| offset["lag"].as_i64() != Some(0));
    behind
        .filter_map(|offset| offset["partition"].as_i64())
        .collect()
}
