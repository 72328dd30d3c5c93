//! Writing records.

use kafka_tools::{
    Error, Header, NewRecord, Position, ProduceReport, ProduceRequest, Produced, TimestampKind,
    TopicName,
};
use testkit::{AnyKafka, KafkaAccess, RealKafka, unique_name};

use crate::consume_positions::{read, values};

#[tokio::test]
async fn a_record_arrives_as_it_was_sent() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(3).await;
        let mut record = NewRecord::new(vec![0, 1, 0xff, 0x80]);
        record.partition = Some(2);
        record.key = Some("key".into());
        record.timestamp = Some(1_767_225_600_000);
        record.headers = vec![
            Header::new("twice", Some("1".into())),
            Header::new("twice", Some("2".into())),
            Header::new("null", None),
            Header::new("empty", Some("".into())),
            Header::new("binary", Some(vec![0xff, 0].into())),
        ];

        let written = written(produce(&kafka, &topic, vec![record.clone()]).await);
        let report = read(&kafka, &topic, Position::Earliest, 10)
            .await
            .expect("the record");

        assert_eq!((written[0].partition, written[0].offset), (2, Some(0)));
        let found = &report.records[0];
        assert_eq!((found.partition, found.offset), (2, 0));
        assert_eq!((&found.key, &found.value), (&record.key, &record.value));
        assert_eq!(found.headers, record.headers);
        let time = found.timestamp.expect("a time");
        assert_eq!(
            (time.millis, time.kind),
            (1_767_225_600_000, TimestampKind::CreateTime)
        );
    }
}

#[tokio::test]
async fn null_and_empty_stay_distinct() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let mut empty_key = NewRecord::new("");
        empty_key.key = Some("".into());
        written(produce(&kafka, &topic, vec![NewRecord::tombstone("k"), empty_key]).await);
        let records = read(&kafka, &topic, Position::Earliest, 10)
            .await
            .expect("records")
            .records;
        assert_eq!(
            (records[0].key.as_deref(), records[0].value.as_deref()),
            (Some(&b"k"[..]), None)
        );
        assert_eq!(
            (records[1].key.as_deref(), records[1].value.as_deref()),
            (Some(&b""[..]), Some(&b""[..]))
        );
    }
}

#[tokio::test]
async fn a_batch_is_written_in_its_order() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let batch = (0..50)
            .map(|n: i32| NewRecord::new(n.to_string()))
            .collect();
        let written = written(produce(&kafka, &topic, batch).await);
        let report = read(&kafka, &topic, Position::Earliest, 100)
            .await
            .expect("records");
        assert_eq!(
            written.iter().map(|w| w.offset).collect::<Vec<_>>(),
            (0..50).map(Some).collect::<Vec<_>>()
        );
        assert_eq!(
            values(&report),
            (0..50).map(|n| n.to_string()).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_key_decides_the_partition_as_the_java_client_does() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(5).await;
        for key in ["a", "order-4711", "ä"] {
            let mut record = NewRecord::new("1");
            record.key = Some(key.to_owned().into());
            let written = written(produce(&kafka, &topic, vec![record]).await);
            let hash = krafka::producer::murmur2(key.as_bytes()) & 0x7fff_ffff;
            assert_eq!(u32::try_from(written[0].partition), Ok(hash % 5), "{key}");
        }
    }
}

#[tokio::test]
async fn ten_megabytes_arrive_where_the_topic_allows_them() {
    for kafka in AnyKafka::all().await {
        let topic = kafka
            .topic_with(1, &[("max.message.bytes", "12000000")])
            .await;
        let value: Vec<u8> = (0..10_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        written(produce(&kafka, &topic, vec![NewRecord::new(value.clone())]).await);
        for position in [Position::Recent, Position::Earliest] {
            let report = read(&kafka, &topic, position, 1).await.expect("the record");
            assert!(
                report.records[0].value.as_deref() == Some(&value[..]),
                "it arrived changed"
            );
        }
    }
}

#[tokio::test]
async fn a_record_over_the_brokers_limit_is_too_large_and_harms_no_other() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let large = NewRecord::new(vec![7; 2_000_000]);
        let client = kafka.client();

        let report = client
            .produce(ProduceRequest::new(topic.clone(), vec![large]))
            .await;
        let error = report
            .expect("the topic exists")
            .results
            .remove(0)
            .expect_err("too large");
        assert!(matches!(error, Error::RecordTooLarge { .. }), "{error:?}");
        assert_eq!(error.kafka_code().map(|code| code.code()), Some(10));

        let small = client
            .produce(ProduceRequest::new(
                topic.clone(),
                vec![NewRecord::new("1")],
            ))
            .await;
        written(small);
        let report = read(&kafka, &topic, Position::Earliest, 10)
            .await
            .expect("records");
        assert_eq!(values(&report), ["1"]);
    }
}

#[tokio::test]
async fn a_record_over_the_clients_limit_is_refused_before_it_is_sent() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let huge = NewRecord::new(vec![7; 33 * 1024 * 1024]);
        let error = produce(&kafka, &topic, vec![huge])
            .await
            .expect_err("refused");
        assert!(matches!(error, Error::RecordTooLarge { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn writing_to_an_unknown_topic_does_not_create_it_although_the_broker_would() {
    for kafka in AnyKafka::all().await {
        let missing: TopicName = unique_name("missing").parse().expect("a name");
        let error = produce(&kafka, &missing, vec![NewRecord::new("1")])
            .await
            .expect_err("unknown");
        assert!(matches!(error, Error::UnknownTopic { .. }), "{error:?}");
        let topics = kafka.client().list_topics().await.expect("topics").topics;
        assert!(topics.iter().all(|topic| topic.name != missing));
    }
}

#[tokio::test]
async fn where_the_broker_sets_the_time_the_producers_is_returned_and_called_so() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka
        .topic_with(1, &[("message.timestamp.type", "LogAppendTime")])
        .await;
    let mut record = NewRecord::new("1");
    record.timestamp = Some(1_000);
    written(produce(&kafka, &topic, vec![record]).await);
    let report = read(&kafka, &topic, Position::Earliest, 1)
        .await
        .expect("the record");
    let time = report.records[0].timestamp.expect("a time");
    assert_eq!((time.millis, time.kind), (1_000, TimestampKind::CreateTime));
}

async fn produce(
    kafka: &KafkaAccess,
    topic: &TopicName,
    records: Vec<NewRecord>,
) -> Result<ProduceReport, Error> {
    kafka
        .client()
        .produce(ProduceRequest::new(topic.clone(), records))
        .await
}

#[track_caller]
fn written(report: Result<ProduceReport, Error>) -> Vec<Produced> {
    let results = report.expect("the topic exists").results;
    results
        .into_iter()
        .map(|result| result.expect("written"))
        .collect()
}
