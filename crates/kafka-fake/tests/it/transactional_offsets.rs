//! Offsets that are committed within a transaction: by whom, and what becomes of them when what they
//! are of is deleted.

use kafka_fake::{Cluster, ErrorCode};
use kafka_protocol::messages::{
    DeleteGroupsRequest, GroupId, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    TopicName, TxnOffsetCommitRequest,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
    offset_fetch_request::OffsetFetchRequestTopic,
};

use crate::{
    member::{Member, group, parts},
    members::finish,
    modern_member::ModernMember,
    subject::Subject,
    transactional::Transactional,
    wire::{Wire, text},
};

#[tokio::test]
async fn members_of_a_classic_group_commit_within_a_transaction_during_a_rebalance_too() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let name = subject.name;
        let group = group();
        let mut wire = subject.connect().await;
        let mut writer = Transactional::begin(&mut wire).await;
        // There is no such group yet; Kafka 3.9 says that nobody is in it.
        let no_group = if subject.is_before_4() { 25 } else { 22 };
        for (id, generation, code) in [
            ("nobody", 1, no_group),
            ("nobody", -1, 0),
            // Now there is.
            ("", -1, 0),
            ("nobody", 1, 25),
        ] {
            let found = commit(&writer, &mut wire, &group, &topic, (id, None, generation)).await;
            assert_eq!(found, code, "{name} {id} {generation}");
        }
        let mut member = Member::new(&subject, &group).await;
        member.instance_id = Some("one");
        member.begin_join(9).await;
        assert_eq!(member.joined(9).await.error_code, 0, "{name}");
        let (id, generation) = (member.id.clone(), member.generation);
        // Nobody has assigned anything yet.
        for (id, instance_id, generation, code) in [
            (&*id, Some("one"), generation, 0),
            (&*id, None, generation, 0),
            (&*id, None, generation + 1, 22),
            ("other", None, generation, 25),
            ("other", Some("one"), generation, 82),
            ("", Some("two"), -1, 25),
            ("", None, -1, 0),
        ] {
            let who = (id, instance_id, generation);
            let found = commit(&writer, &mut wire, &group, &topic, who).await;
            assert_eq!(found, code, "{name} {who:?}");
        }
        assert_eq!(writer.end(&mut wire, true, 4).await, 0, "{name}");
        member.sync(&parts(&[(&member, "all")]), 5).await;
        assert_eq!(member.leave(5).await, 0, "{name}");
        writer.describe(&mut wire).await;
        finish(subject, member).await;
    }
}

#[tokio::test]
async fn members_of_kip_848_commit_within_a_transaction_as_of_their_epoch() {
    for mut subject in Subject::modern().await {
        let topic = subject.topic(1).await;
        let name = subject.name;
        let mut member = ModernMember::new(&subject, &group(), "first").await;
        member.join(&topic).await;
        let mut wire = subject.connect().await;
        let mut writer = Transactional::begin(&mut wire).await;
        for (id, instance_id, epoch, code) in [
            ("first", None, member.epoch, 0),
            ("first", None, member.epoch + 1, 22),
            ("other", None, member.epoch, 25),
            ("", Some("one"), -1, 25),
            ("", None, -1, 0),
        ] {
            let who = (id, instance_id, epoch);
            let found = commit(&writer, &mut wire, &member.group, &topic, who).await;
            assert_eq!(found, code, "{name} {who:?}");
        }
        assert_eq!(writer.end(&mut wire, false, 5).await, 0, "{name}");
        assert_eq!(member.leave(-1).await, 0, "{name}");
        assert_eq!(member.delete_group().await, 0, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn what_is_deleted_is_not_committed_when_the_transaction_is() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let name = subject.name;
        let mut wire = subject.connect().await;
        let wire = &mut wire;
        for whole in [true, false] {
            let group = group();
            assert_eq!(commit_at_once(wire, &group, &topic).await, 0, "{name}");
            let mut writer = Transactional::begin(wire).await;
            let code = commit(&writer, wire, &group, &topic, ("", None, -1)).await;
            assert_eq!(code, 0, "{name}");
            let code = match whole {
                true => delete_group(wire, &group).await,
                false => delete_offset(wire, &group, &topic).await,
            };
            assert_eq!(code, 0, "{name} {whole}");
            assert_eq!(writer.end(wire, true, 4).await, 0, "{name}");
            writer.describe(wire).await;
            assert_eq!(committed(wire, &group, &topic).await, -1, "{name} {whole}");
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn offsets_of_a_topic_that_was_deleted_are_not_those_of_its_successor() {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    let (group, topic) = (group(), TopicName(text("orders")));
    let mut writer = Transactional::begin(&mut wire).await;
    let code = commit(&writer, &mut wire, &group, &topic, ("", None, -1)).await;
    assert_eq!(code, ErrorCode::NONE.code());
    crate::requests::delete_topic(&mut wire, &topic).await;
    cluster.create_topic("orders", 1).unwrap();
    assert_eq!(writer.end(&mut wire, true, 5).await, 0);
    assert_eq!(committed(&mut wire, &group, &topic).await, -1);
    cluster.shutdown().await;
}

/// Commits offset 7 within a transaction, as a member, an instance and of a generation.
async fn commit(
    writer: &Transactional,
    wire: &mut Wire,
    group: &GroupId,
    topic: &TopicName,
    (id, instance_id, generation): (&str, Option<&str>, i32),
) -> i16 {
    assert_eq!(writer.add_offsets(wire, group, 3).await, 0);
    let request: TxnOffsetCommitRequest = writer
        .offset_request(group, topic, 7)
        .with_member_id(text(id))
        .with_group_instance_id(instance_id.map(text))
        .with_generation_id(generation);
    Transactional::send_offset(wire, &request, 3).await
}

async fn commit_at_once(wire: &mut Wire, group: &GroupId, topic: &TopicName) -> i16 {
    let partition = OffsetCommitRequestPartition::default().with_committed_offset(5);
    let topic = OffsetCommitRequestTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![partition]);
    let request = OffsetCommitRequest::default()
        .with_group_id(group.clone())
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic]);
    wire.ask(&request, 8).await.topics[0].partitions[0].error_code
}

async fn delete_group(wire: &mut Wire, group: &GroupId) -> i16 {
    let request = DeleteGroupsRequest::default().with_groups_names(vec![group.clone()]);
    wire.ask(&request, 2).await.results[0].error_code
}

async fn delete_offset(wire: &mut Wire, group: &GroupId, topic: &TopicName) -> i16 {
    let topic = OffsetDeleteRequestTopic::default()
        .with_name(topic.clone())
        .with_partitions(vec![OffsetDeleteRequestPartition::default()]);
    let request = OffsetDeleteRequest::default()
        .with_group_id(group.clone())
        .with_topics(vec![topic]);
    wire.ask(&request, 0).await.error_code
}

/// The offset of partition 0, which is -1 where there is none.
async fn committed(wire: &mut Wire, group: &GroupId, topic: &TopicName) -> i64 {
    let topic = OffsetFetchRequestTopic::default()
        .with_name(topic.clone())
        .with_partition_indexes(vec![0]);
    let request = OffsetFetchRequest::default()
        .with_group_id(group.clone())
        .with_topics(Some(vec![topic]));
    wire.ask(&request, 7).await.topics[0].partitions[0].committed_offset
}
