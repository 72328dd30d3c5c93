//! Faults that happen to single partitions.

use kafka_fake::{Api, Cluster, ErrorCode, Fault, FaultRule};
use kafka_protocol::messages::{
    DescribeTopicPartitionsRequest, TopicName, describe_topic_partitions_request::TopicRequest,
    fetch_request::FetchPartition, produce_request::PartitionProduceData,
};

use crate::{
    batch::BatchRecipe,
    requests::{fetch, latest, list_offsets, produce, truncate},
    wire::{Wire, metadata, text},
};

#[tokio::test]
async fn one_partition_fails_and_the_other_is_read_and_written() {
    let (cluster, mut wire, topic) = start(ErrorCode::NOT_LEADER_OR_FOLLOWER).await;
    let mut request = produce(&topic, BatchRecipe::plain(1).encode());
    let other = PartitionProduceData::default()
        .with_index(1)
        .with_records(Some(BatchRecipe::plain(1).encode()));
    request.topic_data[0].partition_data.push(other);
    let answer = wire.ask(&request, 8).await;
    let written = &answer.responses[0].partition_responses;
    let codes: Vec<i16> = written
        .iter()
        .map(|partition| partition.error_code)
        .collect();
    assert_eq!(codes, [6, 0]);

    let mut request = fetch(&topic, 0);
    let other = FetchPartition::default()
        .with_partition(1)
        .with_partition_max_bytes(i32::MAX);
    request.topics[0].partitions.push(other);
    let answer = wire.ask(&request, 11).await;
    let [first, second] = &answer.responses[0].partitions[..] else {
        panic!("{answer:?}")
    };
    assert_eq!((first.error_code, second.error_code), (6, 0));
    assert!(
        second
            .records
            .as_ref()
            .is_some_and(|found| !found.is_empty())
    );
    cluster.shutdown().await;
}

#[tokio::test]
async fn lookups_deletions_and_metadata_of_a_partition_fail_until_it_is_over() {
    let (cluster, mut wire, topic) = start(ErrorCode::LEADER_NOT_AVAILABLE).await;
    let answer = wire.ask(&list_offsets(&topic, -1), 5).await;
    let found = &answer.topics[0].partitions[0];
    assert_eq!((found.error_code, found.offset), (5, -1));
    assert_eq!(truncate(&mut wire, &topic, 0).await, (5, -1));
    let answer = wire.ask(&metadata(&[&topic]), 9).await;
    let found = answer.topics[0].partitions.iter();
    let found: Vec<_> = found.map(|p| (p.error_code, p.leader_id.0)).collect();
    assert_eq!(found, [(5, -1), (0, 1)]);
    let asked = TopicRequest::default().with_name(topic.clone());
    let asked = DescribeTopicPartitionsRequest::default()
        .with_topics(vec![asked])
        .with_response_partition_limit(10);
    let answer = wire.ask(&asked, 0).await;
    let found = answer.topics[0].partitions.iter();
    let found: Vec<_> = found.map(|p| (p.error_code, p.leader_id.0)).collect();
    assert_eq!(found, [(5, -1), (0, 1)]);
    cluster.clear_faults();
    assert_eq!(latest(&mut wire, &topic).await, 0);
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_partition_fails_as_often_as_told_and_for_the_request_that_is_named() {
    let (cluster, mut wire, topic) = start(ErrorCode::LEADER_NOT_AVAILABLE).await;
    cluster.clear_faults();
    let rule = FaultRule::new(fault(ErrorCode::OFFSET_OUT_OF_RANGE)).api(Api::Fetch);
    cluster.inject(rule.times(1));
    assert_eq!(latest(&mut wire, &topic).await, 0);
    for code in [1, 0] {
        let answer = wire.ask(&fetch(&topic, 0), 11).await;
        assert_eq!(answer.responses[0].partitions[0].error_code, code);
    }
    cluster.shutdown().await;
}

async fn start(code: ErrorCode) -> (Cluster, Wire, TopicName) {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 2).unwrap();
    cluster.inject(FaultRule::new(fault(code)));
    let wire = Wire::connect(&cluster.bootstrap_servers()).await;
    (cluster, wire, TopicName(text("orders")))
}

/// Something is wrong with the first partition.
fn fault(code: ErrorCode) -> Fault {
    Fault::PartitionError {
        topic: "orders".to_owned(),
        partition: 0,
        code,
    }
}
