//! Brokers that answer with something that is no answer.

use std::time::Duration;

use bytes::Bytes;
use kafka_fake::{Api, Fault, FaultRule};
use kafka_tools::{Client, EngineKind, Error};
use serde_json::json;
use testkit::{FakeCluster, eventually};
use tokio::{task::JoinSet, time::Instant};

use super::server_of;
use crate::faults_on_command::{ENGINES, filled, read, write};

// More than one thread, or the cases would wait for each other's work.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nonsense_is_called_that_by_the_engine_that_can_tell() {
    let mut cases = JoinSet::new();
    for engine in ENGINES {
        for fault in nonsense() {
            cases.spawn(is_called_nonsense(engine, fault));
        }
    }
    cases.join_all().await;
}

async fn is_called_nonsense(engine: EngineKind, fault: Fault) {
    let kafka = FakeCluster::start(1).await;
    let topic = filled(&kafka, 1).await;
    for api in [
        Api::ApiVersions,
        Api::Metadata,
        Api::ListOffsets,
        Api::Fetch,
    ] {
        let case = format!("{engine:?}, {fault:?} of {api:?}");
        let client = client(&kafka, engine);
        if matches!(api, Api::ListOffsets | Api::Fetch) {
            client.describe_topic(&topic).await.expect("it is well");
        }
        kafka
            .cluster()
            .inject(FaultRule::new(fault.clone()).api(api));
        let started = Instant::now();

        let error = read(&client, &topic).await.expect_err("nonsense");

        let took = started.elapsed();
        assert!(took < TIMEOUT + Duration::from_secs(2), "{case}: {took:?}");
        let is_told = match engine {
            // krafka fetches again and again, and tells nobody why.
            EngineKind::Krafka => api != Api::Fetch && is_given_up_at_once(&fault),
            // rskafka waits for the rest of a frame, and for the answer to its own request.
            _ => fault == negative_length() && api != Api::ApiVersions,
        };
        match error {
            Error::Protocol { .. } => {}
            Error::Timeout { .. } | Error::Unavailable { .. } if !is_told => {}
            error => panic!("{case}: {error:?}"),
        }
        kafka.cluster().clear_faults();
        eventually("a read when all is well again", || async {
            let report = read(&client, &topic).await.ok()?;
            (report.records.len() == 10).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_write_that_is_answered_with_nonsense_may_have_been_written() {
    let mut cases = JoinSet::new();
    for engine in ENGINES {
        for fault in nonsense() {
            cases.spawn(async move {
                let kafka = FakeCluster::start(1).await;
                let topic = filled(&kafka, 1).await;
                let client = client(&kafka, engine);
                client.describe_topic(&topic).await.expect("it is well");
                let rule = FaultRule::new(fault.clone()).api(Api::Produce);
                kafka.cluster().inject(rule.after_doing());
                let error = write(&client, &topic).await.expect_err("nonsense");
                let is_ambiguous = matches!(error, Error::MaybeWritten { .. });
                assert!(is_ambiguous, "{engine:?}, {fault:?}: {error:?}");
            });
        }
    }
    cases.join_all().await;
}

#[tokio::test]
async fn a_server_calls_nonsense_a_protocol_error_and_takes_no_memory_for_it() {
    let kafka = FakeCluster::start(1).await;
    let topic = json!({"topic_name": filled(&kafka, 1).await.as_str()});
    let client = server_of(&kafka, &[("KAFKA_MCP_TIMEOUT", "2s")]).await;
    client.result("describe_topic", topic.clone()).await;
    let before = client
        .server()
        .metric("process_resident_memory_bytes")
        .await;
    for fault in nonsense() {
        kafka
            .cluster()
            .inject(FaultRule::new(fault.clone()).api(Api::DescribeTopicPartitions));
        let failure = client.failure("describe_topic", topic.clone()).await;
        if is_given_up_at_once(&fault) {
            assert_eq!(failure["code"], "protocol_error", "{fault:?}: {failure}");
        }
        kafka.cluster().clear_faults();
        eventually("an answer when all is well again", || async {
            let result = client.call("describe_topic", topic.clone()).await.ok()?;
            (result.is_error != Some(true)).then_some(())
        })
        .await;
    }
    let after = client
        .server()
        .metric("process_resident_memory_bytes")
        .await;
    assert!(
        after - before < 16.0 * 1024.0 * 1024.0,
        "{before} to {after}"
    );
}

fn client(kafka: &FakeCluster, engine: EngineKind) -> Client {
    let mut config = kafka.config();
    config.engine = engine;
    config.timeout = TIMEOUT;
    config.connect_timeout = Duration::from_secs(1);
    Client::new(config).expect("valid")
}

fn nonsense() -> [Fault; 4] {
    [
        Fault::HugeLength,
        Fault::WrongCorrelationId,
        Fault::Garbage(Bytes::from_static(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        negative_length(),
    ]
}

/// What else there is krafka asks for again until its time is over. The last try may then be one that
/// had no time left.
fn is_given_up_at_once(fault: &Fault) -> bool {
    !matches!(fault, Fault::WrongCorrelationId) && *fault != negative_length()
}

fn negative_length() -> Fault {
    Fault::Garbage(Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]))
}

const TIMEOUT: Duration = Duration::from_secs(3);
