//! Brokers that are down, slow, half-open or talk nonsense. Hermetic.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use kafka_tools::{
    Client, ConsumeRequest, Error, Fault as Blame, KafkaConfig, NewRecord, Position,
    ProduceRequest, StopReason, TopicName,
};
use krafka::{
    Record as Outgoing,
    testing::{ApiKey, Control},
};
use testkit::{FakeKafka, Fault, FaultProxy, bootstrap, eventually};
use tokio::{net::TcpListener, time::Instant};

#[tokio::test]
async fn a_cluster_that_is_down_is_an_error_that_names_its_addresses() {
    let dead = dead_address().await;
    let client = Client::new(bootstrap(&dead.to_string())).expect("nothing is contacted");
    let started = Instant::now();
    let error = client.list_topics().await.expect_err("nobody listens");
    let Error::Unavailable { brokers, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*brokers, dead.to_string());
    assert_eq!(
        (error.fault(), error.is_retriable()),
        (Blame::Cluster, true)
    );
    assert!(started.elapsed() < CALL, "took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_cluster_that_comes_up_later_is_found_without_a_new_client() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 3);
    kafka.proxy().set(Fault::Gone);
    let client = impatient(kafka.config());
    client.list_topics().await.expect_err("it is down");

    kafka.proxy().set(Fault::Pass);
    let listing = client.list_topics().await.expect("it is up");

    assert_eq!(listing.topics[0].name.as_str(), "orders");
}

#[tokio::test]
async fn a_live_broker_is_found_beside_dead_ones_and_a_black_hole() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    let hole = FaultProxy::start(kafka.proxy().address(), Fault::HalfOpen)
        .await
        .expect("a port");
    let (dead, other) = (dead_address().await, dead_address().await);
    let live = kafka.proxy().address();
    let mut config = bootstrap(&format!("{dead},{},{other},{live}", hole.address()));
    config.connect_timeout = Duration::from_secs(1);
    let client = Client::new(config).expect("valid");
    let started = Instant::now();

    let listing = client.list_topics().await.expect("one of them answers");

    assert_eq!(listing.topics.len(), 1);
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "took {:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn concurrent_callers_of_a_black_hole_wait_for_one_connect_timeout_together() {
    let kafka = FakeKafka::start().await;
    kafka.proxy().set(Fault::HalfOpen);
    let client = impatient(kafka.config());
    let started = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        calls.spawn(async move { client.list_topics().await });
    }
    for outcome in calls.join_all().await {
        outcome.expect_err("nobody answers");
    }
    assert!(
        started.elapsed() < IMPATIENT * 2,
        "took {:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn every_call_on_a_half_open_connection_ends_by_its_deadline_and_works_after_healing() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.write([Outgoing::new("orders", "1")]).await;
    let client = impatient(kafka.config());
    client.list_topics().await.expect("it is up");

    kafka.proxy().set(Fault::HalfOpen);
    let orders = || "orders".parse::<TopicName>().expect("a name");
    let started = Instant::now();
    client
        .describe_topic(&orders())
        .await
        .expect_err("no answer");
    assert!(
        started.elapsed() < IMPATIENT * 2,
        "took {:?}",
        started.elapsed()
    );
    let started = Instant::now();
    client
        .consume(ConsumeRequest::new(vec![orders()]))
        .await
        .expect_err("no answer");
    assert!(
        started.elapsed() < IMPATIENT * 2,
        "took {:?}",
        started.elapsed()
    );

    kafka.proxy().set(Fault::Pass);
    let healed = Instant::now();
    eventually("an answer after healing", || async {
        client
            .consume(ConsumeRequest::new(vec![orders()]))
            .await
            .ok()
    })
    .await;
    assert!(
        healed.elapsed() < Duration::from_secs(2),
        "took {:?}",
        healed.elapsed()
    );
}

#[tokio::test]
async fn a_slow_broker_is_waited_for_within_the_deadline() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.proxy().set(Fault::Slow(Duration::from_millis(100)));
    let listing = kafka
        .client()
        .list_topics()
        .await
        .expect("it answers in the end");
    assert_eq!(listing.topics.len(), 1);
}

#[tokio::test]
async fn an_answer_that_trickles_ends_by_the_deadline() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka
        .proxy()
        .set(Fault::Trickle(Duration::from_millis(200)));
    let client = impatient(kafka.config());
    let started = Instant::now();
    client.list_topics().await.expect_err("it takes too long");
    assert!(
        started.elapsed() < IMPATIENT * 2,
        "took {:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn answers_that_are_no_kafka_are_an_error_within_the_deadline() {
    let answers: [&'static [u8]; 4] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        // A frame of 2 GiB, of a negative length, and one with a foreign correlation id.
        &[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1],
        &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1],
        &[0, 0, 0, 8, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0],
    ];
    for answer in answers {
        let kafka = FakeKafka::start().await;
        kafka.proxy().set(Fault::Answer(Bytes::from_static(answer)));
        let started = Instant::now();
        let error = impatient(kafka.config())
            .list_topics()
            .await
            .expect_err("nonsense");
        assert_ne!(error.fault(), Blame::Caller, "{error:?}");
        assert!(
            started.elapsed() < IMPATIENT * 2,
            "{answer:?}: {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_within_an_answer_is_an_error_or_made_anew() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.proxy().set(Fault::Cut(7));
    let client = impatient(kafka.config());
    let started = Instant::now();
    client.list_topics().await.expect_err("it is cut each time");
    assert!(
        started.elapsed() < IMPATIENT * 2,
        "took {:?}",
        started.elapsed()
    );
    kafka.proxy().set(Fault::Pass);
    client.list_topics().await.expect("it is whole again");
}

#[tokio::test]
async fn a_broker_that_dies_within_a_read_leaves_the_records_read_so_far() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka
        .write((0..3).map(|n| Outgoing::new("orders", n.to_string())))
        .await;
    // What was fetched first is returned; afterwards nothing is answered any more.
    kafka.broker().on_once(ApiKey::Fetch, |_| Control::Pass);
    kafka.broker().on(ApiKey::Fetch, |_| Control::Silence);
    let mut request = ConsumeRequest::new(vec!["orders".parse().expect("a name")]);
    request.position = Position::Earliest;
    request.max_messages = 100;
    request.wait = Duration::from_secs(30);
    request.timeout = Some(IMPATIENT);

    let report = kafka.client().consume(request).await.expect("a part");

    assert_eq!(report.records.len(), 3);
    assert_eq!(report.partitions[0].next_offset, 3);
    assert_eq!(report.stopped, StopReason::Timeout);
}

#[tokio::test]
async fn a_produce_whose_answer_is_lost_is_written_once_at_most() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.broker().on(ApiKey::Produce, |_| {
        Control::ApplyThen(Box::new(Control::Silence))
    });
    let mut request =
        ProduceRequest::new("orders".parse().expect("a name"), vec![NewRecord::new("1")]);
    request.timeout = Some(IMPATIENT);

    let report = kafka
        .client()
        .produce(request)
        .await
        .expect("the topic exists");

    let error = report.results[0].as_ref().expect_err("no acknowledgement");
    assert!(matches!(error, Error::MaybeWritten { .. }), "{error:?}");
    assert!(!error.is_retriable());
    assert_eq!(
        kafka.broker().all_records("orders").expect("records").len(),
        1
    );
}

#[tokio::test]
async fn a_produce_whose_connection_breaks_after_writing_is_not_written_again() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.broker().on_once(ApiKey::Produce, |_| {
        Control::ApplyThen(Box::new(Control::Disconnect))
    });
    let request = ProduceRequest::new("orders".parse().expect("a name"), vec![NewRecord::new("1")]);

    let report = kafka
        .client()
        .produce(request)
        .await
        .expect("the topic exists");

    // The broker knows the sequence number of what it has, and drops the second copy.
    assert!(report.results[0].is_ok(), "{:?}", report.results[0]);
    assert_eq!(
        kafka.broker().all_records("orders").expect("records").len(),
        1
    );
}

#[tokio::test]
async fn records_that_arrive_damaged_are_an_error_and_not_data() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    kafka.write([Outgoing::new("orders", "a value")]).await;
    kafka
        .broker()
        .on(ApiKey::Fetch, |_| Control::CorruptRecords);
    let mut request = ConsumeRequest::new(vec!["orders".parse().expect("a name")]);
    request.position = Position::Earliest;
    request.timeout = Some(IMPATIENT);
    let error = kafka
        .client()
        .consume(request)
        .await
        .expect_err("the checksum is wrong");
    assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
}

/// A client that gives up soon.
fn impatient(mut config: KafkaConfig) -> Client {
    config.timeout = IMPATIENT;
    config.connect_timeout = IMPATIENT;
    Client::new(config).expect("valid")
}

/// An address where nobody listens.
async fn dead_address() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    listener.local_addr().expect("an address")
}

const IMPATIENT: Duration = Duration::from_millis(1_000);

/// The default deadline of a call, and a little.
const CALL: Duration = Duration::from_secs(11);
