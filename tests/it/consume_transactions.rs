//! Transactions in the log, on a real Kafka: a read returns what is committed and never hangs.

use std::time::Duration;

use kafka_tools::{ConsumeReport, ConsumeRequest, Isolation, Position, StopReason, TopicName};
use krafka::producer::TransactionalProducer;
use testkit::{RealKafka, unique_name};
use tokio::time::Instant;

use crate::consume_positions::{numbered, offsets, values};

#[tokio::test]
async fn aborted_records_are_left_out_and_committed_ones_returned() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    let producer = transactional(&kafka).await;
    in_transaction(&producer, &topic, 0..3).await;
    producer.commit().await.expect("committed");
    in_transaction(&producer, &topic, 3..6).await;
    producer.abort().await.expect("aborted");
    in_transaction(&producer, &topic, 6..9).await;
    producer.commit().await.expect("committed");

    for position in [Position::Earliest, Position::Recent] {
        let committed = read(&kafka, &topic, position.clone(), Isolation::ReadCommitted).await;
        assert_eq!(
            values(&committed),
            ["0", "1", "2", "6", "7", "8"],
            "{position:?}"
        );
        assert_eq!(committed.stopped, StopReason::EndOfLog);
        // Three markers lie between and behind the records.
        assert_eq!(committed.partitions[0].next_offset, 12);
        let all = read(&kafka, &topic, position, Isolation::ReadUncommitted).await;
        assert_eq!(all.records.len(), 9);
    }
}

#[tokio::test]
async fn a_log_that_ends_with_aborted_records_ends_at_once() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    let producer = transactional(&kafka).await;
    for n in 0..20 {
        in_transaction(&producer, &topic, n..n + 1).await;
        producer.abort().await.expect("aborted");
    }
    let started = Instant::now();

    let report = read(&kafka, &topic, Position::Earliest, Isolation::ReadCommitted).await;
    let recent = read(&kafka, &topic, Position::Recent, Isolation::ReadCommitted).await;

    assert!(report.records.is_empty() && recent.records.is_empty());
    assert_eq!(report.partitions[0].next_offset, 40);
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "took {:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn an_open_transaction_ends_a_committed_read_and_not_an_uncommitted_one() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    kafka.write((0..2).map(|n| numbered(&topic, 0, n))).await;
    let producer = transactional(&kafka).await;
    in_transaction(&producer, &topic, 2..5).await;
    kafka.write((5..7).map(|n| numbered(&topic, 0, n))).await;
    let started = Instant::now();

    let committed = read(&kafka, &topic, Position::Earliest, Isolation::ReadCommitted).await;
    let recent = read(&kafka, &topic, Position::Recent, Isolation::ReadCommitted).await;
    let uncommitted = read(
        &kafka,
        &topic,
        Position::Earliest,
        Isolation::ReadUncommitted,
    )
    .await;

    assert_eq!(
        (values(&committed), committed.partitions[0].end_offset),
        (numbers(0..2), 2)
    );
    assert_eq!(values(&recent), numbers(0..2));
    assert_eq!(values(&uncommitted), numbers(0..7));
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "took {:?}",
        started.elapsed()
    );

    producer.commit().await.expect("committed");
    let after = read(&kafka, &topic, Position::Earliest, Isolation::ReadCommitted).await;
    assert_eq!(values(&after), numbers(0..7));
    assert_eq!(offsets(&after), (0..7).collect::<Vec<_>>());
}

async fn transactional(kafka: &RealKafka) -> TransactionalProducer {
    let id = unique_name("transactions");
    kafka
        .kafka()
        .producer()
        .build_transactional(id)
        .await
        .expect("a transactional producer")
}

async fn in_transaction(
    producer: &TransactionalProducer,
    topic: &TopicName,
    numbers: std::ops::Range<i32>,
) {
    producer.begin().expect("begun");
    for number in numbers {
        let written = producer.send(numbered(topic, 0, number)).await;
        assert!(written.expect("written").is_success());
    }
}

async fn read(
    kafka: &RealKafka,
    topic: &TopicName,
    position: Position,
    isolation: Isolation,
) -> ConsumeReport {
    let mut request = ConsumeRequest::new(vec![topic.clone()]);
    request.position = position;
    request.isolation = isolation;
    request.max_messages = 100;
    kafka.client().consume(request).await.expect("records")
}

fn numbers(range: std::ops::Range<i32>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}
