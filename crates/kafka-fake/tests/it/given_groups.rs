//! Groups that are made without a client.

use bytes::Buf;
use kafka_fake::{Cluster, Error, ErrorCode, GroupMember, GroupProtocol};
use kafka_protocol::{
    messages::{
        ConsumerGroupDescribeRequest, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
        DeleteGroupsRequest, DescribeGroupsRequest, GroupId, ListGroupsRequest, OffsetFetchRequest,
        offset_fetch_request::OffsetFetchRequestGroup,
    },
    protocol::Decodable,
};

use crate::wire::{Wire, text};

#[tokio::test]
async fn an_offset_is_committed_without_a_client() {
    let (cluster, mut wire) = start().await;
    cluster
        .commit_offset("billing", "orders", 1, 42, "note")
        .unwrap();
    let group = OffsetFetchRequestGroup::default()
        .with_group_id(GroupId(text("billing")))
        .with_topics(None);
    let request = OffsetFetchRequest::default().with_groups(vec![group]);
    let answer = wire.ask(&request, 8).await;
    let found = &answer.groups[0].topics[0].partitions[0];
    let found = (
        found.partition_index,
        found.committed_offset,
        found.metadata.as_deref(),
    );
    assert_eq!(found, (1, 42, Some("note")));
    let listed = wire.ask(&ListGroupsRequest::default(), 5).await.groups;
    assert_eq!(
        (&*listed[0].group_state, &*listed[0].group_type),
        ("Empty", "classic")
    );
    for (topic, partition) in [("orders", 6), ("missing", 0)] {
        let error = cluster
            .commit_offset("billing", topic, partition, 1, "")
            .unwrap_err();
        assert!(matches!(error, Error::UnknownPartition { .. }), "{error}");
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn members_that_were_put_there_are_those_of_a_stable_classic_group() {
    let (cluster, mut wire) = start().await;
    let first = GroupMember::new("billing-1")
        .host("10.0.0.7")
        .assigned("orders", [2, 0, 1]);
    let first = cluster.add_member("billing", first).unwrap();
    let second = GroupMember::new("billing-2")
        .instance_id("two")
        .assigned("orders", 3..6);
    let second = cluster.add_member("billing", second).unwrap();

    let listed = wire.ask(&ListGroupsRequest::default(), 5).await.groups;
    let words = [
        &listed[0].group_state,
        &listed[0].group_type,
        &listed[0].protocol_type,
    ];
    assert_eq!(words.map(|word| &**word), ["Stable", "classic", "consumer"]);

    let request = DescribeGroupsRequest::default().with_groups(vec![GroupId(text("billing"))]);
    let group = wire.ask(&request, 6).await.groups.remove(0);
    let words = [
        &group.group_state,
        &group.protocol_type,
        &group.protocol_data,
    ];
    assert_eq!(words.map(|word| &**word), ["Stable", "consumer", "range"]);
    let find = |id: &str| {
        group
            .members
            .iter()
            .find(|member| *member.member_id == *id)
            .unwrap()
    };
    let (first, second) = (find(&first), find(&second));
    assert!(first.member_id.starts_with("billing-1-"));
    assert_eq!(
        (&*first.client_id, &*first.client_host),
        ("billing-1", "/10.0.0.7")
    );
    assert_eq!(first.group_instance_id, None);
    assert_eq!(second.group_instance_id.as_deref(), Some("two"));
    assert_eq!(
        assigned(first.member_assignment.clone()),
        [("orders".to_owned(), vec![0, 1, 2])]
    );
    assert_eq!(
        assigned(second.member_assignment.clone()),
        [("orders".to_owned(), vec![3, 4, 5])]
    );
    let mut subscription = first.member_metadata.clone();
    let version = subscription.get_i16();
    let subscription = ConsumerProtocolSubscription::decode(&mut subscription, version).unwrap();
    assert_eq!(subscription.topics, [text("orders")]);

    let request = DeleteGroupsRequest::default().with_groups_names(vec![GroupId(text("billing"))]);
    let code = wire.ask(&request, 2).await.results[0].error_code;
    assert_eq!(code, ErrorCode::NON_EMPTY_GROUP.code());
    cluster.shutdown().await;
}

#[tokio::test]
async fn members_that_were_put_there_are_those_of_a_stable_group_of_kip_848() {
    let (cluster, mut wire) = start().await;
    for (client, partitions) in [("audit-1", 0..4), ("audit-2", 4..6)] {
        let member = GroupMember::new(client).protocol(GroupProtocol::Consumer);
        cluster
            .add_member("audit", member.assigned("orders", partitions))
            .unwrap();
    }
    let listed = wire.ask(&ListGroupsRequest::default(), 5).await.groups;
    let words = [
        &listed[0].group_state,
        &listed[0].group_type,
        &listed[0].protocol_type,
    ];
    assert_eq!(
        words.map(|word| &**word),
        ["Stable", "consumer", "consumer"]
    );

    let ids = vec![GroupId(text("audit"))];
    for version in 0..=1 {
        let request = ConsumerGroupDescribeRequest::default().with_group_ids(ids.clone());
        let group = wire.ask(&request, version).await.groups.remove(0);
        assert_eq!((group.error_code, &*group.group_state), (0, "Stable"));
        assert_eq!((group.group_epoch, group.assignment_epoch), (2, 2));
        assert_eq!(&*group.assignor_name, "uniform");
        let found: Vec<_> = group
            .members
            .iter()
            .map(|member| {
                let topic = &member.assignment.topic_partitions[0];
                assert_eq!(member.assignment, member.target_assignment);
                assert_eq!(member.member_epoch, 2);
                (
                    &*member.client_id,
                    &**topic.topic_name,
                    topic.partitions.clone(),
                )
            })
            .collect();
        let expected = [
            ("audit-1", "orders", vec![0, 1, 2, 3]),
            ("audit-2", "orders", vec![4, 5]),
        ];
        assert_eq!(found, expected);
    }
    // DescribeGroups knows classic groups only.
    let request = DescribeGroupsRequest::default().with_groups(ids);
    let group = wire.ask(&request, 6).await.groups.remove(0);
    assert_eq!((group.error_code, &*group.group_state), (69, "Dead"));
    cluster.shutdown().await;
}

#[tokio::test]
async fn members_of_one_group_use_one_protocol_and_have_partitions_that_there_are() {
    let (cluster, _) = start().await;
    cluster
        .add_member("billing", GroupMember::new("one"))
        .unwrap();
    cluster.commit_offset("audit", "orders", 0, 1, "").unwrap();
    let modern = GroupMember::new("two").protocol(GroupProtocol::Consumer);
    cluster.add_member("audit", modern.clone()).unwrap();
    for (group, member) in [("billing", modern), ("audit", GroupMember::new("three"))] {
        let error = cluster.add_member(group, member).unwrap_err();
        assert!(matches!(error, Error::GroupRefused { .. }), "{error}");
    }
    let beyond = GroupMember::new("four").assigned("orders", [6]);
    let error = cluster.add_member("billing", beyond).unwrap_err();
    assert!(
        matches!(error, Error::UnknownPartition { partition: 6, .. }),
        "{error}"
    );
    cluster.shutdown().await;
}

/// Topics and partitions, as consumers tell each other.
fn assigned(mut bytes: bytes::Bytes) -> Vec<(String, Vec<i32>)> {
    let version = bytes.get_i16();
    let assignment = ConsumerProtocolAssignment::decode(&mut bytes, version).unwrap();
    let topics = assignment.assigned_partitions.into_iter();
    topics
        .map(|topic| (topic.topic.to_string(), topic.partitions))
        .collect()
}

async fn start() -> (Cluster, Wire) {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 6).unwrap();
    let wire = Wire::connect(&cluster.bootstrap_servers()).await;
    (cluster, wire)
}
