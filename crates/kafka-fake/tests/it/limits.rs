//! What is refused because it is not there.

use kafka_fake::Cluster;
use kafka_protocol::messages::TopicName;

use crate::{
    requests::{fetch, latest},
    transactional::Transactional,
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

#[tokio::test]
async fn transactions_that_write_nothing_fill_the_memory_no_further_than_it_reaches() {
    let builder = Cluster::builder().max_log_bytes(1000);
    let cluster = builder.start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let topic = TopicName(text("orders"));
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    let mut writer = Transactional::begin(&mut wire).await;
    let mut waiting = Transactional::begin(&mut wire).await;
    assert_eq!(waiting.add(&mut wire, &topic, 3).await, 0);
    let mut ended = 0;
    while writer.add(&mut wire, &topic, 3).await == 0 {
        // What is in already takes no more room.
        assert_eq!(writer.add(&mut wire, &topic, 3).await, 0);
        assert_eq!(writer.end(&mut wire, true, 4).await, 0);
        ended += 1;
        assert!(ended < 100);
    }
    assert_eq!(latest(&mut wire, &topic).await, ended);
    assert_eq!(writer.add(&mut wire, &topic, 3).await, 56);
    assert_eq!(writer.write(&mut wire, &topic, 0, 13).await.0, 56);
    // There is room for the marker of the one that is open.
    assert_eq!(waiting.end(&mut wire, false, 4).await, 0);
    assert_eq!(latest(&mut wire, &topic).await, ended + 1);
    cluster.shutdown().await;
}
