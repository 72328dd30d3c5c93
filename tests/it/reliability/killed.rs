//! Brokers that are killed while they are asked.

use std::time::Duration;

use kafka_fake::{Api, Fault, FaultRule, Record};
use kafka_tools::{Client, ConsumeRequest, EngineKind, Error, Position, StopReason};
use testkit::{FakeCluster, eventually};

use crate::faults_on_command::{ENGINES, count, filled, write};

#[tokio::test]
async fn a_read_whose_broker_is_killed_is_whole_or_says_that_it_is_not() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(3).await;
        let topic = kafka.topic(PARTITIONS).await;
        for partition in 0..PARTITIONS {
            for n in 0..RECORDS {
                let value = format!("{partition}-{n}-{}", "x".repeat(32 * 1024));
                let written =
                    kafka
                        .cluster()
                        .append(topic.as_str(), partition, [Record::new(value)]);
                written.expect("written");
            }
        }
        let slow = Fault::Delay(Duration::from_millis(200));
        kafka.cluster().inject(FaultRule::new(slow).api(Api::Fetch));
        let client = client(&kafka, engine);
        let mut request = ConsumeRequest::new(vec![topic.clone()]);
        request.position = Position::Earliest;
        request.max_messages = 10_000;
        let reading = client.consume(request);
        let killing = async {
            eventually("the first fetch", || async {
                (kafka.cluster().request_count(Api::Fetch) >= 2).then_some(())
            })
            .await;
            let leader = kafka.cluster().leader(topic.as_str(), 0).expect("a leader");
            kafka.cluster().stop_node(leader).await.expect("a node");
        };

        let (report, ()) = tokio::join!(reading, killing);

        let report = report.expect("at least a part");
        for partition in 0..PARTITIONS {
            let found = report.records.iter().filter(|r| r.partition == partition);
            for (next, record) in (0..).zip(found) {
                assert_eq!(record.offset, next, "{engine:?}: partition {partition}");
                let value = record.value.as_deref().expect("a value");
                let expected = format!("{partition}-{next}-");
                assert!(value.starts_with(expected.as_bytes()), "{engine:?}");
            }
        }
        let all = usize::try_from(i64::from(PARTITIONS) * RECORDS).expect("few");
        let is_whole = report.records.len() == all;
        assert_eq!(
            is_whole,
            report.stopped == StopReason::EndOfLog,
            "{engine:?}"
        );
        let is_marked = matches!(report.stopped, StopReason::Failed | StopReason::Timeout);
        assert!(is_whole || is_marked, "{engine:?}: {:?}", report.stopped);
        // Where it stands is told, so that the rest can be read.
        for progress in &report.partitions {
            let found = report
                .records
                .iter()
                .filter(|r| r.partition == progress.partition);
            let last = found.map(|record| record.offset + 1).max().unwrap_or(0);
            assert_eq!(progress.next_offset, last, "{engine:?}");
        }
    }
}

#[tokio::test]
async fn a_write_whose_broker_is_killed_before_it_answers_is_there_once_and_not_called_a_failure() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(3).await;
        let topic = filled(&kafka, 1).await;
        let late = FaultRule::new(Fault::Delay(Duration::from_secs(30))).api(Api::Produce);
        kafka.cluster().inject(late.times(1).after_doing());
        let writer = client(&kafka, engine);
        let killing = async {
            eventually("the record", || async {
                (count(&kafka.client(), &topic).await == 11).then_some(())
            })
            .await;
            let leader = kafka.cluster().leader(topic.as_str(), 0).expect("a leader");
            kafka.cluster().stop_node(leader).await.expect("a node");
        };

        let (outcome, ()) = tokio::join!(write(&writer, &topic), killing);

        match outcome {
            // The idempotent producer asked the next leader, which knew the record.
            Ok(()) => assert_eq!(engine, EngineKind::Krafka),
            Err(error) => {
                let is_ambiguous = matches!(error, Error::MaybeWritten { .. });
                assert!(
                    is_ambiguous && !error.is_retriable(),
                    "{engine:?}: {error:?}"
                );
            }
        }
        assert_eq!(count(&kafka.client(), &topic).await, 11, "{engine:?}");
    }
}

fn client(kafka: &FakeCluster, engine: EngineKind) -> Client {
    let mut config = kafka.config();
    config.engine = engine;
    config.timeout = Duration::from_secs(5);
    Client::new(config).expect("valid")
}

const PARTITIONS: i32 = 3;
const RECORDS: i64 = 60;
