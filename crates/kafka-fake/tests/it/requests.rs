//! Requests as tests send them.

use bytes::Bytes;
use kafka_protocol::messages::{
    DeleteRecordsRequest, DeleteTopicsRequest, FetchRequest, InitProducerIdRequest,
    ListOffsetsRequest, ProduceRequest, TopicName, delete_records_request::DeleteRecordsPartition,
    delete_records_request::DeleteRecordsTopic, fetch_request::FetchPartition,
    fetch_request::FetchTopic, list_offsets_request::ListOffsetsPartition,
    list_offsets_request::ListOffsetsTopic, produce_request::PartitionProduceData,
    produce_request::TopicProduceData,
};
use uuid::Uuid;

use crate::wire::Wire;

pub(crate) fn produce(topic: &TopicName, records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData::default().with_records(Some(records));
    let topic = TopicProduceData::default()
        .with_name(topic.clone())
        .with_partition_data(vec![partition]);
    ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(10_000)
        .with_topic_data(vec![topic])
}

/// From version 13 on topics go by their ids.
pub(crate) fn addressed(mut request: ProduceRequest, id: Uuid, version: i16) -> ProduceRequest {
    if version >= 13 {
        request.topic_data[0].name = TopicName::default();
        request.topic_data[0].topic_id = id;
    }
    request
}

/// Code and first offset.
pub(crate) async fn write(wire: &mut Wire, topic: &TopicName, records: Bytes) -> (i16, i64) {
    let answer = wire.ask(&produce(topic, records), 8).await;
    let written = &answer.responses[0].partition_responses[0];
    (written.error_code, written.base_offset)
}

pub(crate) fn fetch(topic: &TopicName, offset: i64) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_fetch_offset(offset)
        .with_partition_max_bytes(i32::MAX);
    let topic = FetchTopic::default()
        .with_topic(topic.clone())
        .with_partitions(vec![partition]);
    FetchRequest::default()
        .with_max_wait_ms(0)
        .with_min_bytes(1)
        .with_max_bytes(i32::MAX)
        .with_session_epoch(-1)
        .with_topics(vec![topic])
}

pub(crate) fn list_offsets(topic: &TopicName, time: i64) -> ListOffsetsRequest {
    let partition = ListOffsetsPartition::default().with_timestamp(time);
    let topic = ListOffsetsTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    ListOffsetsRequest::default()
        .with_replica_id((-1).into())
        .with_topics(vec![topic])
}

pub(crate) async fn latest(wire: &mut Wire, topic: &TopicName) -> i64 {
    let answer = wire.ask(&list_offsets(topic, -1), 5).await;
    answer.topics[0].partitions[0].offset
}

/// Code and first offset that is left.
pub(crate) async fn truncate(wire: &mut Wire, topic: &TopicName, offset: i64) -> (i16, i64) {
    let partition = DeleteRecordsPartition::default().with_offset(offset);
    let topic = DeleteRecordsTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    let request = DeleteRecordsRequest::default()
        .with_topics(vec![topic])
        .with_timeout_ms(10_000);
    let answer = wire.ask(&request, 1).await;
    let result = &answer.topics[0].partitions[0];
    (result.error_code, result.low_watermark)
}

/// Deletes a topic.
pub(crate) async fn delete_topic(wire: &mut Wire, topic: &TopicName) {
    let request = DeleteTopicsRequest::default()
        .with_topic_names(vec![topic.clone()])
        .with_timeout_ms(30_000);
    assert_eq!(wire.ask(&request, 5).await.responses[0].error_code, 0);
}

/// Asks for a producer without transactions.
pub(crate) fn nameless() -> InitProducerIdRequest {
    InitProducerIdRequest::default().with_transactional_id(None)
}

pub(crate) async fn producer(wire: &mut Wire) -> (i64, i16) {
    let answer = wire.ask(&nameless(), 4).await;
    assert_eq!(answer.error_code, 0);
    (answer.producer_id.0, answer.producer_epoch)
}
