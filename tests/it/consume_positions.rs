//! Where a read begins and where it ends.

use std::{collections::BTreeMap, time::Duration};

use kafka_tools::{ConsumeReport, ConsumeRequest, Error, Position, Record, StopReason, TopicName};
use krafka::Record as Outgoing;
use testkit::{AnyKafka, KafkaAccess};
use tokio::time::Instant;

#[tokio::test]
async fn earliest_reads_the_log_from_its_start_to_its_end() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        kafka.write((0..30).map(|n| numbered(&topic, 0, n))).await;

        let report = read(&kafka, &topic, Position::Earliest, 100)
            .await
            .expect("records");

        assert_eq!(
            values(&report),
            (0..30).map(|n| n.to_string()).collect::<Vec<_>>()
        );
        assert_eq!(offsets(&report), (0..30).collect::<Vec<_>>());
        assert_eq!(report.stopped, StopReason::EndOfLog);
        assert_eq!(report.partitions[0].next_offset, 30);
        assert!(!report.partitions[0].has_more());
    }
}

#[tokio::test]
async fn latest_returns_nothing_at_once_and_says_where_to_go_on() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        kafka.write((0..5).map(|n| numbered(&topic, 0, n))).await;
        let started = Instant::now();

        let report = read(&kafka, &topic, Position::Latest, 10)
            .await
            .expect("an answer");

        assert!(report.records.is_empty());
        assert_eq!(report.partitions[0].next_offset, 5);
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "took {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn latest_with_a_wait_returns_what_is_written_meanwhile() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        kafka.write([numbered(&topic, 0, 0)]).await;
        let mut request = ConsumeRequest::new(vec![topic.clone()]);
        request.position = Position::Latest;
        request.max_messages = 1;
        request.wait = Duration::from_secs(8);
        let client = kafka.client();

        let writing = async {
            // Nobody can see from outside when the read stands at the end of the log.
            for number in 1.. {
                kafka.write([numbered(&topic, 0, number)]).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let report = tokio::select! {
            report = client.consume(request) => report,
            () = writing => unreachable!("it writes on and on"),
        };

        let report = report.expect("a record");
        assert_ne!(values(&report), ["0"]);
        assert_eq!(
            (report.records.len(), report.stopped),
            (1, StopReason::MaxMessages)
        );
    }
}

#[tokio::test]
async fn a_short_wait_cuts_no_read_short() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(2).await;
        kafka
            .write((0..20).map(|n| numbered(&topic, n % 2, n)))
            .await;
        for position in [Position::Earliest, Position::Recent] {
            let mut request = ConsumeRequest::new(vec![topic.clone()]);
            request.position = position.clone();
            request.max_messages = 100;
            request.wait = Duration::from_millis(1);
            let started = Instant::now();

            let report = kafka.client().consume(request).await.expect("records");

            let found = (report.records.len(), report.stopped);
            assert_eq!(found, (20, StopReason::EndOfLog), "{position:?}");
            assert!(
                started.elapsed() < Duration::from_secs(3),
                "{position:?} took {:?}",
                started.elapsed()
            );
        }
    }
}

#[tokio::test]
async fn an_offset_is_where_the_read_begins() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        kafka.write((0..10).map(|n| numbered(&topic, 0, n))).await;

        let report = read(&kafka, &topic, Position::Offset(7), 2)
            .await
            .expect("records");

        assert_eq!(offsets(&report), [7, 8]);
        assert_eq!(report.stopped, StopReason::MaxMessages);
        assert!(report.partitions[0].has_more());
    }
}

#[tokio::test]
async fn a_read_goes_on_where_another_stopped_without_gap_or_repetition() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(3).await;
        kafka
            .write((0..60).map(|n| numbered(&topic, n % 3, n)))
            .await;

        let mut position = Position::Earliest;
        let mut seen = Vec::new();
        for _ in 0..20 {
            let report = read(&kafka, &topic, position, 7).await.expect("records");
            seen.extend(values(&report));
            position = Position::Offsets(continuation(&report));
            if report
                .partitions
                .iter()
                .all(|partition| !partition.has_more())
            {
                break;
            }
        }

        let mut numbers: Vec<i32> = seen
            .iter()
            .map(|value| value.parse().expect("a number"))
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..60).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_timestamp_finds_the_first_record_at_or_after_it() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let at = |n: i64| BASE_TIME + n * 1_000;
        kafka
            .write((0..10).map(|n| numbered(&topic, 0, n).timestamp(at(i64::from(n)))))
            .await;

        let exact = read(&kafka, &topic, Position::Timestamp(at(4)), 1)
            .await
            .expect("a record");
        let between = read(&kafka, &topic, Position::Timestamp(at(4) + 1), 1)
            .await
            .expect("a record");
        let future = read(&kafka, &topic, Position::Timestamp(at(99)), 1)
            .await
            .expect("an answer");

        assert_eq!(offsets(&exact), [4]);
        assert_eq!(
            exact.records[0].timestamp.map(|time| time.millis),
            Some(at(4))
        );
        assert_eq!(offsets(&between), [5]);
        assert!(future.records.is_empty());
    }
}

#[tokio::test]
async fn an_empty_topic_answers_in_less_than_a_second() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(6).await;
        for position in [
            Position::Recent,
            Position::Earliest,
            Position::Latest,
            Position::Offset(0),
        ] {
            let started = Instant::now();
            let report = read(&kafka, &topic, position.clone(), 10)
                .await
                .expect("an answer");
            assert!(report.records.is_empty());
            assert_eq!(report.stopped, StopReason::EndOfLog);
            assert!(
                started.elapsed() < Duration::from_secs(1),
                "{position:?}: {:?}",
                started.elapsed()
            );
        }
    }
}

#[tokio::test]
async fn an_offset_before_the_start_or_past_the_end_is_named_with_what_the_log_holds() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        kafka.write((0..10).map(|n| numbered(&topic, 0, n))).await;
        kafka.truncate(&topic, 0, 4).await;

        for asked in [3, 11, i64::MAX] {
            let error = read(&kafka, &topic, Position::Offset(asked), 1)
                .await
                .expect_err("outside");
            let Error::OffsetOutOfRange {
                offset, start, end, ..
            } = &error
            else {
                panic!("{asked}: {error:?}")
            };
            assert_eq!((*offset, *start, *end), (asked, 4, 10));
        }
        let report = read(&kafka, &topic, Position::Earliest, 100)
            .await
            .expect("what is left");
        assert_eq!(offsets(&report), (4..10).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_continuation_that_retention_has_overtaken_says_so_and_goes_on() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        kafka.write((0..10).map(|n| numbered(&topic, 0, n))).await;
        kafka.truncate(&topic, 0, 6).await;

        let position = Position::Offsets([((topic.clone(), 0), 2)].into());
        let report = read(&kafka, &topic, position, 100)
            .await
            .expect("what is left");

        assert_eq!(offsets(&report), (6..10).collect::<Vec<_>>());
        assert!(matches!(
            report.failures[0].error,
            Error::OffsetOutOfRange { offset: 2, .. }
        ));
    }
}

#[tokio::test]
async fn no_message_at_all_cannot_be_asked_for() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let error = read(&kafka, &topic, Position::Recent, 0)
            .await
            .expect_err("refused");
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "max_messages",
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

pub(crate) async fn read(
    kafka: &KafkaAccess,
    topic: &TopicName,
    position: Position,
    max_messages: usize,
) -> Result<ConsumeReport, Error> {
    let mut request = ConsumeRequest::new(vec![topic.clone()]);
    request.position = position;
    request.max_messages = max_messages;
    kafka.client().consume(request).await
}

pub(crate) fn numbered(topic: &TopicName, partition: i32, number: i32) -> Outgoing {
    Outgoing::new(topic.as_str(), number.to_string()).partition(partition)
}

pub(crate) fn values(report: &ConsumeReport) -> Vec<String> {
    let text = |record: &Record| {
        String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into_owned()
    };
    report.records.iter().map(text).collect()
}

pub(crate) fn offsets(report: &ConsumeReport) -> Vec<i64> {
    report.records.iter().map(|record| record.offset).collect()
}

fn continuation(report: &ConsumeReport) -> BTreeMap<(TopicName, i32), i64> {
    let partitions = report.partitions.iter();
    partitions
        .map(|p| ((p.topic.clone(), p.partition), p.next_offset))
        .collect()
}

/// 2026-01-01T00:00:00Z.
const BASE_TIME: i64 = 1_767_225_600_000;
