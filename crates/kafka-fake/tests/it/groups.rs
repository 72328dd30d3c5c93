//! Groups without members, and their offsets.

use kafka_fake::{Api, Cluster};
use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteTopicsRequest, DescribeGroupsRequest, FindCoordinatorRequest,
    GroupId, ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    TopicName,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
    offset_fetch_request::{
        OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    },
};

use crate::{
    subject::{Subject, unique},
    wire::{Wire, text},
};

#[tokio::test]
async fn a_coordinator_is_found_in_every_version() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let group = group();
        for version in subject.versions(Api::FindCoordinator) {
            let request = FindCoordinatorRequest::default();
            let (request, batched) = match version {
                4.. => (request.with_coordinator_keys(vec![group.0.clone()]), true),
                _ => (request.with_key(group.0.clone()), false),
            };
            let answer = wire.ask(&request, version).await;
            let found = match &answer.coordinators[..] {
                [only] if batched => (only.error_code, only.port),
                _ => (answer.error_code, answer.port),
            };
            assert_eq!(found.0, 0, "{} {version}", subject.name);
            assert!(found.1 > 0, "{} {version}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn offsets_are_committed_and_fetched_in_every_version() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(2).await;
        let mut wire = subject.connect().await;
        let group = group();
        for (offset, version) in (0..).zip(subject.versions(Api::OffsetCommit)) {
            let code = commit(&mut wire, &group, &topic, offset, version).await;
            assert_eq!(code, 0, "{} {version}", subject.name);
        }
        for version in subject.versions(Api::OffsetFetch) {
            let all = version >= 2;
            let found = fetch(&mut wire, &group, Some(&topic), version).await;
            let expected = vec![(0, 7, "note".to_owned()), (1, -1, String::new())];
            assert_eq!(found, expected, "{} {version}", subject.name);
            if all {
                let found = fetch(&mut wire, &group, None, version).await;
                assert_eq!(found, expected[..1], "{} {version}", subject.name);
            }
            let stranger = fetch(&mut wire, &self::group(), Some(&topic), version).await;
            assert_eq!(stranger[0].1, -1, "{} {version}", subject.name);
        }
        delete(&mut wire, &group).await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn commits_that_make_no_sense_are_refused() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let group = group();
        let as_member = |group: &GroupId| {
            request(group, &topic, 1, 7)
                .with_generation_id_or_member_epoch(3)
                .with_member_id(text("somebody"))
        };
        let answer = wire.ask(&as_member(&group), 7).await;
        assert_eq!(
            answer.topics[0].partitions[0].error_code, 22,
            "{}",
            subject.name
        );
        assert_eq!(commit(&mut wire, &group, &unique("missing"), 1, 7).await, 3);
        assert_eq!(commit(&mut wire, &group, &topic, 1, 7).await, 0);
        let answer = wire.ask(&as_member(&group), 7).await;
        assert_eq!(
            answer.topics[0].partitions[0].error_code, 25,
            "{}",
            subject.name
        );
        // Characters count as in Java: an emoji as two.
        for (metadata, code) in [
            ("x".repeat(4096), 0),
            ("x".repeat(4097), 12),
            ("\u{e4}".repeat(4096), 0),
            ("\u{1f600}".repeat(2048), 0),
            ("\u{1f600}".repeat(2049), 12),
        ] {
            let mut long = request(&group, &topic, 1, 7);
            long.topics[0].partitions[0].committed_metadata = Some(text(&metadata));
            let answer = wire.ask(&long, 7).await;
            let found = answer.topics[0].partitions[0].error_code;
            assert_eq!(found, code, "{} {}", subject.name, metadata.len());
        }
        delete(&mut wire, &group).await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_group_is_listed_and_described_in_every_version() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let (group, missing) = (group(), group());
        assert_eq!(commit(&mut wire, &group, &topic, 1, 7).await, 0);
        for version in subject.versions(Api::ListGroups) {
            let listed = wire.ask(&ListGroupsRequest::default(), version).await;
            let found = listed.groups.iter().find(|listed| listed.group_id == group);
            let found = found.unwrap_or_else(|| panic!("{} {version}", subject.name));
            let state = if version >= 4 { "Empty" } else { "" };
            let kind = if version >= 5 { "classic" } else { "" };
            let words = (
                &*found.protocol_type,
                &*found.group_state,
                &*found.group_type,
            );
            assert_eq!(words, ("", state, kind), "{} {version}", subject.name);
        }
        for (states, types, is_listed) in [
            ("empty", "Classic", true),
            ("Stable", "classic", false),
            ("Empty", "consumer", false),
        ] {
            let filtered = ListGroupsRequest::default()
                .with_states_filter(vec![text(states)])
                .with_types_filter(vec![text(types)]);
            let listed = wire.ask(&filtered, 5).await.groups;
            let found = listed.iter().any(|listed| listed.group_id == group);
            assert_eq!(found, is_listed, "{} {states} {types}", subject.name);
        }
        for version in subject.versions(Api::DescribeGroups) {
            let request = DescribeGroupsRequest::default()
                .with_groups(vec![group.clone(), missing.clone()])
                .with_include_authorized_operations(version >= 3);
            let answer = wire.ask(&request, version).await;
            let mut described = answer.groups;
            described.sort_by_key(|described| described.group_id != group);
            let words = |at: usize| {
                (
                    described[at].error_code,
                    described[at].group_state.to_string(),
                )
            };
            assert_eq!(
                words(0),
                (0, "Empty".to_owned()),
                "{} {version}",
                subject.name
            );
            let code = if version >= 6 { 69 } else { 0 };
            assert_eq!(
                words(1),
                (code, "Dead".to_owned()),
                "{} {version}",
                subject.name
            );
            // The settings of a group could not be seen before 4.0.
            let all = if subject.is_before_4() { 328 } else { 3400 };
            let operations = if version >= 3 { all } else { i32::MIN };
            assert_eq!(
                described[0].authorized_operations, operations,
                "{}",
                subject.name
            );
        }
        delete(&mut wire, &group).await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn offsets_and_groups_are_deleted() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let (group, missing) = (group(), group());
        assert_eq!(commit(&mut wire, &group, &topic, 1, 7).await, 0);
        let partition = OffsetDeleteRequestPartition::default();
        let asked = OffsetDeleteRequestTopic::default()
            .with_name(topic.clone())
            .with_partitions(vec![partition]);
        let request = OffsetDeleteRequest::default().with_topics(vec![asked]);
        let answer = wire
            .ask(&request.clone().with_group_id(missing.clone()), 0)
            .await;
        assert_eq!(answer.error_code, 69, "{}", subject.name);
        let answer = wire.ask(&request.with_group_id(group.clone()), 0).await;
        let code = answer.topics[0].partitions[0].error_code;
        assert_eq!((answer.error_code, code), (0, 0), "{}", subject.name);
        assert_eq!(fetch(&mut wire, &group, Some(&topic), 7).await[0].1, -1);

        for version in subject.versions(Api::DeleteGroups) {
            assert_eq!(commit(&mut wire, &group, &topic, 1, 7).await, 0);
            let request = DeleteGroupsRequest::default()
                .with_groups_names(vec![group.clone(), missing.clone()]);
            let mut results = wire.ask(&request, version).await.results;
            results.sort_by_key(|result| result.error_code);
            let codes: Vec<i16> = results.iter().map(|result| result.error_code).collect();
            assert_eq!(codes, [0, 69], "{} {version}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn offsets_go_with_their_topic() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(2).await;
        let mut wire = subject.connect().await;
        let group = group();
        assert_eq!(commit(&mut wire, &group, &topic, 1, 7).await, 0);
        let request = DeleteTopicsRequest::default()
            .with_topic_names(vec![topic.clone()])
            .with_timeout_ms(10_000);
        wire.ask(&request, 4).await;
        let mut left = usize::MAX;
        for _ in 0..500 {
            left = fetch(&mut wire, &group, None, 7).await.len();
            if left == 0 {
                break;
            }
            tokio::time::sleep(tokio::time::Duration::from_millis(20)).await;
        }
        assert_eq!(left, 0, "{}", subject.name);
        delete(&mut wire, &group).await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_group_is_known_to_its_coordinator_only() {
    let cluster = Cluster::builder().nodes(3).start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let topic = TopicName(text("orders"));
    let group = GroupId(text("billing"));
    let mut codes = Vec::new();
    let mut listings = 0;
    for node in 1..=3 {
        let mut wire = Wire::to_node(&cluster, node).await;
        codes.push(commit(&mut wire, &group, &topic, 1, 7).await);
    }
    for node in 1..=3 {
        let mut wire = Wire::to_node(&cluster, node).await;
        listings += wire
            .ask(&ListGroupsRequest::default(), 5)
            .await
            .groups
            .len();
    }
    codes.sort_unstable();
    assert_eq!((&codes[..], listings), (&[0, 16, 16][..], 1));
    cluster.shutdown().await;
}

fn group() -> GroupId {
    GroupId(unique("kafka-fake-test-group").0)
}

fn request(group: &GroupId, topic: &TopicName, offset: i64, version: i16) -> OffsetCommitRequest {
    let mut partition = OffsetCommitRequestPartition::default()
        .with_committed_offset(offset)
        .with_committed_metadata(Some(text("note")));
    if version >= 6 {
        partition.committed_leader_epoch = 0;
    }
    let topic = OffsetCommitRequestTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    OffsetCommitRequest::default()
        .with_group_id(group.clone())
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic])
}

async fn commit(
    wire: &mut Wire,
    group: &GroupId,
    topic: &TopicName,
    offset: i64,
    version: i16,
) -> i16 {
    let answer = wire
        .ask(&request(group, topic, offset, version), version)
        .await;
    answer.topics[0].partitions[0].error_code
}

/// Partition, offset and metadata, of one topic or all.
async fn fetch(
    wire: &mut Wire,
    group: &GroupId,
    topic: Option<&TopicName>,
    version: i16,
) -> Vec<(i32, i64, String)> {
    if version >= 8 {
        let topics = topic.map(|topic| {
            vec![
                OffsetFetchRequestTopics::default()
                    .with_name(topic.clone())
                    .with_partition_indexes(vec![0, 1]),
            ]
        });
        let asked = OffsetFetchRequestGroup::default()
            .with_group_id(group.clone())
            .with_topics(topics);
        let request = OffsetFetchRequest::default().with_groups(vec![asked]);
        let answer = wire.ask(&request, version).await;
        assert_eq!(answer.groups[0].error_code, 0);
        let partitions = answer.groups[0]
            .topics
            .iter()
            .flat_map(|topic| &topic.partitions);
        return partitions
            .map(|p| {
                (
                    p.partition_index,
                    p.committed_offset,
                    p.metadata.as_deref().unwrap_or("").to_owned(),
                )
            })
            .collect();
    }
    let topics = topic.map(|topic| {
        vec![
            OffsetFetchRequestTopic::default()
                .with_name(topic.clone())
                .with_partition_indexes(vec![0, 1]),
        ]
    });
    let request = OffsetFetchRequest::default()
        .with_group_id(group.clone())
        .with_topics(topics);
    let answer = wire.ask(&request, version).await;
    assert_eq!(answer.error_code, 0);
    let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
    partitions
        .map(|p| {
            (
                p.partition_index,
                p.committed_offset,
                p.metadata.as_deref().unwrap_or("").to_owned(),
            )
        })
        .collect()
}

async fn delete(wire: &mut Wire, group: &GroupId) {
    let request = DeleteGroupsRequest::default().with_groups_names(vec![group.clone()]);
    wire.ask(&request, 1).await;
}
