//! Brokers that answer late, bit by bit, or stop in the middle of an answer.

use std::time::Duration;

use kafka_fake::{Fault, FaultRule};
use serde_json::json;
use testkit::{FakeCluster, McpClient};
use tokio::time::Instant;

use super::server_of;
use crate::{consume_positions::numbered, faults_on_command::filled};

#[tokio::test]
async fn what_one_broker_does_to_its_answers_holds_up_no_call_to_another() {
    for fault in [
        Fault::Delay(Duration::from_secs(3)),
        Fault::Trickle {
            bytes: 1,
            every: Duration::from_millis(200),
        },
        Fault::Stall(9),
    ] {
        let kafka = FakeCluster::start(3).await;
        let (slow, quick) = (filled(&kafka, 1).await, filled(&kafka, 1).await);
        kafka
            .cluster()
            .move_leader(slow.as_str(), 0, 2)
            .expect("a replica");
        kafka
            .cluster()
            .move_leader(quick.as_str(), 0, 1)
            .expect("a replica");
        let client = server_of(&kafka, &[("KAFKA_MCP_TIMEOUT", "4s")]).await;
        let read = |topic: &str| json!({"topics": [topic], "position": "earliest"});
        for topic in [&slow, &quick] {
            client
                .result("consume_messages", read(topic.as_str()))
                .await;
        }
        kafka
            .cluster()
            .inject(FaultRule::new(fault.clone()).node(2));

        let started = Instant::now();
        let held_up = async {
            let failure = client
                .failure("consume_messages", read(slow.as_str()))
                .await;
            assert!(
                started.elapsed() < Duration::from_secs(5),
                "{fault:?}: {failure}"
            );
            assert_eq!(failure["retriable"], true, "{fault:?}: {failure}");
        };
        let others = async {
            for _ in 0..10 {
                let asked = Instant::now();
                let answer = client
                    .result("consume_messages", read(quick.as_str()))
                    .await;
                let took = asked.elapsed();
                assert_eq!(answer["messages"].as_array().map(Vec::len), Some(10));
                assert!(took < Duration::from_millis(2_500), "{fault:?}: {took:?}");
            }
        };
        tokio::join!(held_up, others);
    }
}

#[tokio::test]
async fn a_broker_that_is_slow_but_not_too_slow_is_waited_for() {
    let kafka = FakeCluster::start(1).await;
    let topic = filled(&kafka, 1).await;
    kafka.write([numbered(&topic, 0, 10)]).await;
    let client: McpClient = server_of(&kafka, &[]).await;
    for fault in [
        Fault::Delay(Duration::from_millis(300)),
        Fault::Trickle {
            bytes: 64,
            every: Duration::from_millis(2),
        },
    ] {
        kafka.cluster().clear_faults();
        kafka.cluster().inject(FaultRule::new(fault.clone()));
        let read = json!({
            "topics": [topic.as_str()], "position": "earliest", "max_messages": 100,
        });
        let answer = client.result("consume_messages", read).await;
        assert_eq!(
            answer["messages"].as_array().map(Vec::len),
            Some(11),
            "{fault:?}"
        );
    }
}
