//! Members of groups of KIP-848.

use kafka_fake::{Cluster, GroupMember, GroupProtocol};
use kafka_protocol::messages::{
    GroupId, LeaveGroupRequest, ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest,
    OffsetFetchRequest, TopicName,
    leave_group_request::MemberIdentity,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
    offset_fetch_request::OffsetFetchRequestGroup,
};

use tokio::time::{Duration, Instant, sleep};

use crate::{
    member::{Member, group, parts},
    members,
    modern_member::ModernMember,
    subject::Subject,
    transactional::Transactional,
    wire::text,
};

#[tokio::test]
async fn the_coordinator_shares_out_the_partitions_as_members_come_and_go() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(6).await;
        let name = subject.name;
        let group = group();
        let mut first = ModernMember::new(&subject, &group, "first").await;
        let joined = first.join(&topic).await;
        assert_eq!(
            (joined.error_code, joined.heartbeat_interval_ms),
            (0, 5_000),
            "{name}"
        );
        assert_eq!(joined.member_id.as_deref(), Some("first"), "{name}");
        assert_eq!(first.partitions, [0, 1, 2, 3, 4, 5], "{name}");
        let described = first.describe().await;
        assert_eq!(
            (described.error_code, &*described.group_state),
            (0, "Stable"),
            "{name}"
        );
        assert_eq!(described.group_epoch, first.epoch, "{name}");
        assert_eq!(described.assignment_epoch, first.epoch, "{name}");
        assert_eq!(&*described.assignor_name, "uniform", "{name}");
        let member = &described.members[0];
        assert_eq!(
            (&*member.client_id, &*member.client_host),
            ("wire", "/127.0.0.1"),
            "{name}"
        );
        assert_eq!(
            (member.member_epoch, member.member_type),
            (first.epoch, 1),
            "{name}"
        );
        assert_eq!(
            member.subscribed_topic_names[..],
            *std::slice::from_ref(&topic),
            "{name}"
        );
        assert_eq!(
            member.assignment.topic_partitions[0].topic_name, topic,
            "{name}"
        );
        assert_eq!(
            member.assignment.topic_partitions[0].partitions.len(),
            6,
            "{name}"
        );

        // Nothing is said of what has not changed.
        assert_eq!(first.beat().await.assignment, None, "{name}");

        let mut second = ModernMember::new(&subject, &group, "second").await;
        let joined = second.join(&topic).await;
        assert_eq!(joined.error_code, 0, "{name}");
        assert_eq!(second.partitions, [0; 0], "{name}");
        let before = first.epoch;
        // Kafka may take a second to compute what all are to have.
        let request = first.request();
        let begun = Instant::now();
        let revoking = loop {
            let answer = first.wire.ask(&request, 1).await;
            if answer.assignment.is_some() {
                break answer;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
            sleep(Duration::from_millis(20)).await;
        };
        let state = first.describe().await.group_state;
        assert_eq!(&*state, "Reconciling", "{name}");
        let mut kept = revoking.assignment.unwrap().topic_partitions;
        let kept = kept.remove(0).partitions;
        assert_eq!((revoking.member_epoch, kept.len()), (before, 3), "{name}");
        // They are not free before the first says that it gave them up.
        second.beat().await;
        assert_eq!(second.partitions, [0; 0], "{name}");
        first.partitions = kept;
        first.beat().await;
        assert_eq!(first.epoch, before + 1, "{name}");
        second.settle(3).await;
        let mut all = [first.partitions.clone(), second.partitions.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5], "{name}");
        assert_eq!(&*first.describe().await.group_state, "Stable", "{name}");

        let listed = first
            .wire
            .ask(&ListGroupsRequest::default(), 5)
            .await
            .groups;
        let listed = listed
            .iter()
            .find(|listed| listed.group_id == group)
            .unwrap();
        let words = [
            &listed.group_state,
            &listed.group_type,
            &listed.protocol_type,
        ];
        assert_eq!(
            words.map(|word| &**word),
            ["Stable", "consumer", "consumer"],
            "{name}"
        );

        assert_eq!(first.delete_group().await, 68, "{name}");
        assert_eq!(second.leave(-1).await, 0, "{name}");
        first.settle(6).await;
        assert_eq!(first.leave(-1).await, 0, "{name}");
        let described = first.describe().await;
        assert_eq!(
            (&*described.group_state, described.members.len()),
            ("Empty", 0),
            "{name}"
        );
        assert_eq!(first.delete_group().await, 0, "{name}");
        assert_eq!(first.describe().await.error_code, 69, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_heartbeat_that_makes_no_sense_is_refused() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(1).await;
        let name = subject.name;
        let mut member = ModernMember::new(&subject, &group(), "first").await;
        member.epoch = 1;
        assert_eq!(member.beat().await.error_code, 69, "{name}");
        assert_eq!(member.leave(-1).await, 69, "{name}");
        let join = member.join_request(&topic);
        for (code, request) in [
            (42, join.clone().with_group_id(GroupId(text("")))),
            (42, join.clone().with_member_id(text(""))),
            (42, join.clone().with_member_epoch(-3)),
            (42, join.clone().with_member_epoch(-2)),
            (42, join.clone().with_instance_id(Some(text("")))),
            (42, join.clone().with_rack_id(Some(text("")))),
            (42, join.clone().with_rebalance_timeout_ms(-1)),
            (42, join.clone().with_topic_partitions(None)),
            (42, join.clone().with_subscribed_topic_names(None)),
            (112, join.clone().with_server_assignor(Some(text("other")))),
        ] {
            let answer = member.wire.ask(&request, 1).await;
            assert_eq!(answer.error_code, code, "{name} {request:?}");
        }
        // In version 0 the coordinator chooses the id.
        let answer = member
            .wire
            .ask(&join.clone().with_member_id(text("")), 0)
            .await;
        assert_eq!(answer.error_code, 0, "{name}");
        let id = answer.member_id.unwrap();
        assert!(!id.is_empty(), "{name}");
        member.id = id.to_string();
        member.epoch = answer.member_epoch + 1;
        assert_eq!(member.beat().await.error_code, 110, "{name}");
        member.epoch = answer.member_epoch;
        assert_eq!(member.beat().await.error_code, 0, "{name}");
        // It may join again, as after a crash.
        let joined = member.join(&topic).await;
        assert_eq!(
            (joined.error_code, joined.assignment.is_some()),
            (0, true),
            "{name}"
        );
        let mut stranger = ModernMember::new(&subject, &member.group, "stranger").await;
        assert_eq!(stranger.leave(-1).await, 25, "{name}");
        stranger.epoch = 1;
        assert_eq!(stranger.beat().await.error_code, 25, "{name}");
        assert_eq!(member.leave(-1).await, 0, "{name}");
        assert_eq!(member.delete_group().await, 0, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn an_epoch_begins_with_the_first_member_with_another_assignor_and_with_other_topics() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(2).await;
        let name = subject.name;
        let mut member = ModernMember::new(&subject, &group(), "first").await;
        let nothing = member
            .join_request(&topic)
            .with_subscribed_topic_names(Some(Vec::new()));
        let joined = member.send(&nothing).await;
        assert_eq!((joined.error_code, member.epoch), (0, 1), "{name}");
        // What changes nothing begins none.
        assert_eq!(member.beat().await.error_code, 0, "{name}");
        assert_eq!(member.describe().await.group_epoch, 1, "{name}");
        let assignor = member.request().with_server_assignor(Some(text("range")));
        let topics = vec![topic.clone()];
        let subscribed = member.request().with_subscribed_topic_names(Some(topics));
        for (epoch, change) in [
            (2, &assignor),
            (2, &assignor),
            (3, &subscribed),
            (3, &subscribed),
        ] {
            let change = change.clone().with_member_epoch(member.epoch);
            assert_eq!(member.send(&change).await.error_code, 0, "{name}");
            let found = member.describe().await.group_epoch;
            assert_eq!(found, epoch, "{name} {change:?}");
        }
        assert_eq!(member.leave(-1).await, 0, "{name}");
        assert_eq!(member.delete_group().await, 0, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn members_commit_and_fetch_offsets_as_of_their_epoch() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(1).await;
        let name = subject.name;
        let mut member = ModernMember::new(&subject, &group(), "first").await;
        member.join(&topic).await;
        let epoch = member.epoch;
        for (id, epoch, version, code) in [
            ("first", epoch, 9, 0),
            ("first", epoch + 1, 9, 113),
            ("first", epoch, 8, 35),
            ("other", epoch, 9, 25),
            ("", -1, 9, 25),
        ] {
            let committed = commit(&mut member, &topic, id, epoch, version).await;
            assert_eq!(committed, code, "{name} {id} {epoch} {version}");
        }
        for (id, epoch, code) in [
            (Some("first"), epoch, 0),
            (Some("first"), epoch + 1, 113),
            (Some("other"), epoch, 25),
            (None, -1, 0),
        ] {
            let group = OffsetFetchRequestGroup::default()
                .with_group_id(member.group.clone())
                .with_member_id(id.map(text))
                .with_member_epoch(epoch)
                .with_topics(None);
            let request = OffsetFetchRequest::default().with_groups(vec![group]);
            let answer = member.wire.ask(&request, 9).await;
            assert_eq!(answer.groups[0].error_code, code, "{name} {id:?} {epoch}");
        }
        let partition = OffsetDeleteRequestPartition::default();
        let asked = OffsetDeleteRequestTopic::default()
            .with_name(topic.clone())
            .with_partitions(vec![partition]);
        let request = OffsetDeleteRequest::default()
            .with_group_id(member.group.clone())
            .with_topics(vec![asked]);
        let answer = member.wire.ask(&request, 0).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 86, "{name}");
        assert_eq!(member.leave(-1).await, 0, "{name}");
        assert_eq!(commit(&mut member, &topic, "", -1, 8).await, 0, "{name}");
        assert_eq!(member.delete_group().await, 0, "{name}");
        subject.clean().await;
    }
}

/// KIP-1251, of Kafka 4.3.
#[tokio::test]
async fn an_epoch_from_before_will_do_for_partitions_that_a_member_has_kept() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(2).await;
        let name = subject.name;
        let group = group();
        let mut first = ModernMember::new(&subject, &group, "first").await;
        first.join(&topic).await;
        first.settle(2).await;
        let before = first.epoch;
        let mut second = ModernMember::new(&subject, &group, "second").await;
        second.join(&topic).await;
        first.settle(1).await;
        second.settle(1).await;
        let after = first.epoch;
        assert_eq!((second.epoch, after > before), (after, true), "{name}");
        let (kept, given_up) = (first.partitions[0], second.partitions[0]);
        for (id, epoch, partition, code) in [
            ("first", after, kept, 0),
            ("first", before, kept, 0),
            ("first", before, given_up, 113),
            ("first", before - 1, kept, 113),
            ("first", after + 1, kept, 113),
            ("second", after, given_up, 0),
            ("second", before, given_up, 113),
            // Nobody looks whether a member has what it commits as of now.
            ("second", after, kept, 0),
        ] {
            let mut request = commit_request(&group, &topic, id, epoch);
            request.topics[0].partitions[0].partition_index = partition;
            let answer = first.wire.ask(&request, 9).await;
            let found = answer.topics[0].partitions[0].error_code;
            assert_eq!(found, code, "{name} {id} {epoch} {partition}");
        }
        for (epoch, partition, code) in [(before, kept, 0), (before, given_up, 22)] {
            let found = commit_within(&mut first, &topic, epoch, partition).await;
            assert_eq!(found, code, "{name} {epoch} {partition}");
        }
        assert_eq!(first.leave(-1).await, 0, "{name}");
        assert_eq!(second.leave(-1).await, 0, "{name}");
        assert_eq!(first.delete_group().await, 0, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_static_member_leaves_to_come_back_for_what_it_had() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(4).await;
        let name = subject.name;
        let group = group();
        let mut old = ModernMember::new(&subject, &group, "old").await;
        old.instance_id = Some("one");
        old.join(&topic).await;
        let mut new = ModernMember::new(&subject, &group, "new").await;
        new.instance_id = Some("one");
        assert_eq!(new.join(&topic).await.error_code, 111, "{name}");
        // Not even the member itself joins again without having left.
        assert_eq!(old.join(&topic).await.error_code, 111, "{name}");
        assert_eq!(old.beat().await.error_code, 0, "{name}");
        assert_eq!(old.leave(-2).await, 0, "{name}");
        assert_eq!(old.describe().await.members[0].member_epoch, -2, "{name}");
        let epoch = old.epoch;
        assert_eq!(new.join(&topic).await.error_code, 0, "{name}");
        assert_eq!((new.epoch, new.partitions.len()), (epoch, 4), "{name}");
        assert_eq!(old.beat().await.error_code, 82, "{name}");
        assert_eq!(new.leave(-1).await, 0, "{name}");
        assert_eq!(new.delete_group().await, 0, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn an_operator_removes_members_by_their_ids_or_by_their_instances() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(2).await;
        let name = subject.name;
        let group = group();
        let mut first = ModernMember::new(&subject, &group, "first").await;
        first.join(&topic).await;
        let mut second = ModernMember::new(&subject, &group, "second").await;
        second.instance_id = Some("two");
        second.join(&topic).await;
        let mut wire = subject.connect().await;
        for (id, instance_id, code) in [
            ("other", None, 25),
            ("", Some("one"), 25),
            ("first", Some("two"), 82),
            ("", Some("two"), 0),
            ("second", Some("two"), 25),
            ("first", None, 0),
        ] {
            let member = MemberIdentity::default()
                .with_member_id(text(id))
                .with_group_instance_id(instance_id.map(text));
            let request = LeaveGroupRequest::default()
                .with_group_id(group.clone())
                .with_members(vec![member]);
            let answer = wire.ask(&request, 5).await;
            let found = answer.members[0].error_code;
            assert_eq!((answer.error_code, found), (0, code), "{name} {id}");
        }
        assert_eq!(first.beat().await.error_code, 25, "{name}");
        assert_eq!(first.delete_group().await, 0, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_group_has_one_protocol_while_it_has_members() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(1).await;
        let name = subject.name;
        let group = group();
        let mut classic = Member::new(&subject, &group).await;
        classic.join(5).await;
        classic.sync(&parts(&[(&classic, "all")]), 3).await;
        let mut modern = ModernMember::new(&subject, &group, "modern").await;
        assert_eq!(modern.describe().await.error_code, 69, "{name}");
        assert_eq!(modern.join(&topic).await.error_code, 69, "{name}");
        assert_eq!(classic.leave(4).await, 0, "{name}");
        // An empty group changes with who comes first.
        assert_eq!(modern.join(&topic).await.error_code, 0, "{name}");
        assert_eq!(classic.heartbeat(3).await, 25, "{name}");
        assert_eq!(classic.describe_in(6).await.error_code, 69, "{name}");
        assert_eq!(modern.leave(-1).await, 0, "{name}");
        classic.id.clear();
        assert_eq!(classic.join(5).await.error_code, 0, "{name}");
        assert_eq!(classic.leave(4).await, 0, "{name}");
        members::finish(subject, classic).await;
    }
}

#[tokio::test]
async fn the_session_of_a_member_that_is_silent_ends() {
    let timeout = Duration::from_millis(400);
    let cluster = Cluster::builder()
        .group_heartbeat_interval(Duration::from_millis(100))
        .group_session_timeout(timeout)
        .start()
        .await
        .unwrap();
    cluster.create_topic("orders", 2).unwrap();
    let (subject, group) = (Subject::of(&cluster), GroupId(text("audit")));
    let topic = TopicName(text("orders"));
    let mut silent = ModernMember::new(&subject, &group, "silent").await;
    let begun = Instant::now();
    let joined = silent.join(&topic).await;
    assert_eq!(joined.heartbeat_interval_ms, 100);
    while silent.describe().await.members.len() == 1 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() >= timeout);
    assert_eq!(silent.beat().await.error_code, 25);
    cluster.shutdown().await;
}

#[tokio::test]
async fn members_of_kip_848_without_a_client_make_room_for_clients() {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 6).unwrap();
    for (client, partitions) in [("one", 0..3), ("two", 3..6)] {
        let member = GroupMember::new(client).protocol(GroupProtocol::Consumer);
        cluster
            .add_member("audit", member.assigned("orders", partitions))
            .unwrap();
    }
    let subject = Subject::of(&cluster);
    let mut client = ModernMember::new(&subject, &GroupId(text("audit")), "client").await;
    let topic = TopicName(text("orders"));
    assert_eq!(client.join(&topic).await.error_code, 0);
    assert_eq!(client.partitions.len(), 2);
    let described = client.describe().await;
    assert_eq!(
        (&*described.group_state, described.members.len()),
        ("Stable", 3)
    );
    assert_eq!(client.leave(-1).await, 0);
    cluster.shutdown().await;
}

async fn commit(
    member: &mut ModernMember,
    topic: &TopicName,
    id: &str,
    epoch: i32,
    version: i16,
) -> i16 {
    let request = commit_request(&member.group, topic, id, epoch);
    let answer = member.wire.ask(&request, version).await;
    answer.topics[0].partitions[0].error_code
}

fn commit_request(group: &GroupId, topic: &TopicName, id: &str, epoch: i32) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition::default().with_committed_offset(1);
    let topic = OffsetCommitRequestTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    OffsetCommitRequest::default()
        .with_group_id(group.clone())
        .with_member_id(text(id))
        .with_generation_id_or_member_epoch(epoch)
        .with_topics(vec![topic])
}

/// Commits an offset within a transaction that does not last.
async fn commit_within(
    member: &mut ModernMember,
    topic: &TopicName,
    epoch: i32,
    partition: i32,
) -> i16 {
    let mut writer = Transactional::begin(&mut member.wire).await;
    let mut request = writer
        .offset_request(&member.group, topic, 1)
        .with_member_id(text(&member.id))
        .with_generation_id(epoch);
    request.topics[0].partitions[0].partition_index = partition;
    let code = Transactional::send_offset(&mut member.wire, &request, 5).await;
    assert_eq!(writer.end(&mut member.wire, false, 5).await, 0);
    code
}
