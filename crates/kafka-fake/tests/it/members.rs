//! Members of classic groups.

use std::collections::BTreeMap;

use kafka_fake::{Api, Cluster, GroupMember};
use kafka_protocol::messages::{
    DeleteGroupsRequest, GroupId, OffsetCommitRequest, OffsetDeleteRequest, TopicName,
    join_group_request::JoinGroupRequestProtocol,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
};
use tokio::time::{Duration, Instant, sleep};

use crate::{
    member::{MEMBER_ID_REQUIRED, Member, group, parts},
    subject::Subject,
    wire::text,
};

#[tokio::test]
async fn a_member_joins_and_leaves_in_every_version() {
    for subject in Subject::all().await {
        let group = group();
        let mut member = Member::new(&subject, &group).await;
        let mut generation = 0;
        for version in subject.versions(Api::JoinGroup) {
            let label = format!("{} {version}", subject.name);
            member.id.clear();
            let joined = member.join(version).await;
            // The group is empty in between, which is a generation too.
            generation += if generation == 0 { 1 } else { 2 };
            assert_eq!(
                (joined.error_code, joined.generation_id),
                (0, generation),
                "{label}"
            );
            assert_eq!(joined.leader, joined.member_id, "{label}");
            assert_eq!(joined.protocol_name.as_deref(), Some("first"), "{label}");
            let kind = if version >= 7 { Some("test") } else { None };
            assert_eq!(joined.protocol_type.as_deref(), kind, "{label}");
            assert_eq!(
                (joined.members.len(), &*joined.members[0].metadata),
                (1, &b"a"[..]),
                "{label}"
            );
            assert!(member.id.starts_with("wire-"), "{label}: {}", member.id);

            let mine = parts(&[(&member, "all")]);
            for version in subject.versions(Api::SyncGroup) {
                let synced = member.sync(&mine, version).await;
                assert_eq!(
                    (synced.error_code, &*synced.assignment),
                    (0, &b"all"[..]),
                    "{label}"
                );
            }
            for version in subject.versions(Api::Heartbeat) {
                assert_eq!(member.heartbeat(version).await, 0, "{label}");
            }
            let left = member.leave(version.min(5)).await;
            assert_eq!(left, 0, "{label}");
            let described = member.describe().await;
            let words = (
                &*described.group_state,
                &*described.protocol_type,
                described.members.len(),
            );
            assert_eq!(words, ("Empty", "test", 0), "{label}");
        }
        finish(subject, member).await;
    }
}

#[tokio::test]
async fn members_join_together_and_get_what_their_leader_assigns() {
    for subject in Subject::all().await {
        let name = subject.name;
        let group = group();
        let mut first = Member::new(&subject, &group).await;
        let mut second = Member::new(&subject, &group).await;
        first.join(5).await;
        assert_eq!(
            first.describe().await.group_state,
            text("CompletingRebalance"),
            "{name}"
        );
        let mine = parts(&[(&first, "all")]);
        first.sync(&mine, 3).await;
        let described = first.describe().await;
        let member = &described.members[0];
        assert_eq!(
            (&*described.group_state, &*described.protocol_data),
            ("Stable", "first"),
            "{name}"
        );
        assert_eq!(
            (&*member.client_id, &*member.client_host),
            ("wire", "/127.0.0.1"),
            "{name}"
        );
        let known = (&*member.member_metadata, &*member.member_assignment);
        assert_eq!(known, (&b"a"[..], &b"all"[..]), "{name}");

        // The second has an id, and is not a member before it comes back with it.
        second.begin_join(5).await;
        assert_eq!(
            second.joined(5).await.error_code,
            MEMBER_ID_REQUIRED,
            "{name}"
        );
        assert_eq!(first.heartbeat(3).await, 0, "{name}");
        second.begin_join(5).await;
        while first.heartbeat(3).await == 0 {
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(first.heartbeat(3).await, 27, "{name}");
        assert_eq!(
            first.sync(&BTreeMap::new(), 3).await.error_code,
            27,
            "{name}"
        );
        let described = first.describe().await;
        assert_eq!(
            (&*described.group_state, &*described.protocol_data),
            ("PreparingRebalance", ""),
            "{name}"
        );

        first.begin_join(5).await;
        let (led, followed) = (first.joined(5).await, second.joined(5).await);
        assert_eq!(
            (led.generation_id, followed.generation_id),
            (2, 2),
            "{name}"
        );
        assert_eq!(
            (led.members.len(), followed.members.len()),
            (2, 0),
            "{name}"
        );
        assert_eq!(followed.leader, led.member_id, "{name}");
        // A follower waits for the leader.
        second.begin_sync(&BTreeMap::new(), 3).await;
        let both = parts(&[(&first, "one"), (&second, "two")]);
        let (led, followed) = (first.sync(&both, 3).await, second.synced(3).await);
        assert_eq!(
            (&*led.assignment, &*followed.assignment),
            (&b"one"[..], &b"two"[..]),
            "{name}"
        );

        // A follower that joins again is told what there is; a leader begins a generation.
        assert_eq!(second.join(5).await.generation_id, 2, "{name}");
        assert_eq!(second.leave(4).await, 0, "{name}");
        assert_eq!(first.heartbeat(3).await, 27, "{name}");
        assert_eq!(first.join(5).await.generation_id, 3, "{name}");
        assert_eq!(first.leave(4).await, 0, "{name}");
        finish(subject, first).await;
    }
}

#[tokio::test]
async fn who_does_not_fit_the_group_is_told_why() {
    for subject in Subject::all().await {
        let name = subject.name;
        let group = group();
        let mut member = Member::new(&subject, &group).await;
        member.join(5).await;
        let mine = parts(&[(&member, "all")]);
        member.sync(&mine, 3).await;

        member.generation += 1;
        assert_eq!(member.heartbeat(3).await, 22, "{name}");
        assert_eq!(member.sync(&mine, 3).await.error_code, 22, "{name}");
        member.generation -= 1;

        let mut stranger = Member::new(&subject, &group).await;
        stranger.id = "nobody".to_owned();
        stranger.generation = 1;
        assert_eq!(stranger.heartbeat(3).await, 25, "{name}");
        assert_eq!(stranger.sync(&mine, 3).await.error_code, 25, "{name}");
        assert_eq!(stranger.join(5).await.error_code, 25, "{name}");
        for version in subject.versions(Api::LeaveGroup) {
            assert_eq!(stranger.leave(version).await, 25, "{name} {version}");
        }
        stranger.group = GroupId(text("kafka-fake-test-no-group"));
        assert_eq!(stranger.heartbeat(3).await, 25, "{name}");
        assert_eq!(stranger.sync(&mine, 3).await.error_code, 25, "{name}");
        assert_eq!(stranger.join(5).await.error_code, 25, "{name}");
        assert_eq!(stranger.leave(4).await, 25, "{name}");
        stranger.group = GroupId(text(""));
        assert_eq!(stranger.join(5).await.error_code, 24, "{name}");
        assert_eq!(stranger.heartbeat(3).await, 24, "{name}");
        stranger.group = group.clone();
        stranger.id.clear();
        for timeout in [5_999, 1_800_001] {
            stranger.session_timeout = timeout;
            assert_eq!(stranger.join(5).await.error_code, 26, "{name}");
        }
        stranger.session_timeout = 30_000;
        let protocol = |name| JoinGroupRequestProtocol::default().with_name(text(name));
        for request in [
            stranger.join_request().with_protocol_type(text("other")),
            stranger
                .join_request()
                .with_protocols(vec![protocol("third")]),
            stranger.join_request().with_protocols(Vec::new()),
        ] {
            assert_eq!(
                stranger.wire.ask(&request, 5).await.error_code,
                23,
                "{name}"
            );
        }
        assert_eq!(member.leave(4).await, 0, "{name}");
        finish(subject, member).await;
    }
}

#[tokio::test]
async fn a_member_that_is_not_heard_from_is_given_up_after_its_session() {
    for subject in Subject::all().await {
        let mut member = Member::new(&subject, &group()).await;
        member.session_timeout = 6_000;
        member.join(5).await;
        let mine = parts(&[(&member, "all")]);
        member.sync(&mine, 3).await;
        let begun = Instant::now();
        while &*member.describe().await.group_state == "Stable" {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{}",
                subject.name
            );
            sleep(Duration::from_millis(50)).await;
        }
        assert!(
            begun.elapsed() > Duration::from_millis(5_500),
            "{}",
            subject.name
        );
        assert_eq!(member.heartbeat(3).await, 25, "{}", subject.name);
        finish(subject, member).await;
    }
}

#[tokio::test]
async fn a_rebalance_goes_on_without_those_who_do_not_join_or_sync_in_time() {
    for subject in Subject::all().await {
        let name = subject.name;
        let group = group();
        let mut slow = Member::new(&subject, &group).await;
        slow.rebalance_timeout = 500;
        slow.join(5).await;
        let mine = parts(&[(&slow, "all")]);
        slow.sync(&mine, 3).await;
        let mut quick = Member::new(&subject, &group).await;
        quick.rebalance_timeout = 500;
        let joined = quick.join(5).await;
        assert_eq!((joined.error_code, joined.members.len()), (0, 1), "{name}");
        assert_eq!(slow.heartbeat(3).await, 25, "{name}");
        // Now nobody assigns.
        let begun = Instant::now();
        while &*slow.describe().await.group_state == "CompletingRebalance" {
            assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(quick.heartbeat(3).await, 25, "{name}");
        finish(subject, quick).await;
    }
}

#[tokio::test]
async fn members_commit_as_of_their_generation_and_hold_on_to_their_group() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let name = subject.name;
        let mut member = Member::new(&subject, &group()).await;
        member.join(5).await;
        assert_eq!(commit(&mut member, &topic, 7).await, 27, "{name}");
        let mine = parts(&[(&member, "all")]);
        member.sync(&mine, 3).await;
        for version in subject.versions(Api::OffsetCommit) {
            assert_eq!(
                commit(&mut member, &topic, version).await,
                0,
                "{name} {version}"
            );
        }
        member.generation += 1;
        assert_eq!(commit(&mut member, &topic, 7).await, 22, "{name}");
        let id = std::mem::take(&mut member.id);
        member.generation = -1;
        assert_eq!(commit(&mut member, &topic, 7).await, 25, "{name}");
        member.id = id;

        let request = DeleteGroupsRequest::default().with_groups_names(vec![member.group.clone()]);
        assert_eq!(
            member.wire.ask(&request, 2).await.results[0].error_code,
            68,
            "{name}"
        );
        let request = OffsetDeleteRequest::default().with_group_id(member.group.clone());
        assert_eq!(member.wire.ask(&request, 0).await.error_code, 68, "{name}");
        let missing = GroupId(text("kafka-fake-test-no-group"));
        let there = std::mem::replace(&mut member.group, missing);
        member.generation = 1;
        assert_eq!(commit(&mut member, &topic, 8).await, 22, "{name}");
        let missing = if subject.is_before_4() { 22 } else { 69 };
        assert_eq!(commit(&mut member, &topic, 9).await, missing, "{name}");
        member.group = there;
        assert_eq!(member.leave(4).await, 0, "{name}");
        finish(subject, member).await;
    }
}

#[tokio::test]
async fn members_without_a_client_take_part_in_rebalances() {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 2).unwrap();
    let given = GroupMember::new("given").assigned("orders", [0, 1]);
    let given = cluster.add_member("billing", given).unwrap();
    let subject = Subject::of(&cluster);
    let mut client = Member::new(&subject, &GroupId(text("billing"))).await;
    let before = client.describe().await;
    let request = client.join_request().with_protocol_type(text("consumer"));
    let protocol = JoinGroupRequestProtocol::default().with_name(text("range"));
    let mut request = request.with_protocols(vec![protocol]);
    request.member_id = client.wire.ask(&request, 5).await.member_id;
    let joined = client.wire.ask(&request, 5).await;
    assert_eq!((joined.error_code, joined.members.len()), (0, 2));
    assert_eq!(joined.leader, joined.member_id);
    client.id = joined.member_id.to_string();
    client.generation = joined.generation_id;
    let theirs = BTreeMap::from([(given, "theirs"), (client.id.clone(), "mine")]);
    let synced = client.sync(&theirs, 3).await;
    assert_eq!((synced.error_code, &*synced.assignment), (0, &b"mine"[..]));
    let described = client.describe().await;
    let mut parts: Vec<_> = described
        .members
        .iter()
        .map(|member| &*member.member_assignment)
        .collect();
    parts.sort_unstable();
    assert_eq!(parts, [&b"mine"[..], &b"theirs"[..]]);
    // When the client goes, they have what they were given.
    assert_eq!(client.leave(4).await, 0);
    assert_eq!(client.describe().await, before);
    cluster.shutdown().await;
}

/// Commits an offset, with what the member knows about itself.
async fn commit(member: &mut Member, topic: &TopicName, version: i16) -> i16 {
    let partition = OffsetCommitRequestPartition::default().with_committed_offset(1);
    let topic = OffsetCommitRequestTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    let request = OffsetCommitRequest::default()
        .with_group_id(member.group.clone())
        .with_member_id(text(&member.id))
        .with_generation_id_or_member_epoch(member.generation)
        .with_topics(vec![topic]);
    let answer = member.wire.ask(&request, version).await;
    answer.topics[0].partitions[0].error_code
}

/// Removes what the test made; the group has no members left.
pub(crate) async fn finish(subject: Subject, mut member: Member) {
    let request = DeleteGroupsRequest::default().with_groups_names(vec![member.group.clone()]);
    let code = member.wire.ask(&request, 2).await.results[0].error_code;
    assert_eq!(code, 0, "{}", subject.name);
    subject.clean().await;
}
