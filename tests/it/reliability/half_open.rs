//! Connections on which nothing arrives any more, and nobody says so.

use std::time::Duration;

use serde_json::json;
use testkit::{FakeCluster, bound, eventually, measured};
use tokio::time::Instant;

use super::server_of;
use crate::faults_on_command::filled;

#[tokio::test]
async fn partitions_without_a_reset_end_calls_in_time_heal_at_once_and_leave_no_descriptor_open() {
    let kafka = FakeCluster::start(3).await;
    let topic = filled(&kafka, 3).await;
    let client = server_of(&kafka, &[("KAFKA_MCP_TIMEOUT", "2s")]).await;
    let read = json!({"topics": [topic.as_str()], "position": "earliest"});
    client.result("consume_messages", read.clone()).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        for node in 1..=3 {
            kafka.cluster().isolate_node(node).await.expect("a node");
        }
        for (tool, arguments) in [
            ("consume_messages", read.clone()),
            (
                "produce_message",
                json!({"topic": topic.as_str(), "value": "1"}),
            ),
            ("cluster_overview", json!({})),
        ] {
            let started = Instant::now();
            let failure = client.failure(tool, arguments).await;
            assert!(
                started.elapsed() < Duration::from_secs(3),
                "{tool}: {failure}"
            );
        }
        for node in 1..=3 {
            kafka.cluster().reconnect_node(node).await.expect("a node");
        }
        let healed = Instant::now();
        eventually("a read after healing", || async {
            let result = client.call("consume_messages", read.clone()).await.ok()?;
            (result.is_error != Some(true)).then_some(())
        })
        .await;
        let took = healed.elapsed();
        measured(format_args!("a read works {took:.2?} after healing"));
        let promised = Duration::from_secs(2);
        assert!(took < bound(promised, 2 * promised), "{took:?}");
        open.push(client.server().metric("process_open_fds").await);
    }
    // The first round may have opened more than there was; from then on they stay.
    assert!(open[3] <= open[0] + 3.0, "{open:?}");
}
