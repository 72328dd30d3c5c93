//! A cluster whose brokers are restarted one after the other under load.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use kafka_fake::Record;
use kafka_tools::{ConsumeRequest, Position, TopicName};
use serde_json::{Value, json};
use testkit::{FakeCluster, McpClient};
use tokio::task::JoinSet;

use super::server_of;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_under_fifty_calls_a_second_fails_none_and_gives_no_wrong_answer() {
    let kafka = FakeCluster::start(3).await;
    let (read, written) = (kafka.topic(6).await, kafka.topic(6).await);
    for partition in 0..6 {
        let records = (0..10).map(|n| Record::new(format!("{partition}-{n}")));
        let appended = kafka.cluster().append(read.as_str(), partition, records);
        appended.expect("a partition");
    }
    let client = Arc::new(server_of(&kafka, &[]).await);
    let outcomes = Arc::new(Outcomes::default());
    let mut calls = JoinSet::new();
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for turn in 0..CALLS {
        ticks.tick().await;
        let (client, outcomes) = (Arc::clone(&client), Arc::clone(&outcomes));
        let (read, written) = (read.clone(), written.clone());
        calls.spawn(async move {
            match turn % 2 {
                0 => outcomes.read(&client, &read).await,
                _ => outcomes.write(&client, &written, turn).await,
            }
        });
        // One node after the other is away for half a second.
        let (node, step) = (i32::try_from(turn / 60).expect("few") + 1, turn % 60);
        match step {
            10 => kafka.cluster().stop_node(node).await.expect("a node"),
            35 => kafka.cluster().start_node(node).await.expect("its port"),
            _ => {}
        }
    }
    calls.join_all().await;

    let failed = outcomes.failed.lock().expect("unpoisoned").clone();
    assert!(
        failed.is_empty(),
        "{} of {CALLS} failed: {failed:#?}",
        failed.len()
    );
    let mut request = ConsumeRequest::new(vec![written]);
    request.position = Position::Earliest;
    request.max_messages = 10_000;
    let report = kafka.client().consume(request).await.expect("records");
    let mut copies = BTreeMap::new();
    for record in report.records {
        *copies.entry(record.value.expect("a value")).or_insert(0) += 1;
    }
    let acknowledged = outcomes.written.lock().expect("unpoisoned").clone();
    assert_eq!(copies.len(), acknowledged.len());
    for value in acknowledged {
        assert_eq!(copies.get(value.as_bytes()), Some(&1), "{value}");
    }
}

#[derive(Default)]
struct Outcomes {
    written: Mutex<Vec<String>>,
    failed: Mutex<Vec<Value>>,
}

impl Outcomes {
    async fn read(&self, client: &McpClient, topic: &TopicName) {
        let arguments = json!({
            "topics": [topic.as_str()], "position": "earliest", "max_messages": 100,
        });
        let Some(answer) = self.call(client, "consume_messages", arguments).await else {
            return;
        };
        let messages = answer["messages"].as_array().expect("messages");
        let mut next = [0; 6];
        for message in messages {
            let partition = message["partition"].as_u64().expect("a number");
            let place = &mut next[usize::try_from(partition).expect("few")];
            assert_eq!(message["value"], format!("{partition}-{place}"));
            *place += 1;
        }
        // An answer that is not whole is no wrong one, but a call that failed.
        if next != [10; 6] {
            self.failed.lock().expect("unpoisoned").push(answer);
        }
    }

    async fn write(&self, client: &McpClient, topic: &TopicName, turn: usize) {
        let value = format!("value-{turn}");
        let arguments = json!({"topic": topic.as_str(), "key": value, "value": value});
        if self
            .call(client, "produce_message", arguments)
            .await
            .is_some()
        {
            self.written.lock().expect("unpoisoned").push(value);
        }
    }

    async fn call(&self, client: &McpClient, tool: &str, arguments: Value) -> Option<Value> {
        let result = client.call(tool, arguments).await.expect("an answer");
        let answer = result.structured_content.expect("structured content");
        if result.is_error == Some(true) {
            self.failed.lock().expect("unpoisoned").push(answer);
            return None;
        }
        Some(answer)
    }
}

/// Sixty for the restart of each node.
const CALLS: usize = 180;
