//! Several nodes.

use kafka_fake::Cluster;
use kafka_protocol::messages::TopicName;

use crate::{
    batch::{BatchRecipe, decode},
    requests::{fetch, produce, write},
    wire::{Wire, text},
};

#[tokio::test]
async fn nodes_that_do_not_lead_say_who_does() {
    let cluster = Cluster::builder().nodes(3).start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let topic = TopicName(text("orders"));
    assert_eq!(cluster.leader("orders", 0), Some(1));
    let mut first = Wire::to_node(&cluster, 1).await;
    let batch = || BatchRecipe::plain(1).encode();
    assert_eq!(write(&mut first, &topic, batch()).await, (0, 0));
    first
        .send(&fetch(&topic, 1).with_max_wait_ms(20_000), 12)
        .await;

    cluster.move_leader("orders", 0, 3).unwrap();

    // Who waits is woken.
    first.read().await.expect("an answer");
    let answer = first.ask(&produce(&topic, batch()), 10).await;
    let refused = &answer.responses[0].partition_responses[0];
    assert_eq!(refused.error_code, 6);
    assert_eq!(
        (
            refused.current_leader.leader_id.0,
            refused.current_leader.leader_epoch
        ),
        (3, 1)
    );
    assert_eq!(answer.node_endpoints[0].node_id.0, 3);
    assert_eq!(write(&mut first, &topic, batch()).await, (6, -1));
    let mut third = Wire::to_node(&cluster, 3).await;
    assert_eq!(write(&mut third, &topic, batch()).await, (0, 1));
    let answer = third.ask(&fetch(&topic, 0), 12).await;
    let records = decode(answer.responses[0].partitions[0].records.clone());
    assert_eq!(records, [(0, 0), (1, 1)]);

    cluster.stop_node(3).await.unwrap();
    assert_eq!(cluster.leader("orders", 0), Some(1));
    cluster.move_leader("orders", 0, 3).unwrap_err();
    assert_eq!(write(&mut first, &topic, batch()).await, (0, 2));
    cluster.shutdown().await;
}
