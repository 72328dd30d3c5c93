//! Consumer groups and their lag.

use std::{collections::BTreeSet, time::Duration};

use kafka_tools::{Error, Filter, GroupDescription, GroupId, LagQuery, TopicName};
use krafka::{
    admin::TopicPartition,
    consumer::{AutoOffsetReset, Consumer, GroupProtocol, OffsetAndMetadata},
};
use testkit::{AnyKafka, KafkaAccess, RealKafka, eventually, unique_name};

use crate::consume_positions::numbered;

#[tokio::test]
async fn a_classic_group_is_described_with_members_assignments_and_lag() {
    for kafka in AnyKafka::all().await {
        a_group_with_a_member(&kafka, GroupProtocol::Classic, "classic").await;
    }
}

#[tokio::test]
async fn a_kip_848_group_is_described_with_members_assignments_and_lag() {
    for kafka in AnyKafka::all().await {
        a_group_with_a_member(&kafka, GroupProtocol::Consumer, "consumer").await;
    }
}

async fn a_group_with_a_member(kafka: &KafkaAccess, protocol: GroupProtocol, kind: &str) {
    let topic = kafka.topic(2).await;
    kafka
        .write((0..10).map(|n| numbered(&topic, n % 2, n)))
        .await;
    let group = group("member");
    let member = member(kafka, &group, &topic, protocol).await;
    let offsets = [(
        TopicPartition::new(topic.as_str(), 0),
        OffsetAndMetadata::new(3),
    )];
    let client = kafka.client();
    let described = eventually("a stable group", || async {
        let _ = member.poll(Duration::from_millis(20)).await;
        let described = client.describe_group(&group, true).await.ok()?;
        let assigned = described
            .members
            .iter()
            .filter_map(|m| m.assignments.as_ref())
            .flatten();
        let stable = described.state == "Stable" && assigned.count() > 0;
        let committed = stable && member.commit_offsets(offsets.clone()).await.is_ok();
        committed.then_some(())
    });
    described.await;
    let described = client
        .describe_group(&group, true)
        .await
        .expect("the group");

    assert_eq!(
        (
            described.group_type.as_str(),
            described.protocol_type.as_str()
        ),
        (kind, "consumer")
    );
    assert_eq!(described.members.len(), 1);
    let only = &described.members[0];
    assert_eq!(only.client_id, "testkit");
    assert!(!only.client_host.is_empty() && !only.member_id.is_empty());
    let assigned = &only.assignments.as_ref().expect("a consumer's assignment")[0];
    assert_eq!(
        (&assigned.topic, &assigned.partitions[..]),
        (&topic, &[0, 1][..])
    );
    assert_eq!(lags(&described), [(0, Some(3), Some(2)), (1, None, None)]);

    let listed = client.list_groups().await.expect("groups").groups;
    let listed = listed
        .iter()
        .find(|listed| listed.group_id == group)
        .expect("listed");
    assert_eq!(
        (listed.state.as_str(), listed.group_type.as_deref()),
        ("Stable", Some(kind))
    );
    member.close().await.expect("left");
    forget(kafka, &group).await;
}

#[tokio::test]
async fn a_group_that_never_committed_is_listed_with_an_unknown_lag() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    kafka.write((0..10).map(|n| numbered(&topic, 0, n))).await;
    let group = group("silent");
    let member = member(&kafka, &group, &topic, GroupProtocol::Classic).await;
    let client = kafka.client();
    let query = || {
        let (mut query, group) = (LagQuery::new(0), group.clone());
        query.groups = Filter::new(move |id: &GroupId| *id == group);
        query
    };
    let lag = eventually("an assignment", || async {
        let _ = member.poll(Duration::from_millis(20)).await;
        let lag = client.lag(query()).await.ok()?;
        lag.groups
            .first()
            .is_some_and(|group| group.uncommitted_partitions == 1)
            .then_some(lag)
    });
    let lag = lag.await;

    assert_eq!(
        (lag.groups[0].total_lag, lag.groups[0].has_high_lag),
        (None, false)
    );
    assert!(lag.high_lag.is_empty());
    let described = client
        .describe_group(&group, true)
        .await
        .expect("the group");
    assert_eq!(lags(&described), [(0, None, None)]);
    member.close().await.expect("left");
    forget(&kafka, &group).await;
}

#[tokio::test]
async fn a_group_of_commits_without_members_is_measured_exactly() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(3).await;
        kafka
            .write((0..300).map(|n| numbered(&topic, n % 3, n)))
            .await;
        let group = group("simple");
        commit(&kafka, &group, &topic, &[(0, 90), (1, 10), (2, 100)]).await;
        let client = kafka.client();

        let described = client
            .describe_group(&group, true)
            .await
            .expect("the group");
        let without = client
            .describe_group(&group, false)
            .await
            .expect("the group");
        let mut query = LagQuery::new(10);
        let wanted = group.clone();
        query.groups = Filter::new(move |id: &GroupId| *id == wanted);
        let lag = client.lag(query).await.expect("a report");

        assert_eq!(
            (described.state.as_str(), described.members.len()),
            ("Empty", 0)
        );
        assert_eq!(
            lags(&described),
            [
                (0, Some(90), Some(10)),
                (1, Some(10), Some(90)),
                (2, Some(100), Some(0))
            ]
        );
        assert!(without.offsets.is_none());
        assert_eq!(
            (lag.groups[0].total_lag, lag.groups[0].has_high_lag),
            (Some(100), true)
        );
        // Strictly above the threshold: 90 is, 10 is not.
        let high = lag
            .high_lag
            .iter()
            .map(|p| (p.partition, p.current_offset, p.log_end_offset, p.lag));
        assert_eq!(high.collect::<Vec<_>>(), [(1, 10, 100, 90)]);
        forget(&kafka, &group).await;
    }
}

#[tokio::test]
async fn offsets_of_a_topic_that_was_deleted_do_not_spoil_the_report() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let group = group("orphan");
        commit(&kafka, &group, &topic, &[(0, 0)]).await;
        kafka
            .kafka()
            .admin()
            .delete_topics([topic.as_str()], Default::default())
            .await
            .expect("deleted");
        let described = kafka
            .client()
            .describe_group(&group, true)
            .await
            .expect("the group");
        // The coordinator may have dropped the offsets already; if not, the lag is unknown.
        assert!(
            described
                .offsets
                .expect("asked for")
                .iter()
                .all(|offset| offset.lag.is_none())
        );
        kafka
            .client()
            .lag(LagQuery::default())
            .await
            .expect("a report");
        forget(&kafka, &group).await;
    }
}

#[tokio::test]
async fn an_unknown_group_is_an_error_that_names_it() {
    for kafka in AnyKafka::all().await {
        for id in [group("missing"), "no such gröup".parse().expect("any text")] {
            for offsets in [true, false] {
                let error = kafka
                    .client()
                    .describe_group(&id, offsets)
                    .await
                    .expect_err("unknown");
                let Error::UnknownGroup { group_id } = &error else {
                    panic!("{error:?}")
                };
                assert_eq!(group_id, id.as_str());
            }
        }
    }
}

#[tokio::test]
async fn a_hundred_groups_are_measured_together() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        kafka.write((0..5).map(|n| numbered(&topic, 0, n))).await;
        let groups: BTreeSet<GroupId> = (0..100).map(|_| group("many")).collect();
        for group in &groups {
            commit(&kafka, group, &topic, &[(0, 2)]).await;
        }
        let mut query = LagQuery::new(2);
        let wanted = groups.clone();
        query.groups = Filter::new(move |id| wanted.contains(id));

        let started = tokio::time::Instant::now();
        let lag = kafka.client().lag(query).await.expect("a report");

        assert_eq!(lag.groups.len(), 100);
        assert_eq!(lag.high_lag.len(), 100);
        assert!(lag.failures.is_empty(), "{:?}", lag.failures);
        assert!(
            started.elapsed() < Duration::from_secs(3),
            "took {:?}",
            started.elapsed()
        );
        let ids = groups.iter().map(GroupId::as_str);
        let deleted = kafka
            .kafka()
            .admin()
            .delete_consumer_groups(ids, Default::default())
            .await;
        deleted.expect("deleted");
    }
}

pub(crate) fn group(what: &str) -> GroupId {
    unique_name(what).parse().expect("a group id")
}

/// A group member that has not polled yet.
async fn member(
    kafka: &KafkaAccess,
    group: &GroupId,
    topic: &TopicName,
    protocol: GroupProtocol,
) -> Consumer {
    let consumer = kafka.kafka().consumer(group.as_str());
    let consumer = consumer
        .group_protocol(protocol)
        .enable_auto_commit(false)
        .auto_offset_reset(AutoOffsetReset::Earliest)
        .build()
        .await
        .expect("a consumer");
    consumer
        .subscribe([topic.as_str()])
        .await
        .expect("subscribed");
    consumer
}

/// A member that has been given all `partitions` of the topic.
pub(crate) async fn assigned_member(
    kafka: &KafkaAccess,
    group: &GroupId,
    topic: &TopicName,
    partitions: usize,
) -> Consumer {
    let member = member(kafka, group, topic, GroupProtocol::Classic).await;
    let client = kafka.client();
    eventually("an assignment", || async {
        let _ = member.poll(Duration::from_millis(20)).await;
        let described = client.describe_group(group, false).await.ok()?;
        let assignments = described
            .members
            .iter()
            .filter_map(|member| member.assignments.as_ref());
        let assigned = assignments.flatten().map(|given| given.partitions.len());
        (assigned.sum::<usize>() == partitions).then_some(())
    })
    .await;
    member
}

pub(crate) async fn commit(
    kafka: &KafkaAccess,
    group: &GroupId,
    topic: &TopicName,
    offsets: &[(i32, i64)],
) {
    let offsets = offsets
        .iter()
        .map(|(p, offset)| (TopicPartition::new(topic.as_str(), *p), *offset));
    let admin = kafka.kafka().admin();
    let options = Default::default();
    let outcome = admin
        .alter_consumer_group_offsets(group.as_str(), offsets, options)
        .await;
    for (partition, outcome) in outcome.expect("the coordinator answers") {
        outcome.unwrap_or_else(|error| panic!("{partition:?}: {error}"));
    }
}

pub(crate) async fn forget(kafka: &KafkaAccess, group: &GroupId) {
    // It may be busy with its member's farewell, and a leftover group does no harm.
    let admin = kafka.kafka().admin();
    let _ = admin
        .delete_consumer_groups([group.as_str()], Default::default())
        .await;
}

fn lags(group: &GroupDescription) -> Vec<(i32, Option<i64>, Option<i64>)> {
    let offsets = group.offsets.as_ref().expect("offsets were asked for");
    offsets
        .iter()
        .map(|offset| (offset.partition, offset.offset, offset.lag))
        .collect()
}
