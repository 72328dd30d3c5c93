//! Leaders, coordinators and controllers that move: one call follows them, with few requests.

use std::time::Duration;

use kafka_fake::{Api, Cluster, ErrorCode, Fault, FaultRule};
use kafka_tools::{EngineKind, GroupId, LagQuery};
use krafka::admin::TopicPartition;
use testkit::{FakeCluster, eventually};
use tokio::time::Instant;

use crate::faults_on_command::{ENGINES, LATE, count, filled, impatient, read, write};

#[tokio::test]
async fn one_write_and_one_read_follow_a_leader_that_moved() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(3).await;
        let topic = filled(&kafka, 1).await;
        let client = impatient(&kafka, engine);
        write(&client, &topic).await.expect("it is well");
        assert_eq!(count(&client, &topic).await, 11);
        for (turn, node) in (12..).zip([3, 2, 1]) {
            let cluster = kafka.cluster();
            cluster
                .move_leader(topic.as_str(), 0, node)
                .expect("a replica");
            let before = Requests::of(cluster);
            let written = write(&client, &topic).await;
            written.unwrap_or_else(|error| panic!("{engine:?} to {node}: {error:?}"));
            let asked = Requests::of(cluster).since(&before);
            assert!(
                asked.produce <= 4 && asked.metadata <= 4,
                "{engine:?}: {asked:?}"
            );

            let other = node % 3 + 1;
            cluster
                .move_leader(topic.as_str(), 0, other)
                .expect("a replica");
            let before = Requests::of(cluster);
            assert_eq!(count(&client, &topic).await, turn, "{engine:?} to {other}");
            let asked = Requests::of(cluster).since(&before);
            assert!(
                asked.fetch <= 5 && asked.metadata <= 4,
                "{engine:?}: {asked:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_leader_that_is_never_found_is_asked_for_a_few_times_and_not_all_the_time() {
    for engine in ENGINES {
        let kafka = FakeCluster::start(1).await;
        let topic = filled(&kafka, 1).await;
        let client = impatient(&kafka, engine);
        assert_eq!(count(&client, &topic).await, 10);
        let moved = Fault::Error(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        let rule = FaultRule::new(moved);
        kafka.cluster().inject(rule.clone().api(Api::Produce));
        kafka.cluster().inject(rule.api(Api::ListOffsets));
        let before = Requests::of(kafka.cluster());
        let started = Instant::now();
        write(&client, &topic).await.expect_err("nobody leads");
        assert!(started.elapsed() < LATE, "{engine:?}");
        let asked = Requests::of(kafka.cluster()).since(&before);
        // Each try looks for the leader anew, which takes rskafka two requests.
        assert!(asked.produce <= 5, "{engine:?}: {asked:?}");
        assert!(asked.metadata <= 12, "{engine:?}: {asked:?}");
        let started = Instant::now();
        read(&client, &topic).await.expect_err("nobody leads");
        assert!(started.elapsed() < LATE, "{engine:?}");
        kafka.cluster().clear_faults();
        assert_eq!(count(&client, &topic).await, 10, "{engine:?}");
    }
}

#[tokio::test]
async fn one_question_follows_a_coordinator_that_moved() {
    let kafka = FakeCluster::start(3).await;
    let topic = filled(&kafka, 1).await;
    let group: GroupId = "billing".parse().expect("a name");
    kafka
        .cluster()
        .move_coordinator("billing", 1)
        .expect("a node");
    let offset = (TopicPartition::new(topic.as_str(), 0), 1);
    let admin = kafka.kafka().admin();
    let committed =
        admin.alter_consumer_group_offsets(group.as_str(), [offset], Default::default());
    committed.await.expect("the coordinator answers");
    let client = impatient(&kafka, EngineKind::Krafka);
    client
        .describe_group(&group, true)
        .await
        .expect("it is well");
    for node in [2, 3, 1] {
        kafka
            .cluster()
            .move_coordinator("billing", node)
            .expect("a node");
        let before = kafka.cluster().request_count(Api::FindCoordinator);
        let described = client.describe_group(&group, true).await;
        let described = described.unwrap_or_else(|error| panic!("to {node}: {error:?}"));
        assert_eq!(described.state, "Empty");
        let asked = kafka.cluster().request_count(Api::FindCoordinator) - before;
        assert!(asked <= 4, "{asked} times");
    }
}

#[tokio::test]
async fn a_controller_that_moved_is_reported_within_a_second() {
    let kafka = FakeCluster::start(3).await;
    filled(&kafka, 1).await;
    let client = impatient(&kafka, EngineKind::Krafka);
    for node in [3, 2, 1] {
        kafka.cluster().move_controller(node).expect("a node");
        let moved = Instant::now();
        eventually("the controller", || async {
            let overview = client.overview().await.ok()?;
            (overview.controller_id == Some(node)).then_some(())
        })
        .await;
        assert!(
            moved.elapsed() < Duration::from_secs(1),
            "{:?}",
            moved.elapsed()
        );
    }
}

#[tokio::test]
async fn a_broker_that_has_just_gone_is_not_waited_for() {
    let kafka = FakeCluster::start(3).await;
    let topic = filled(&kafka, 1).await;
    for group in ["billing", "shipping"] {
        let committed = kafka
            .cluster()
            .commit_offset(group, topic.as_str(), 0, 1, "");
        committed.expect("a partition");
    }
    for node in 1..=3 {
        let client = kafka.client();
        client.health(LagQuery::new(1)).await.expect("it is well");
        let stopped = kafka.cluster().stop_node(node).await;
        stopped.expect("a node");
        let started = Instant::now();
        let health = client.health(LagQuery::new(1)).await;
        let health = health.unwrap_or_else(|error| panic!("without {node}: {error:?}"));
        assert!(
            started.elapsed() < Duration::from_secs(3),
            "without {node}: {:?}",
            started.elapsed()
        );
        let lag = health.consumers.lag.expect("all coordinators are there");
        assert_eq!(lag.groups.len(), 2, "without {node}: {:?}", lag.failures);
        let started = kafka.cluster().start_node(node).await;
        started.expect("its port is free");
    }
}

/// How often the cluster was asked.
#[derive(Debug)]
struct Requests {
    fetch: u64,
    metadata: u64,
    produce: u64,
}

impl Requests {
    fn of(cluster: &Cluster) -> Self {
        Self {
            fetch: cluster.request_count(Api::Fetch),
            metadata: cluster.request_count(Api::Metadata),
            produce: cluster.request_count(Api::Produce),
        }
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            fetch: self.fetch - before.fetch,
            metadata: self.metadata - before.metadata,
            produce: self.produce - before.produce,
        }
    }
}
