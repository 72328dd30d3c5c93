//! Questions about records.

use serde_json::{Value, json};

use super::{Desk, Task, task, world::NOW};

pub(super) const TASKS: &[Task] = &[
    task!("What were the last five orders?", last_five),
    task!("What was ordered in the last ten minutes?", since),
    task!("What is the first order that is still there?", first),
    task!("Show me the next three orders after those.", next_page),
    task!("Which customer was deleted?", deleted),
    task!("Why was record 17 sent to the dead letters?", dead_letter),
    task!("Was an order charged twice in the end?", charged_twice),
    task!(
        "Write a test order, and show that it is there.",
        write_and_find
    ),
];

async fn last_five(desk: &mut Desk<'_>) {
    let arguments = json!({"topics": ["orders"], "max_messages": 5});
    let answer = desk.call("consume_messages", arguments).await;
    assert_eq!(orders(&answer), [1055, 1056, 1057, 1058, 1059]);
}

async fn since(desk: &mut Desk<'_>) {
    let arguments = json!({"topics": ["orders"], "timestamp": NOW - 10 * 60_000});
    let answer = desk.call("consume_messages", arguments).await;
    assert_eq!(orders(&answer).len(), 10, "{answer}");
}

async fn first(desk: &mut Desk<'_>) {
    let arguments = json!({"topics": ["orders"], "position": "earliest", "max_messages": 1});
    let answer = desk.call("consume_messages", arguments).await;
    assert_eq!(orders(&answer), [1000]);
}

async fn next_page(desk: &mut Desk<'_>) {
    let arguments = json!({
        "topics": ["orders"], "partitions": [0], "position": "earliest", "max_messages": 1,
    });
    let answer = desk.call("consume_messages", arguments).await;
    let arguments = json!({
        "topics": ["orders"], "partitions": [0], "cursor": answer["next_cursor"],
        "max_messages": 3,
    });
    let answer = desk.call("consume_messages", arguments).await;
    assert_eq!(orders(&answer), [1006, 1012, 1018]);
}

async fn deleted(desk: &mut Desk<'_>) {
    let answer = desk
        .call("consume_messages", json!({"topics": ["customers"]}))
        .await;
    let messages = answer["messages"].as_array().expect("messages");
    let tombstones = messages.iter().filter(|message| message["value"].is_null());
    let keys: Vec<_> = tombstones.map(|message| &message["key"]).collect();
    assert_eq!(keys, [&json!("c-2")], "{answer}");
}

async fn dead_letter(desk: &mut Desk<'_>) {
    let answer = desk
        .call("consume_messages", json!({"topics": ["dead-letters"]}))
        .await;
    let message = &answer["messages"][0];
    assert_eq!(message["key"], "17", "{answer}");
    assert_eq!(message["value_encoding"], "base64", "{answer}");
    assert_eq!(
        message["headers"][0]["value"], "value is no JSON",
        "{answer}"
    );
}

async fn charged_twice(desk: &mut Desk<'_>) {
    let answer = desk
        .call("consume_messages", json!({"topics": ["payments"]}))
        .await;
    assert_eq!(
        orders(&answer),
        [1, 3],
        "what was aborted is not there: {answer}"
    );
}

async fn write_and_find(desk: &mut Desk<'_>) {
    let arguments = json!({"topic": "shipments", "key": "test", "value": r#"{"order":7}"#});
    let written = desk.call("produce_message", arguments).await;
    let arguments = json!({
        "topics": ["shipments"], "partitions": [written["partition"]],
        "offset": written["offset"], "max_messages": 1,
    });
    let answer = desk.call("consume_messages", arguments).await;
    assert_eq!(orders(&answer), [7]);
}

/// The numbers of the orders in the records, in their order.
fn orders(answer: &Value) -> Vec<u64> {
    let messages = answer["messages"].as_array().expect("messages");
    let order = |message: &Value| {
        let value = message["value"].as_str().expect("a value");
        let value: Value = serde_json::from_str(value).expect("JSON");
        value["order"].as_u64().expect("a number")
    };
    messages.iter().map(order).collect()
}
