//! Brokers that let nobody in, or tell clients to wait: each has its own error, none is asked
//! again and again, and no secret is told.

use std::time::Duration;

use kafka_fake::{Api, Cluster, Fault, FaultRule};
use kafka_tools::{Client, EngineKind, Error, SaslConfig};
use testkit::{FakeCluster, FakeKafka};
use tokio::time::Instant;

use crate::faults_on_command::{ENGINES, count, filled, impatient, read, write};

#[tokio::test]
async fn a_client_beyond_its_quota_waits_and_repeats_nothing() {
    let kafka = FakeCluster::start(1).await;
    let topic = filled(&kafka, 1).await;
    let client = impatient(&kafka, EngineKind::Krafka);
    write(&client, &topic).await.expect("it is well");
    let throttled = Fault::Throttle(Duration::from_millis(200));
    kafka.cluster().inject(FaultRule::new(throttled));
    let before = kafka.cluster().request_count(Api::Produce);
    write(&client, &topic).await.expect("it is written");
    assert_eq!(kafka.cluster().request_count(Api::Produce) - before, 1);
    let before = kafka.cluster().request_count(Api::Fetch);
    kafka.cluster().clear_faults();
    assert_eq!(count(&client, &topic).await, 12);
    assert!(kafka.cluster().request_count(Api::Fetch) - before <= 3);
}

#[tokio::test]
async fn a_quota_that_lasts_longer_than_a_call_is_a_timeout_and_no_storm_of_requests() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(1).await;
        let topic = filled(&kafka, 1).await;
        let client = impatient(&kafka, engine);
        assert_eq!(count(&client, &topic).await, 10);
        let throttled = Fault::Throttle(Duration::from_secs(60));
        kafka.cluster().inject(FaultRule::new(throttled));
        let before = all_requests(kafka.cluster());
        for _ in 0..3 {
            let started = Instant::now();
            let outcome = read(&client, &topic).await;
            assert!(started.elapsed() < Duration::from_secs(3), "{engine:?}");
            if let Err(error) = outcome {
                assert!(error.is_retriable(), "{engine:?}: {error:?}");
            }
        }
        let after = all_requests(kafka.cluster());
        assert!(
            after - before <= 30,
            "{engine:?}: {} requests",
            after - before
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_a_call_and_never_told() {
    for engine in ENGINES {
        let kafka = FakeKafka::start().await;
        kafka.broker().require_sasl_plain("alice", "right");
        let mut config = kafka.config();
        config.engine = engine;
        config.sasl = Some(SaslConfig::Plain {
            user: "alice".to_owned(),
            password: CANARY.to_owned().into(),
        });
        let client = Client::new(config).expect("valid");
        for turn in 1..=3 {
            let error = client.list_topics().await.expect_err("refused");
            assert!(
                matches!(error, Error::Authentication { .. }),
                "{engine:?}: {error:?}"
            );
            assert!(!error.is_retriable());
            assert!(!format!("{error} {error:?}").contains(CANARY), "{engine:?}");
            let tried = kafka.proxy().accepted();
            assert!(
                tried <= turn * 3,
                "{engine:?}: {tried} connections in {turn} calls"
            );
        }
    }
}

fn all_requests(cluster: &Cluster) -> u64 {
    let kinds = Api::ALL.iter();
    kinds.map(|api| cluster.request_count(*api)).sum()
}

const CANARY: &str = "canary-0451";
