//! What is refused because it is not there.

use kafka_fake::Cluster;
use kafka_protocol::messages::TopicName;

use crate::{
    requests::fetch,
    wire::{Wire, text},
};

#[tokio::test]
async fn sessions_are_refused_as_lib_rs_says() {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let topic = TopicName(text("orders"));
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    let answer = wire.ask(&fetch(&topic, 0).with_session_epoch(0), 11).await;
    assert_eq!((answer.error_code, answer.session_id), (0, 0));
    let continued = fetch(&topic, 0).with_session_id(5).with_session_epoch(1);
    assert_eq!(wire.ask(&continued, 11).await.error_code, 70);
    cluster.shutdown().await;
}
