//! What is refused because it is not there.

use kafka_fake::Cluster;
use kafka_protocol::messages::{InitProducerIdRequest, TopicName, TransactionalId};

use crate::{
    batch::BatchRecipe,
    requests::{fetch, write},
    wire::{Wire, text},
};

#[tokio::test]
async fn transactions_and_sessions_are_refused_as_lib_rs_says() {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let topic = TopicName(text("orders"));
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    let id = Some(TransactionalId(text("writer")));
    let begin = InitProducerIdRequest::default().with_transactional_id(id);
    assert_eq!(wire.ask(&begin, 4).await.error_code, 35);
    let within = BatchRecipe {
        transactional: true,
        ..BatchRecipe::plain(1)
    };
    assert_eq!(write(&mut wire, &topic, within.encode()).await, (48, -1));
    let answer = wire.ask(&fetch(&topic, 0).with_session_epoch(0), 11).await;
    assert_eq!((answer.error_code, answer.session_id), (0, 0));
    let continued = fetch(&topic, 0).with_session_id(5).with_session_epoch(1);
    assert_eq!(wire.ask(&continued, 11).await.error_code, 70);
    cluster.shutdown().await;
}
