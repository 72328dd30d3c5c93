//! What both engines promise, asked of both, on kafka-fake and on a real Kafka.

use kafka_tools::{
    Client, ConsumeReport, ConsumeRequest, EngineKind, Error, Header, LagQuery, NewRecord,
    Position, ProduceRequest, StopReason, TopicName,
};
use testkit::{AnyKafka, KafkaAccess, bootstrap, unique_name};

use crate::consume_positions::{numbered, offsets, values};

#[tokio::test]
async fn both_engines_list_and_describe_topics() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(3).await;
        for (engine, client) in both(&kafka) {
            client
                .ping()
                .await
                .unwrap_or_else(|error| panic!("{engine:?}: {error:?}"));
            let topics = client.list_topics().await.expect("topics").topics;
            let listed = topics
                .iter()
                .find(|listed| listed.name == topic)
                .expect("listed");
            assert_eq!(listed.partition_count, 3, "{engine:?}");
            assert!(topics.is_sorted_by(|a, b| a.name < b.name), "{engine:?}");
            let described = client.describe_topic(&topic).await.expect("the topic");
            let ids: Vec<i32> = described
                .partitions
                .iter()
                .map(|partition| partition.id)
                .collect();
            assert_eq!(ids, [0, 1, 2], "{engine:?}");
        }
    }
}

#[tokio::test]
async fn both_engines_read_what_either_writes() {
    for kafka in AnyKafka::all().await {
        for (writer, client) in both(&kafka) {
            let topic = kafka.topic(1).await;
            let mut record = NewRecord::new(vec![0, 0xff]);
            record.key = Some("key".into());
            record.partition = Some(0);
            record.timestamp = Some(1_767_225_600_000);
            record.headers = vec![Header::new("header", Some("1".into()))];
            let mut tombstone = NewRecord::tombstone("gone");
            tombstone.partition = Some(0);
            let sent = vec![record, tombstone];
            let report = client
                .produce(ProduceRequest::new(topic.clone(), sent.clone()))
                .await;
            for (offset, result) in (0..).zip(report.expect("the topic exists").results) {
                let written = result.unwrap_or_else(|error| panic!("{writer:?}: {error:?}"));
                assert_eq!(
                    (written.partition, written.offset),
                    (0, Some(offset)),
                    "{writer:?}"
                );
            }
            for (reader, client) in both(&kafka) {
                let report = read(&client, &topic, Position::Earliest, 10)
                    .await
                    .expect("records");
                assert_eq!(report.records.len(), 2, "{writer:?} to {reader:?}");
                for (sent, found) in sent.iter().zip(&report.records) {
                    assert_eq!((&found.key, &found.value), (&sent.key, &sent.value));
                    assert_eq!(found.headers, sent.headers);
                }
                let time = report.records[0].timestamp.map(|time| time.millis);
                assert_eq!(time, Some(1_767_225_600_000), "{reader:?}");
            }
        }
    }
}

#[tokio::test]
async fn both_engines_begin_and_end_where_they_are_told_to() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let at = |n: i32| 1_767_225_600_000 + i64::from(n);
        kafka
            .write((0..20).map(|n| numbered(&topic, 0, n).timestamp(at(n))))
            .await;
        kafka.truncate(&topic, 0, 5).await;
        for (engine, client) in both(&kafka) {
            for (position, limit, expected) in [
                (Position::Earliest, 100, 5..20),
                (Position::Latest, 100, 20..20),
                (Position::Offset(7), 3, 7..10),
                (
                    Position::Offsets([((topic.clone(), 0), 18)].into()),
                    100,
                    18..20,
                ),
                (Position::Timestamp(at(12)), 2, 12..14),
                (Position::Timestamp(at(99)), 2, 20..20),
                (Position::Recent, 4, 16..20),
                (Position::Recent, 100, 5..20),
            ] {
                let report = read(&client, &topic, position.clone(), limit)
                    .await
                    .expect("records");
                let found = offsets(&report);
                assert_eq!(
                    found,
                    expected.collect::<Vec<_>>(),
                    "{engine:?} from {position:?}"
                );
            }
            for offset in [4, 21] {
                let error = read(&client, &topic, Position::Offset(offset), 1).await;
                let error = error.expect_err("outside");
                assert!(
                    matches!(
                        error,
                        Error::OffsetOutOfRange {
                            start: 5,
                            end: 20,
                            ..
                        }
                    ),
                    "{error:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn both_engines_merge_partitions_by_time_and_leave_empty_ones_at_once() {
    for kafka in AnyKafka::all().await {
        let (topic, empty) = (kafka.topic(3).await, kafka.topic(3).await);
        let at = |n: i32| 1_767_225_600_000 + i64::from(n);
        kafka
            .write((0..30).map(|n| numbered(&topic, n % 3, n).timestamp(at(n))))
            .await;
        for (engine, client) in both(&kafka) {
            let report = read(&client, &topic, Position::Recent, 10)
                .await
                .expect("records");
            let expected: Vec<String> = (20..30).map(|n| n.to_string()).collect();
            assert_eq!(values(&report), expected, "{engine:?}");
            let started = tokio::time::Instant::now();
            let report = read(&client, &empty, Position::Recent, 10)
                .await
                .expect("an answer");
            assert_eq!(
                (report.records.len(), report.stopped),
                (0, StopReason::EndOfLog),
                "{engine:?}"
            );
            assert!(
                started.elapsed() < std::time::Duration::from_secs(1),
                "{engine:?}"
            );
        }
    }
}

#[tokio::test]
async fn both_engines_create_no_topic_and_name_what_is_unknown() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        for (engine, client) in both(&kafka) {
            let missing: TopicName = unique_name("missing").parse().expect("a name");
            let record = || vec![NewRecord::new("1")];
            for error in [
                client.describe_topic(&missing).await.expect_err("unknown"),
                read(&client, &missing, Position::Recent, 1)
                    .await
                    .expect_err("unknown"),
                client
                    .produce(ProduceRequest::new(missing.clone(), record()))
                    .await
                    .expect_err("unknown"),
            ] {
                assert!(
                    matches!(error, Error::UnknownTopic { .. }),
                    "{engine:?}: {error:?}"
                );
            }
            let mut elsewhere = record();
            elsewhere[0].partition = Some(7);
            let error = client
                .produce(ProduceRequest::new(topic.clone(), elsewhere))
                .await;
            let error = error.expect_err("no such partition");
            assert!(
                matches!(error, Error::UnknownPartition { count: 1, .. }),
                "{engine:?}: {error:?}"
            );
            let topics = client.list_topics().await.expect("topics").topics;
            assert!(
                topics.iter().all(|topic| topic.name != missing),
                "{engine:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_cluster_that_is_down_is_unavailable_to_both_engines() {
    for engine in ENGINES {
        let mut config = bootstrap("127.0.0.1:1");
        config.engine = engine;
        let client = Client::new(config).expect("valid");
        let error = client.list_topics().await.expect_err("nobody listens");
        assert!(
            matches!(error, Error::Unavailable { .. }),
            "{engine:?}: {error:?}"
        );
        assert!(error.is_retriable());
    }
}

#[tokio::test]
async fn what_the_lean_engine_lacks_is_refused_and_not_made_up() {
    for kafka in AnyKafka::all().await {
        let [_, (_, client)] = both(&kafka);
        for error in [
            client.list_groups().await.expect_err("unsupported"),
            client
                .lag(LagQuery::default())
                .await
                .expect_err("unsupported"),
        ] {
            assert!(
                matches!(
                    error,
                    Error::Unsupported {
                        engine: "rskafka",
                        ..
                    }
                ),
                "{error:?}"
            );
        }
    }
}

fn both(kafka: &KafkaAccess) -> [(EngineKind, Client); 2] {
    ENGINES.map(|engine| {
        let mut config = kafka.config();
        config.engine = engine;
        (engine, Client::new(config).expect("valid"))
    })
}

async fn read(
    client: &Client,
    topic: &TopicName,
    position: Position,
    max_messages: usize,
) -> Result<ConsumeReport, Error> {
    let mut request = ConsumeRequest::new(vec![topic.clone()]);
    request.position = position;
    request.max_messages = max_messages;
    client.consume(request).await
}

const ENGINES: [EngineKind; 2] = [EngineKind::Krafka, EngineKind::Rskafka];
