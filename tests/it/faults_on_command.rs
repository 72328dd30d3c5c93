//! What the library makes of brokers that misbehave on command, with both engines. Hermetic.

use std::time::Duration;

use bytes::Bytes;
use kafka_fake::{Api, ErrorCode, Fault, FaultRule};
use kafka_tools::{
    Client, ConsumeReport, ConsumeRequest, EngineKind, Error, Fault as Blame, GroupId,
    HealthStatus, LagQuery, NewRecord, Position, ProduceRequest, StopReason, TopicName,
};
use krafka::admin::TopicPartition;
use testkit::{FakeCluster, eventually};
use tokio::{task::JoinSet, time::Instant};

use crate::consume_positions::{numbered, values};

// More than one thread, or the cases would wait for each other's work.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_that_make_no_sense_end_each_call_by_its_deadline() {
    let faults = [
        Fault::HugeLength,
        Fault::WrongCorrelationId,
        Fault::Garbage(Bytes::from_static(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        Fault::Garbage(Bytes::from_static(&[0, 0, 0, 1, 0])),
        Fault::Disconnect,
        Fault::Silence,
    ];
    // Making clients takes a while, and is not what the deadlines below are for.
    let mut cases = JoinSet::new();
    for engine in ENGINES {
        for fault in &faults {
            let kafka = FakeCluster::start(1).await;
            let topic = filled(&kafka, 1).await;
            let client = impatient(&kafka, engine);
            eventually("a first answer", || async {
                client.describe_topic(&topic).await.ok()
            })
            .await;
            cases.spawn(survives(engine, kafka, topic, client, fault.clone()));
        }
    }
    cases.join_all().await;
}

/// Every call of a read meets the fault; then all is well again.
async fn survives(
    engine: EngineKind,
    kafka: FakeCluster,
    topic: TopicName,
    client: Client,
    fault: Fault,
) {
    for api in [Api::Metadata, Api::ListOffsets, Api::Fetch] {
        let case = format!("{engine:?}, {fault:?} of {api:?}");
        kafka
            .cluster()
            .inject(FaultRule::new(fault.clone()).api(api));
        let started = Instant::now();
        let outcome = read(&client, &topic).await;
        let took = started.elapsed();
        assert!(took < LATE, "{case}: {took:?}");
        match outcome {
            // What it knew before may be enough.
            Ok(_) if api == Api::Metadata => {}
            Ok(report) => assert_eq!(report.stopped, StopReason::Timeout, "{case}: {report:?}"),
            Err(error) => assert_eq!(error.fault(), Blame::Cluster, "{case}: {error:?}"),
        }
        kafka.cluster().clear_faults();
        eventually("a read when all is well again", || async {
            let report = read(&client, &topic).await.ok()?;
            (report.records.len() == 10).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_broker_that_is_too_slow_is_a_timeout_and_one_that_is_slow_is_waited_for() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(1).await;
        let topic = filled(&kafka, 1).await;
        let client = impatient(&kafka, engine);
        read(&client, &topic).await.expect("it is well");
        let slow = |millis| FaultRule::new(Fault::Delay(Duration::from_millis(millis)));
        kafka
            .cluster()
            .inject(slow(100).api(Api::ListOffsets).times(1));
        let report = read(&client, &topic).await.expect("in the end");
        assert_eq!(report.records.len(), 10, "{engine:?}");

        kafka.cluster().inject(slow(6_000).api(Api::ListOffsets));
        let started = Instant::now();
        let error = read(&client, &topic).await.expect_err("too slow");
        // The one that the client noticed first: its own deadline, or that of the call.
        assert!(
            matches!(error, Error::Timeout { .. }) || format!("{error:?}").contains("TimedOut"),
            "{engine:?}: {error:?}"
        );
        assert!(started.elapsed() < LATE, "{engine:?}");
    }
}

#[tokio::test]
async fn what_a_broker_refuses_is_named() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(1).await;
        let topic = filled(&kafka, 1).await;
        let client = impatient(&kafka, engine);
        let refused = FaultRule::new(Fault::Error(ErrorCode::TOPIC_AUTHORIZATION_FAILED));
        kafka.cluster().inject(refused.clone().api(Api::Produce));
        kafka.cluster().inject(refused.api(Api::ListOffsets));
        let written = write(&client, &topic).await;
        let read = read(&client, &topic).await.map(|_| ());
        for outcome in [written, read] {
            let error = outcome.expect_err("refused");
            let Error::Authorization { resource, code, .. } = &error else {
                panic!("{engine:?}: {error:?}")
            };
            assert!(resource.contains(topic.as_str()), "{engine:?}: {resource}");
            assert_eq!(code.code(), 29);
        }
        kafka.cluster().clear_faults();
        assert_eq!(count(&client, &topic).await, 10, "{engine:?}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_there_once_and_is_never_called_a_failure() {
    for engine in ENGINES {
        for fault in [Fault::Disconnect, Fault::Silence, Fault::WrongCorrelationId] {
            let kafka = FakeCluster::start(1).await;
            let topic = filled(&kafka, 1).await;
            let client = impatient(&kafka, engine);
            let lost = FaultRule::new(fault.clone()).api(Api::Produce).times(1);
            kafka.cluster().inject(lost.after_doing());
            match write(&client, &topic).await {
                // The idempotent producer asked again, and was told where it is.
                Ok(()) => assert_eq!(engine, EngineKind::Krafka, "{fault:?}"),
                Err(error) => {
                    assert!(
                        matches!(error, Error::MaybeWritten { .. }),
                        "{engine:?} {fault:?}: {error:?}"
                    );
                    assert!(!error.is_retriable());
                }
            }
            kafka.cluster().clear_faults();
            let found = eventually("a read", || async {
                let report = read(&client, &topic).await.ok()?;
                (report.stopped == StopReason::EndOfLog).then_some(report.records.len())
            });
            assert_eq!(found.await, 11, "{engine:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_wait_that_is_longer_than_the_deadline_ends_with_it_and_is_no_failure() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(1).await;
        let topic = filled(&kafka, 1).await;
        let client = impatient(&kafka, engine);
        let mut request = ConsumeRequest::new(vec![topic]);
        request.position = Position::Latest;
        request.wait = LATE * 100;
        let started = Instant::now();
        let report = client.consume(request).await.expect("nothing came");
        assert!(started.elapsed() < LATE, "{:?}", started.elapsed());
        assert_eq!(report.stopped, StopReason::Timeout);
        assert_eq!((report.records.len(), report.failures.len()), (0, 0));
    }
}

#[tokio::test]
async fn a_leader_that_moves_is_followed_by_reads_and_writes() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(3).await;
        let topic = filled(&kafka, 1).await;
        let client = impatient(&kafka, engine);
        assert_eq!(count(&client, &topic).await, 10);
        for (turn, node) in (1..).zip([3, 2, 1, 3]) {
            let moved = kafka.cluster().move_leader(topic.as_str(), 0, node);
            moved.expect("a replica");
            let written = eventually("a write to the new leader", || async {
                write(&client, &topic).await.ok()
            });
            written.await;
            let found = eventually("a read from the new leader", || async {
                let report = read(&client, &topic).await.ok()?;
                (report.stopped == StopReason::EndOfLog).then_some(report.records.len())
            });
            assert_eq!(found.await, 10 + turn, "{engine:?} to {node}");
        }
    }
}

#[tokio::test]
async fn a_node_that_stops_is_reported_and_done_without_until_it_is_back() {
    let kafka = FakeCluster::start(3).await;
    let topic = filled(&kafka, 6).await;
    let group: GroupId = "billing".parse().expect("a name");
    let offset = (TopicPartition::new(topic.as_str(), 0), 1);
    let admin = kafka.kafka().admin();
    let committed =
        admin.alter_consumer_group_offsets(group.as_str(), [offset], Default::default());
    committed.await.expect("the coordinator answers");
    let client = impatient(&kafka, EngineKind::Krafka);
    assert_eq!(status(&client).await, Some((HealthStatus::Healthy, vec![])));

    for node in 1..=3 {
        kafka.cluster().stop_node(node).await.expect("a node");
        let reported = eventually("the loss of a node", || async {
            let found = status(&client).await?;
            (found.1 == [node]).then_some(found.0)
        });
        assert_eq!(reported.await, HealthStatus::Critical);
        let read = eventually("a read of everything", || async {
            let report = read(&client, &topic).await.ok()?;
            (report.records.len() == 10).then_some(values(&report))
        });
        assert_eq!(read.await.len(), 10);
        let described = eventually("the group at another coordinator", || async {
            client.describe_group(&group, true).await.ok()
        });
        assert_eq!(described.await.state, "Empty");

        kafka
            .cluster()
            .start_node(node)
            .await
            .expect("its port is free");
        eventually("the node", || async {
            (status(&client).await? == (HealthStatus::Healthy, vec![])).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn with_all_nodes_down_calls_fail_by_their_deadline_and_work_again_afterwards() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(2).await;
        let topic = filled(&kafka, 2).await;
        let client = impatient(&kafka, engine);
        assert_eq!(count(&client, &topic).await, 10);
        for node in [1, 2] {
            kafka.cluster().stop_node(node).await.expect("a node");
        }
        let started = Instant::now();
        let error = read(&client, &topic).await.expect_err("nobody is there");
        assert_eq!(error.fault(), Blame::Cluster, "{engine:?}: {error:?}");
        assert!(started.elapsed() < LATE, "{engine:?}");
        for node in [1, 2] {
            kafka
                .cluster()
                .start_node(node)
                .await
                .expect("its port is free");
        }
        let found = eventually("a read", || async { read(&client, &topic).await.ok() });
        assert_eq!(found.await.records.len(), 10, "{engine:?}");
    }
}

/// A topic with ten records.
pub(crate) async fn filled(kafka: &FakeCluster, partitions: i32) -> TopicName {
    let topic = kafka.topic(partitions).await;
    kafka
        .write((0..10).map(|n| numbered(&topic, n % partitions, n)))
        .await;
    topic
}

/// A client that gives up soon.
pub(crate) fn impatient(kafka: &FakeCluster, engine: EngineKind) -> Client {
    let mut config = kafka.config();
    config.engine = engine;
    config.timeout = IMPATIENT;
    config.connect_timeout = IMPATIENT;
    Client::new(config).expect("valid")
}

pub(crate) async fn read(client: &Client, topic: &TopicName) -> Result<ConsumeReport, Error> {
    let mut request = ConsumeRequest::new(vec![topic.clone()]);
    request.position = Position::Earliest;
    request.max_messages = 100;
    client.consume(request).await
}

pub(crate) async fn count(client: &Client, topic: &TopicName) -> usize {
    read(client, topic).await.expect("records").records.len()
}

pub(crate) async fn write(client: &Client, topic: &TopicName) -> Result<(), Error> {
    let mut record = NewRecord::new("more");
    record.partition = Some(0);
    let request = ProduceRequest::new(topic.clone(), vec![record]);
    let mut report = client.produce(request).await?;
    report.results.remove(0).map(|_| ())
}

/// The health of the cluster, and who is down.
async fn status(client: &Client) -> Option<(HealthStatus, Vec<i32>)> {
    let health = client.health(LagQuery::new(10_000)).await.ok()?;
    Some((health.overall, health.brokers.offline_ids))
}

pub(crate) const ENGINES: [EngineKind; 2] = [EngineKind::Krafka, EngineKind::Rskafka];

pub(crate) const IMPATIENT: Duration = Duration::from_millis(1_000);

/// When it has given up for sure, also on a machine that is busy with other tests.
pub(crate) const LATE: Duration = Duration::from_millis(3_000);
