//! The plain operations on a fake broker: they need nothing but this process.

use kafka_tools::{
    Client, ConsumeRequest, Error, Header, NewRecord, Position, ProduceRequest, SaslConfig,
    StopReason, TopicName,
};
use krafka::{Record as Outgoing, testing::ApiKey};
use testkit::FakeKafka;

use crate::consume_positions::values;

#[tokio::test]
async fn topics_are_listed_in_order_of_their_names() {
    let kafka = FakeKafka::start().await;
    for (name, partitions) in [("zebra", 1), ("apple", 3), ("mango", 2)] {
        kafka.broker().create_topic(name, partitions);
    }
    let listing = kafka.client().list_topics().await.expect("topics");
    let listed = listing
        .topics
        .iter()
        .map(|topic| (topic.name.as_str(), topic.partition_count));
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [("apple", 3), ("mango", 2), ("zebra", 1)]
    );
}

#[tokio::test]
async fn many_topics_take_no_more_requests_than_few() {
    let kafka = FakeKafka::start().await;
    let mut requests = Vec::new();
    for count in [1, 1_000] {
        for n in 0..count {
            kafka.broker().create_topic(&format!("topic-{n}"), 2);
        }
        kafka.broker().clear_requests();
        let listing = kafka.client().list_topics().await.expect("topics");
        assert_eq!(listing.topics.len(), count);
        requests.push(kafka.broker().requests().len());
    }
    assert_eq!(requests[0], requests[1]);
}

#[tokio::test]
async fn what_is_produced_is_read_back_byte_for_byte() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 2);
    let client = kafka.client();
    let mut record = NewRecord::new(vec![0, 0xff, 0xfe, b'\n']);
    record.key = Some("key".into());
    record.partition = Some(1);
    record.timestamp = Some(1_767_225_600_000);
    record.headers = vec![
        Header::new("trace", Some("a".into())),
        Header::new("trace", Some("b".into())),
        Header::new("nothing", None),
        Header::new("empty", Some("".into())),
    ];
    let sent = vec![record, NewRecord::tombstone("key"), NewRecord::new("")];

    let report = client
        .produce(ProduceRequest::new(orders(), sent.clone()))
        .await;
    let mut request = ConsumeRequest::new(vec![orders()]);
    request.position = Position::Earliest;
    let read = client.consume(request).await.expect("records").records;

    let written = report.expect("the topic exists").results;
    assert!(written.iter().all(Result::is_ok), "{written:?}");
    assert_eq!(read.len(), 3);
    for (sent, written) in sent.iter().zip(written) {
        let written = written.expect("written");
        let found = read.iter().find(|record| {
            record.partition == written.partition && Some(record.offset) == written.offset
        });
        let found = found.expect("the record at its offset");
        assert_eq!((&found.key, &found.value), (&sent.key, &sent.value));
        assert_eq!(found.headers, sent.headers);
        if sent.timestamp.is_some() {
            assert_eq!(found.timestamp.map(|time| time.millis), sent.timestamp);
        }
    }
}

#[tokio::test]
async fn an_unknown_topic_is_named_and_not_created() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    let client = kafka.client();
    let missing: TopicName = "ordres".parse().expect("a name");

    let described = client.describe_topic(&missing).await.expect_err("unknown");
    let read = client
        .consume(ConsumeRequest::new(vec![missing.clone()]))
        .await;
    let record = vec![NewRecord::new("1")];
    let written = client
        .produce(ProduceRequest::new(missing.clone(), record))
        .await;

    for error in [
        described,
        read.expect_err("unknown"),
        written.expect_err("unknown"),
    ] {
        assert!(
            matches!(&error, Error::UnknownTopic { topic } if topic == "ordres"),
            "{error:?}"
        );
        assert_eq!(error.kafka_code().map(|code| code.code()), Some(3));
    }
    let topics = client.list_topics().await.expect("topics").topics;
    assert_eq!(topics.len(), 1, "{topics:?}");
    assert_eq!(kafka.broker().request_count(ApiKey::Produce), 0);
}

#[tokio::test]
async fn a_partition_that_does_not_exist_is_refused_with_how_many_there_are() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 2);
    let client = kafka.client();
    for partition in [2, 99, -1] {
        let mut request = ConsumeRequest::new(vec![orders()]);
        request.partitions = vec![partition];
        let read = client
            .consume(request)
            .await
            .expect_err("no such partition");
        let mut record = NewRecord::new("1");
        record.partition = Some(partition);
        let written = client
            .produce(ProduceRequest::new(orders(), vec![record]))
            .await;
        for error in [read, written.expect_err("no such partition")] {
            assert!(
                matches!(error, Error::UnknownPartition { count: 2, .. }),
                "{error:?}"
            );
        }
    }
    assert_eq!(kafka.broker().request_count(ApiKey::Produce), 0);
}

#[tokio::test]
async fn an_offset_outside_the_log_is_refused_with_what_the_log_holds() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka
        .write((0..3).map(|n| Outgoing::new("orders", n.to_string())))
        .await;
    for offset in [-1, 4, i64::MAX] {
        let mut request = ConsumeRequest::new(vec![orders()]);
        request.position = Position::Offset(offset);
        let error = kafka.client().consume(request).await.expect_err("outside");
        assert!(
            matches!(
                error,
                Error::OffsetOutOfRange {
                    start: 0,
                    end: 3,
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_open_transaction_does_not_hold_up_a_read() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.write([Outgoing::new("orders", "before")]).await;
    kafka.broker().hold_transaction_markers(true);
    let other = kafka.kafka().await;
    let producer = other
        .producer()
        .build_transactional("open")
        .await
        .expect("a producer");
    producer.begin().expect("begun");
    let written = producer
        .send(Outgoing::new("orders", "within"))
        .await
        .expect("written");
    assert!(written.is_success());

    for position in [Position::Earliest, Position::Recent] {
        let mut request = ConsumeRequest::new(vec![orders()]);
        request.position = position;
        let report = kafka.client().consume(request).await.expect("records");
        assert_eq!(values(&report), ["before"]);
        assert_eq!(report.stopped, StopReason::EndOfLog);
    }
}

#[tokio::test]
async fn a_read_joins_no_group_and_commits_nothing() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.write([Outgoing::new("orders", "1")]).await;
    kafka.broker().clear_requests();
    let client = kafka.client();
    client.list_topics().await.expect("topics");
    client.describe_topic(&orders()).await.expect("a topic");
    client
        .consume(ConsumeRequest::new(vec![orders()]))
        .await
        .expect("records");

    let reads = [
        ApiKey::ApiVersions,
        ApiKey::Metadata,
        ApiKey::ListOffsets,
        ApiKey::Fetch,
    ];
    let requests = kafka.broker().requests();
    let others: Vec<_> = requests
        .iter()
        .map(|r| r.api_key)
        .filter(|key| !reads.contains(key))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(
        kafka
            .broker()
            .with_state(|cluster| cluster.groups.is_empty())
    );
}

#[tokio::test]
async fn a_wrong_password_is_an_authentication_failure_that_does_not_print_it() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.broker().require_sasl_plain("alice", "right");
    let client = |password: &str| {
        let mut config = kafka.config();
        let password = password.to_owned().into();
        config.sasl = Some(SaslConfig::Plain {
            user: "alice".to_owned(),
            password,
        });
        Client::new(config).expect("valid")
    };

    client("right").list_topics().await.expect("logged in");
    let error = client("canary-0451")
        .list_topics()
        .await
        .expect_err("refused");

    assert!(matches!(error, Error::Authentication { .. }), "{error:?}");
    assert!(
        !format!("{error} {error:?}").contains("canary"),
        "{error:?}"
    );
    kafka
        .client()
        .list_topics()
        .await
        .expect_err("not logged in");
}

fn orders() -> TopicName {
    "orders".parse().expect("a name")
}
