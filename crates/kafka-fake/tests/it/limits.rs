//! What is refused because it is not there.

use kafka_fake::Cluster;
use kafka_protocol::messages::{ApiVersionsRequest, TopicName};

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

#[tokio::test]
async fn a_client_that_claims_long_lists_is_sent_away_and_the_node_goes_on_for_others() {
    let lies: [(i16, i16, &[u8]); 5] = [
        // Topics of Metadata, plain and compact.
        (3, 1, &[0x7f, 0xff, 0xff, 0xff]),
        (3, 12, &[0xff, 0xff, 0xff, 0xff, 0x07, 1, 0, 0]),
        // Topics of Produce, plain and compact, behind transactional id, acks and a timeout.
        (
            0,
            3,
            &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff],
        ),
        (
            0,
            9,
            &[0, 0xff, 0xff, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
        ),
        // Topics in a group of OffsetFetch.
        (
            9,
            9,
            &[2, 2, b'g', 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f],
        ),
    ];
    let cluster = Cluster::builder().start().await.unwrap();
    let mut bystander = Wire::connect(&cluster.bootstrap_servers()).await;
    for (api, version, body) in lies {
        let is_flexible = version >= 9;
        let mut frame = [api.to_be_bytes(), version.to_be_bytes()].concat();
        // Number and name of the client, and no tags.
        frame.extend([0, 0, 0, 1, 0xff, 0xff]);
        frame.extend(vec![0; usize::from(is_flexible)]);
        frame.extend(body);
        let length = i32::try_from(frame.len()).unwrap();
        let mut liar = Wire::connect(&cluster.bootstrap_servers()).await;
        liar.send_bytes(&length.to_be_bytes()).await;
        liar.send_bytes(&frame).await;
        assert_eq!(liar.read().await, None, "{api} {version}");
        bystander.ask(&ApiVersionsRequest::default(), 3).await;
    }
    cluster.shutdown().await;
}
