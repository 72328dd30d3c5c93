//! Topics that are changed, and what is known of their logs.

use kafka_fake::{Api, Cluster, Record};
use kafka_protocol::messages::{
    AlterConfigsRequest, CreatePartitionsRequest, DescribeConfigsRequest, DescribeLogDirsRequest,
    DescribeTopicPartitionsRequest, IncrementalAlterConfigsRequest, OffsetForLeaderEpochRequest,
    TopicName, alter_configs_request,
    create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic},
    describe_configs_request::DescribeConfigsResource,
    describe_log_dirs_request::DescribableLogDirTopic,
    describe_topic_partitions_request::{Cursor, TopicRequest},
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic},
};
use tokio::time::{Duration, sleep};

use crate::{
    batch::{BatchRecipe, decode, now},
    requests::{fetch, list_offsets, produce, truncate, write},
    subject::{Subject, unique},
    wire::{Wire, metadata, text},
};

#[tokio::test]
async fn partitions_are_added_to_a_topic_and_never_taken_away() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(2).await;
        let mut wire = subject.connect().await;
        let to = |name: &TopicName, count| {
            CreatePartitionsTopic::default()
                .with_name(name.clone())
                .with_count(count)
                .with_assignments(None)
        };
        let on = |nodes: &[i32]| {
            let ids = nodes.iter().map(|id| (*id).into()).collect();
            CreatePartitionsAssignment::default().with_broker_ids(ids)
        };
        for version in subject.versions(Api::CreatePartitions) {
            for (asked, code) in [
                (to(&topic, 1), 37),
                (to(&topic, 2), 37),
                (to(&topic, -1), 37),
                (to(&unique("missing"), 3), 3),
                (to(&topic, 3).with_assignments(Some(vec![on(&[99])])), 39),
                (to(&topic, 3).with_assignments(Some(vec![on(&[1]); 2])), 39),
                (to(&topic, 3).with_assignments(Some(vec![on(&[1, 2])])), 39),
            ] {
                let request = CreatePartitionsRequest::default()
                    .with_topics(vec![asked.clone()])
                    .with_timeout_ms(10_000);
                let answer = wire.ask(&request, version).await;
                let found = answer.results[0].error_code;
                assert_eq!(found, code, "{} {asked:?}", subject.name);
            }
        }
        for (validate_only, assignments) in [(true, None), (false, Some(vec![on(&[1]); 3]))] {
            let asked = to(&topic, 5).with_assignments(assignments);
            let request = CreatePartitionsRequest::default()
                .with_topics(vec![asked])
                .with_timeout_ms(10_000)
                .with_validate_only(validate_only);
            let answer = wire.ask(&request, 3).await;
            assert_eq!(answer.results[0].error_code, 0, "{}", subject.name);
            let count = if validate_only { 2 } else { 5 };
            until(async || {
                let answer = wire.ask(&metadata(&[&topic]), 9).await;
                answer.topics[0].partitions.len() == count
            })
            .await;
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        for (name, operation, value, after) in [
            ("retention.ms", SET, Some("5000"), ("5000", 1)),
            ("retention.ms", RESET, None, ("604800000", 5)),
            (
                "cleanup.policy",
                APPEND,
                Some("compact"),
                ("delete,compact", 1),
            ),
            ("cleanup.policy", SUBTRACT, Some("delete"), ("compact", 1)),
            ("cleanup.policy", RESET, None, ("delete", 5)),
        ] {
            let code = alter(&mut wire, 2, &topic, &[(name, operation, value)]).await;
            assert_eq!(code, 0, "{} {name} {operation}", subject.name);
            until(async || {
                let found = setting(&mut wire, &topic, name).await;
                (found.0.as_str(), found.1) == after
            })
            .await;
        }
        for (changes, code) in [
            (&[("no.such.config", SET, Some("1"))][..], 40),
            (&[("retention.ms", SET, Some("a week"))], 40),
            (&[("retention.ms", APPEND, Some("1"))], 40),
            (&[("retention.ms", SET, None)], 42),
            (&[("retention.ms", 9, Some("1"))], -1),
            (
                &[
                    ("retention.ms", SET, Some("1")),
                    ("retention.ms", SET, Some("2")),
                ],
                42,
            ),
            (
                &[
                    ("segment.ms", SET, Some("1000")),
                    ("retention.ms", SET, Some("x")),
                ],
                40,
            ),
        ] {
            let found = alter(&mut wire, 2, &topic, changes).await;
            assert_eq!(found, code, "{} {changes:?}", subject.name);
        }
        let change = [("retention.ms", SET, Some("1"))];
        let found = alter(&mut wire, 2, &unique("missing"), &change).await;
        assert_eq!(found, 3, "{}", subject.name);
        // What was refused has changed nothing.
        let found = setting(&mut wire, &topic, "segment.ms").await;
        assert_eq!(found, ("604800000".to_owned(), 5), "{}", subject.name);
        for version in subject.versions(Api::IncrementalAlterConfigs) {
            let request = altering(2, &topic, &change).with_validate_only(true);
            let answer = wire.ask(&request, version).await;
            assert_eq!(answer.responses[0].error_code, 0, "{}", subject.name);
        }
        let found = setting(&mut wire, &topic, "retention.ms").await;
        assert_eq!(found, ("604800000".to_owned(), 5), "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn settings_are_changed_all_at_once() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        for version in subject.versions(Api::AlterConfigs) {
            for (set, retention, segment) in [
                (
                    &[("retention.ms", Some("5000")), ("segment.ms", Some("7000"))][..],
                    "5000",
                    "7000",
                ),
                (&[("segment.ms", Some("8000"))], "604800000", "8000"),
                (&[], "604800000", "604800000"),
            ] {
                let request = replacing(2, &topic, set);
                let checked = request.clone().with_validate_only(true);
                for request in [checked, request] {
                    let answer = wire.ask(&request, version).await;
                    assert_eq!(answer.responses[0].error_code, 0, "{}", subject.name);
                }
                until(async || {
                    let found = setting(&mut wire, &topic, "retention.ms").await.0;
                    found == retention
                        && setting(&mut wire, &topic, "segment.ms").await.0 == segment
                })
                .await;
            }
        }
        let missing = unique("missing");
        for (name, set, code) in [
            (&topic, &[("no.such.config", Some("1"))][..], 40),
            (&topic, &[("retention.ms", Some("a week"))], 40),
            (&topic, &[("retention.ms", None)], 42),
            (
                &topic,
                &[("retention.ms", Some("1")), ("retention.ms", Some("2"))],
                42,
            ),
            (&missing, &[("retention.ms", Some("1"))], 3),
        ] {
            let answer = wire.ask(&replacing(2, name, set), 2).await;
            assert_eq!(
                answer.responses[0].error_code, code,
                "{} {set:?}",
                subject.name
            );
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn records_get_the_time_of_the_log_if_the_topic_says_so() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let change = [("message.timestamp.type", SET, Some("LogAppendTime"))];
        assert_eq!(alter(&mut wire, 2, &topic, &change).await, 0);
        let before = now();
        let request = produce(&topic, BatchRecipe::plain(2).encode());
        let mut offset = -1;
        let mut time = -1;
        // A broker hears of it a moment later.
        until(async || {
            let answer = wire.ask(&request, 8).await;
            let written = &answer.responses[0].partition_responses[0];
            assert_eq!(written.error_code, 0, "{}", subject.name);
            (offset, time) = (written.base_offset, written.log_append_time_ms);
            time != -1
        })
        .await;
        assert!(
            (before - 1000..=now() + 1000).contains(&time),
            "{}",
            subject.name
        );
        let answer = wire.ask(&fetch(&topic, offset), 11).await;
        let batch = answer.responses[0].partitions[0].records.clone().unwrap();
        // Attributes and the latest time, which holds for all records of the batch.
        assert_eq!(batch[21..23], [0, 8], "{}", subject.name);
        assert_eq!(batch[35..43], time.to_be_bytes(), "{}", subject.name);
        assert_eq!(decode(Some(batch)).len(), 2, "{}", subject.name);
        let answer = wire.ask(&list_offsets(&topic, before - 1000), 5).await;
        let found = &answer.topics[0].partitions[0];
        assert!(found.timestamp >= before - 1000, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn records_of_the_future_are_refused() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        for (ahead, code) in [(3_500_000, 0), (3_700_000, 32)] {
            let recipe = BatchRecipe {
                times: vec![now() + ahead],
                ..BatchRecipe::plain(1)
            };
            let found = write(&mut wire, &topic, recipe.encode()).await.0;
            // Kafka 3.9 let everything in.
            let code = if subject.is_before_4() { 0 } else { code };
            assert_eq!(found, code, "{} {ahead}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn records_are_not_deleted_where_they_are_only_compacted() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let recipe = BatchRecipe {
            times: vec![now(); 3],
            ..BatchRecipe::plain(3)
        };
        write(&mut wire, &topic, recipe.encode()).await;
        for (policy, outcome) in [
            ("delete", (0, 1)),
            ("compact", (44, -1)),
            ("compact,delete", (0, 1)),
        ] {
            let change = ("cleanup.policy", SET, Some(policy));
            assert_eq!(alter(&mut wire, 2, &topic, &[change]).await, 0);
            // A broker hears of it a moment later.
            until(async || truncate(&mut wire, &topic, 1).await == outcome).await;
        }
        assert_eq!(truncate(&mut wire, &topic, 2).await, (0, 2));
        subject.clean().await;
    }
}

#[tokio::test]
async fn the_sizes_of_logs_are_described() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(2).await;
        let mut wire = subject.connect().await;
        let batch = BatchRecipe::plain(2).encode();
        write(&mut wire, &topic, batch.clone()).await;
        for version in subject.versions(Api::DescribeLogDirs) {
            let asked = DescribableLogDirTopic::default()
                .with_topic(topic.clone())
                .with_partitions(vec![0, 1, 7]);
            let request = DescribeLogDirsRequest::default().with_topics(Some(vec![asked]));
            let answer = wire.ask(&request, version).await;
            let [directory] = &answer.results[..] else {
                panic!("{}: {answer:?}", subject.name)
            };
            assert_eq!((answer.error_code, directory.error_code), (0, 0));
            if version >= 4 {
                let (usable, total) = (directory.usable_bytes, directory.total_bytes);
                assert!(0 < usable && usable < total, "{}", subject.name);
            }
            let partitions = directory.topics[0].partitions.iter();
            let mut sizes: Vec<_> = partitions
                .map(|found| {
                    (
                        found.partition_index,
                        found.partition_size,
                        found.is_future_key,
                    )
                })
                .collect();
            sizes.sort_unstable();
            let size = i64::try_from(batch.len()).unwrap();
            assert_eq!(sizes, [(0, size, false), (1, 0, false)], "{}", subject.name);
            let all = DescribeLogDirsRequest::default().with_topics(None);
            let answer = wire.ask(&all, version).await;
            let mut topics = answer.results[0].topics.iter();
            assert!(topics.any(|found| found.name == topic), "{}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn partitions_are_described_page_by_page() {
    for mut subject in Subject::all().await {
        let (a, b) = (subject.topic(2).await, subject.topic(2).await);
        let missing = unique("missing");
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        let mut wire = subject.connect().await;
        let asked =
            [&first, &second, &missing].map(|name| TopicRequest::default().with_name(name.clone()));
        let request = DescribeTopicPartitionsRequest::default()
            .with_topics(asked.to_vec())
            .with_response_partition_limit(3);
        let answer = wire.ask(&request, 0).await;
        let cursor = answer.next_cursor.expect("more");
        assert_eq!((&cursor.topic_name, cursor.partition_index), (&second, 1));
        let described = answer.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter();
            let ids = partitions
                .map(|partition| partition.partition_index)
                .collect();
            (topic.name.clone().unwrap(), topic.error_code, ids)
        });
        let described: Vec<(_, _, Vec<i32>)> = described.collect();
        let expected = [(first.clone(), 0, vec![0, 1]), (second.clone(), 0, vec![0])];
        assert_eq!(described, expected, "{}", subject.name);
        assert!(answer.topics[0].partitions[0].leader_id.0 >= 0);

        let cursor = Cursor::default()
            .with_topic_name(second.clone())
            .with_partition_index(1);
        let answer = wire.ask(&request.with_cursor(Some(cursor)), 0).await;
        assert_eq!(answer.next_cursor, None, "{}", subject.name);
        let rest = &answer.topics[0];
        assert_eq!(
            (rest.name.as_ref(), rest.partitions.len()),
            (Some(&second), 1)
        );
        assert_eq!(answer.topics[1].error_code, 3, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn the_end_of_an_epoch_is_told() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        write(&mut wire, &topic, BatchRecipe::plain(3).encode()).await;
        for version in subject.versions(Api::OffsetForLeaderEpoch) {
            for (current, asked, outcome) in [
                (-1, 0, (0, 0, 3)),
                (0, 0, (0, 0, 3)),
                (-1, 1, (0, -1, -1)),
                (5, 0, (75, -1, -1)),
            ] {
                let found = epoch_end(&mut wire, &topic, (current, asked), version).await;
                assert_eq!(
                    found, outcome,
                    "{} {version} {current} {asked}",
                    subject.name
                );
            }
        }
        let missing = unique("missing");
        let found = epoch_end(&mut wire, &missing, (-1, 0), 3).await;
        assert_eq!(found.0, 3, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn an_epoch_ends_where_the_next_leader_began_to_write() {
    let cluster = Cluster::builder().nodes(2).start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let topic = TopicName(text("orders"));
    let append = |count: usize| {
        let records = vec![Record::new("v"); count];
        cluster.append("orders", 0, records).unwrap();
    };
    let first = cluster.leader("orders", 0).unwrap();
    let other = 3 - first;
    append(2);
    // Nothing is written in epoch 1.
    for (leader, count) in [(other, 0), (first, 3), (other, 0)] {
        cluster.move_leader("orders", 0, leader).unwrap();
        append(count);
    }
    let mut wire = Wire::to_node(&cluster, other).await;
    for (asked, outcome) in [
        (0, (0, 0, 2)),
        (1, (0, 0, 2)),
        (2, (0, 2, 5)),
        (3, (0, 3, 5)),
        (4, (0, -1, -1)),
    ] {
        let found = epoch_end(&mut wire, &topic, (-1, asked), 4).await;
        assert_eq!(found, outcome, "{asked}");
    }
    cluster.shutdown().await;
}

/// Code, epoch and offset.
async fn epoch_end(
    wire: &mut Wire,
    topic: &TopicName,
    (current, asked): (i32, i32),
    version: i16,
) -> (i16, i32, i64) {
    let partition = OffsetForLeaderPartition::default()
        .with_current_leader_epoch(current)
        .with_leader_epoch(asked);
    let topic = OffsetForLeaderTopic::default()
        .with_topic(topic.clone())
        .with_partitions(vec![partition]);
    let request = OffsetForLeaderEpochRequest::default()
        .with_replica_id((-1).into())
        .with_topics(vec![topic]);
    let answer = wire.ask(&request, version).await;
    let found = &answer.topics[0].partitions[0];
    (found.error_code, found.leader_epoch, found.end_offset)
}

/// A name, an operation and a value.
type Change = (&'static str, i8, Option<&'static str>);

fn altering(kind: i8, name: &TopicName, changes: &[Change]) -> IncrementalAlterConfigsRequest {
    let configs = changes.iter().map(|(name, operation, value)| {
        AlterableConfig::default()
            .with_name(text(name))
            .with_config_operation(*operation)
            .with_value(value.map(text))
    });
    let resource = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(name.0.clone())
        .with_configs(configs.collect());
    IncrementalAlterConfigsRequest::default().with_resources(vec![resource])
}

fn replacing(kind: i8, name: &TopicName, set: &[(&str, Option<&str>)]) -> AlterConfigsRequest {
    let configs = set.iter().map(|(name, value)| {
        alter_configs_request::AlterableConfig::default()
            .with_name(text(name))
            .with_value(value.map(text))
    });
    let resource = alter_configs_request::AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(name.0.clone())
        .with_configs(configs.collect());
    AlterConfigsRequest::default().with_resources(vec![resource])
}

async fn alter(wire: &mut Wire, kind: i8, name: &TopicName, changes: &[Change]) -> i16 {
    let answer = wire.ask(&altering(kind, name, changes), 1).await;
    answer.responses[0].error_code
}

/// The value of a setting, and where it comes from.
async fn setting(wire: &mut Wire, topic: &TopicName, name: &str) -> (String, i8) {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(topic.0.clone())
        .with_configuration_keys(Some(vec![text(name)]));
    let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
    let answer = wire.ask(&request, 4).await;
    let found = &answer.results[0].configs[0];
    (
        found.value.clone().unwrap().to_string(),
        found.config_source,
    )
}

/// Waits until something holds.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not get so")
}

/// The operations of KIP-339.
const SET: i8 = 0;
const RESET: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;
