//! What is left out of answers for who may not see it, and what clients are told of their own rights.

use kafka_fake::Api;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest,
    DescribeConfigsRequest, DescribeGroupsRequest, DescribeTopicPartitionsRequest,
    DescribeTransactionsRequest, FindCoordinatorRequest, GroupId, ListGroupsRequest,
    ListTransactionsRequest, MetadataRequest, OffsetFetchRequest, ProduceRequest, TopicName,
    create_topics_request::CreatableTopic, create_topics_response::CreatableTopicResult,
    delete_topics_request::DeleteTopicState, describe_configs_request::DescribeConfigsResource,
    metadata_request::MetadataRequestTopic, offset_fetch_request::OffsetFetchRequestGroup,
};
use uuid::Uuid;

use crate::{
    acl_requests::Names,
    modern_member::ModernMember,
    requests::produce,
    rights::{
        ALL, ALTER, CLUSTER, CLUSTER_ACTION, CREATE, DELETE, DESCRIBE, DESCRIBE_CONFIGS, GROUP,
        READ, Rights, THE_CLUSTER, TOPIC, TRANSACTIONAL_ID, USER, WRITE,
    },
    subject::{Subject, unique},
    transactional::Transactional,
    wire::{Wire, metadata, text},
};

#[tokio::test]
async fn topics_that_are_not_for_everybody_are_left_out() {
    for mut subject in Subject::all_with_acls().await {
        let (open, hidden) = (subject.topic(1).await, subject.topic(1).await);
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        assert_eq!(all_topics(&mut wire).await, [] as [TopicName; 0]);
        rights.grant(&[(DESCRIBE, TOPIC, &open)]).await;
        let found = all_topics(&mut wire).await;
        assert_eq!(found, std::slice::from_ref(&open), "{}", subject.name);
        let request = DescribeTopicPartitionsRequest::default().with_response_partition_limit(10);
        let found = wire.ask(&request, 0).await.topics;
        assert_eq!(found.len(), 1, "{} {found:?}", subject.name);
        // By name one is told so, and by id too, without the name.
        let answer = wire.ask(&metadata(&[&hidden, &open]), 12).await;
        let mut codes: Vec<_> = answer
            .topics
            .iter()
            .map(|topic| (topic.error_code, topic.topic_id.is_nil()))
            .collect();
        codes.sort_unstable();
        assert_eq!(codes, [(0, false), (29, true)], "{}", subject.name);
        let id = id_of(&subject, &hidden).await;
        let asked = MetadataRequestTopic::default()
            .with_topic_id(id)
            .with_name(None);
        let request = MetadataRequest::default().with_topics(Some(vec![asked]));
        let found = wire.ask(&request, 12).await.topics.remove(0);
        assert_eq!(
            (found.error_code, found.name, found.topic_id),
            (29, None, id),
            "{}",
            subject.name
        );
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn clients_are_told_what_they_may_do() {
    for mut subject in Subject::all_with_acls().await {
        let names = Names::new(&mut subject).await;
        let (topic, group) = (&*names.topic.0, &*names.group.0);
        let mut rights = Rights::none(&subject).await;
        let mut admin = subject.connect().await;
        assert_eq!(names.ask(&mut admin, Api::OffsetCommit).await, 0);
        let mut wire = subject.connect_as(USER).await;
        assert_eq!(
            operations(&mut wire, &names).await,
            [i32::MIN, 0, 0, i32::MIN],
            "{}",
            subject.name
        );
        for (granted, expected) in [
            (
                &[(READ, TOPIC, topic)][..],
                [1 << READ | 1 << DESCRIBE, 0, 0, i32::MIN],
            ),
            (
                &[
                    (ALL, TOPIC, topic),
                    (ALL, GROUP, group),
                    (ALL, CLUSTER, THE_CLUSTER),
                ],
                [0xdf8, 0x1fa0, 0x1fa0, 0xd48],
            ),
            (
                &[(CREATE, CLUSTER, THE_CLUSTER), (DESCRIBE, GROUP, group)],
                [i32::MIN, 0, 0, 1 << DESCRIBE],
            ),
            (
                &[(ALTER, CLUSTER, THE_CLUSTER), (READ, GROUP, group)],
                [
                    i32::MIN,
                    1 << ALTER | 1 << DESCRIBE,
                    1 << ALTER | 1 << DESCRIBE,
                    1 << READ | 1 << DESCRIBE,
                ],
            ),
        ] {
            rights.grant(granted).await;
            let found = operations(&mut wire, &names).await;
            assert_eq!(found, expected, "{} {granted:?}", subject.name);
            rights.revoke().await;
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn groups_and_offsets_that_are_not_for_everybody_are_left_out() {
    for mut subject in Subject::all_with_acls().await {
        let (ours, mut theirs) = (
            Names::new(&mut subject).await,
            Names::new(&mut subject).await,
        );
        let mut rights = Rights::none(&subject).await;
        let mut admin = subject.connect().await;
        for names in [&ours, &theirs] {
            assert_eq!(names.ask(&mut admin, Api::OffsetCommit).await, 0);
        }
        theirs.group = ours.group.clone();
        assert_eq!(theirs.ask(&mut admin, Api::OffsetCommit).await, 0);
        let mut wire = subject.connect_as(USER).await;
        assert_eq!(groups(&mut wire).await, 0, "{}", subject.name);
        rights.grant(&[(DESCRIBE, GROUP, &ours.group)]).await;
        assert_eq!(groups(&mut wire).await, 1, "{}", subject.name);
        assert_eq!(offsets(&mut wire, &ours.group).await, 0, "{}", subject.name);
        rights.grant(&[(DESCRIBE, TOPIC, &ours.topic)]).await;
        assert_eq!(offsets(&mut wire, &ours.group).await, 1, "{}", subject.name);
        rights.grant(&[(DESCRIBE, CLUSTER, THE_CLUSTER)]).await;
        assert!(groups(&mut wire).await >= 2, "{}", subject.name);
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_group_with_a_hidden_topic_is_described_to_nobody_who_may_not_see_it() {
    for mut subject in Subject::all_with_acls().await {
        let topic = subject.topic(1).await;
        let group = GroupId(unique("group").0);
        let mut member = ModernMember::new(&subject, &group, "member-1").await;
        assert_eq!(member.join(&topic).await.error_code, 0);
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        let request = ConsumerGroupDescribeRequest::default().with_group_ids(vec![group.clone()]);
        rights.grant(&[(DESCRIBE, GROUP, &group)]).await;
        let found = wire.ask(&request, 1).await.groups.remove(0);
        let told = (found.error_code, found.members.len(), found.group_epoch);
        assert_eq!(told, (29, 0, 0), "{} {found:?}", subject.name);
        rights.grant(&[(DESCRIBE, TOPIC, &topic)]).await;
        let found = wire.ask(&request, 1).await.groups.remove(0);
        assert_eq!(
            (found.error_code, found.members.len()),
            (0, 1),
            "{}",
            subject.name
        );
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn transactions_and_their_topics_that_are_not_for_everybody_are_left_out() {
    for mut subject in Subject::all_with_acls().await {
        let (open, hidden) = (subject.topic(1).await, subject.topic(1).await);
        let mut admin = subject.connect().await;
        let mut producer = Transactional::begin(&mut admin).await;
        for topic in [&open, &hidden] {
            assert_eq!(producer.add(&mut admin, topic, 3).await, 0);
        }
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        let request = ListTransactionsRequest::default();
        assert_eq!(wire.ask(&request, 0).await.transaction_states.len(), 0);
        let id = &producer.name;
        rights
            .grant(&[(DESCRIBE, TRANSACTIONAL_ID, id), (DESCRIBE, TOPIC, &open)])
            .await;
        let found = wire.ask(&request, 0).await.transaction_states;
        assert_eq!(found.len(), 1, "{} {found:?}", subject.name);
        let request =
            DescribeTransactionsRequest::default().with_transactional_ids(vec![id.clone()]);
        let found = wire.ask(&request, 0).await.transaction_states.remove(0);
        let topics: Vec<_> = found
            .topics
            .iter()
            .map(|topic| topic.topic.clone())
            .collect();
        assert_eq!(topics, std::slice::from_ref(&open), "{}", subject.name);
        assert_eq!(producer.end(&mut admin, false, 3).await, 0);
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn coordinators_of_producers_are_for_who_may_see_these() {
    for subject in Subject::all_with_acls().await {
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        for version in [3, 4] {
            let request = FindCoordinatorRequest::default().with_key_type(1);
            let request = match version {
                3 => request.with_key(text("producer")),
                _ => request.with_coordinator_keys(vec![text("producer")]),
            };
            let code = async |wire: &mut Wire| {
                let answer = wire.ask(&request, version).await;
                answer
                    .coordinators
                    .first()
                    .map_or(answer.error_code, |found| found.error_code)
            };
            assert_eq!(code(&mut wire).await, 53, "{} {version}", subject.name);
            rights.grant(&[(WRITE, TRANSACTIONAL_ID, "producer")]).await;
            assert_eq!(code(&mut wire).await, 0, "{} {version}", subject.name);
            rights.revoke().await;
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn records_of_a_transaction_need_the_right_to_its_id() {
    for mut subject in Subject::all_with_acls().await {
        let topic = subject.topic(1).await;
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        let producer = Transactional::unknown();
        let batch = producer.batch(0);
        let request: ProduceRequest =
            produce(&topic, batch).with_transactional_id(Some(producer.name.clone()));
        rights.grant(&[(WRITE, TOPIC, &topic)]).await;
        let answer = wire.ask(&request, 8).await;
        assert_eq!(
            answer.responses[0].partition_responses[0].error_code, 53,
            "{}",
            subject.name
        );
        // Nobody waits for an answer, and who may not is sent away.
        let mut wire = subject.connect_as(USER).await;
        wire.send(&request.with_acks(0), 8).await;
        assert_eq!(wire.read().await, None, "{}", subject.name);
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn topics_are_created_by_who_may_create_them_and_shown_to_who_may_see_settings() {
    for subject in Subject::all_with_acls().await {
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        let (ours, other) = (unique("ours"), unique("other"));
        rights.grant(&[(CREATE, TOPIC, &ours)]).await;
        let found = create(&mut wire, &[&ours, &other]).await;
        let codes: Vec<i16> = found.iter().map(|topic| topic.error_code).collect();
        assert_eq!(codes, [0, 29], "{}", subject.name);
        let told = |topic: &CreatableTopicResult| {
            let count = topic.configs.as_ref().map(Vec::len);
            (
                topic.topic_config_error_code,
                topic.num_partitions,
                topic.replication_factor,
                count,
            )
        };
        assert_eq!(
            told(&found[0]),
            (29, -1, -1, Some(0)),
            "{} {found:?}",
            subject.name
        );
        rights.grant(&[(DESCRIBE_CONFIGS, TOPIC, &ours)]).await;
        let found = create(&mut wire, &[&ours]).await;
        let (code, partitions, replicas, count) = told(&found[0]);
        assert_eq!((code, partitions, replicas), (0, 1, 1), "{}", subject.name);
        assert!(count.is_some_and(|count| count > 0), "{}", subject.name);
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn topics_are_deleted_by_who_may_delete_them_whether_by_name_or_by_id() {
    for mut subject in Subject::all_with_acls().await {
        let (topic, missing) = (subject.topic(1).await, unique("missing"));
        let id = id_of(&subject, &topic).await;
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        let by_name = |name: &TopicName| DeleteTopicState::default().with_name(Some(name.clone()));
        let by_id = |id: Uuid| {
            DeleteTopicState::default()
                .with_name(None)
                .with_topic_id(id)
        };
        for (granted, asked, expected) in [
            (
                &[][..],
                by_name(&topic),
                (29, Some(topic.clone()), Uuid::nil()),
            ),
            (
                &[],
                by_name(&missing),
                (29, Some(missing.clone()), Uuid::nil()),
            ),
            (&[], by_id(id), (29, None, id)),
            (
                &[(DESCRIBE, TOPIC, &*topic.0)],
                by_name(&topic),
                (29, Some(topic.clone()), Uuid::nil()),
            ),
            (
                &[(DESCRIBE, TOPIC, &*topic.0)],
                by_id(id),
                (29, Some(topic.clone()), id),
            ),
            (
                &[(DESCRIBE, TOPIC, &*missing.0)],
                by_name(&missing),
                (3, Some(missing.clone()), Uuid::nil()),
            ),
            (
                &[(DELETE, TOPIC, &*topic.0)],
                by_id(id),
                (0, Some(topic.clone()), id),
            ),
        ] {
            rights.grant(granted).await;
            let request = DeleteTopicsRequest::default()
                .with_topics(vec![asked.clone()])
                .with_timeout_ms(10_000);
            let found = wire.ask(&request, 6).await.responses.remove(0);
            let found = (found.error_code, found.name, found.topic_id);
            assert_eq!(found, expected, "{} {granted:?} {asked:?}", subject.name);
            rights.revoke().await;
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn settings_of_brokers_belong_to_the_cluster() {
    for subject in Subject::all_with_acls().await {
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        let asked = DescribeConfigsResource::default()
            .with_resource_type(4)
            .with_resource_name(text("1"))
            .with_configuration_keys(None);
        let request = DescribeConfigsRequest::default().with_resources(vec![asked]);
        assert_eq!(
            wire.ask(&request, 4).await.results[0].error_code,
            31,
            "{}",
            subject.name
        );
        rights
            .grant(&[(DESCRIBE_CONFIGS, CLUSTER, THE_CLUSTER)])
            .await;
        assert_eq!(
            wire.ask(&request, 4).await.results[0].error_code,
            0,
            "{}",
            subject.name
        );
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn brokers_may_ask_for_the_epochs_of_every_topic() {
    for mut subject in Subject::all_with_acls().await {
        let names = Names::new(&mut subject).await;
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        rights
            .grant(&[(CLUSTER_ACTION, CLUSTER, THE_CLUSTER)])
            .await;
        let code = names.ask(&mut wire, Api::OffsetForLeaderEpoch).await;
        assert_eq!(code, 0, "{}", subject.name);
        rights.clean().await;
        subject.clean().await;
    }
}

async fn all_topics(wire: &mut Wire) -> Vec<TopicName> {
    let request = MetadataRequest::default().with_topics(None);
    let found = wire.ask(&request, 12).await.topics;
    found.into_iter().filter_map(|topic| topic.name).collect()
}

async fn id_of(subject: &Subject, topic: &TopicName) -> Uuid {
    let mut admin = subject.connect().await;
    admin.ask(&metadata(&[topic]), 12).await.topics[0].topic_id
}

/// Those for a topic, for the cluster, for the cluster once more, and for a group.
async fn operations(wire: &mut Wire, names: &Names) -> [i32; 4] {
    let request = metadata(&[&names.topic])
        .with_include_topic_authorized_operations(true)
        .with_include_cluster_authorized_operations(true);
    let answer = wire.ask(&request, 10).await;
    let request =
        DescribeClusterRequest::default().with_include_cluster_authorized_operations(true);
    let cluster = wire.ask(&request, 0).await.cluster_authorized_operations;
    let request = DescribeGroupsRequest::default()
        .with_groups(vec![names.group.clone()])
        .with_include_authorized_operations(true);
    let group = wire.ask(&request, 5).await.groups[0].authorized_operations;
    let topic = answer.topics[0].topic_authorized_operations;
    [topic, answer.cluster_authorized_operations, cluster, group]
}

/// How many groups are listed.
async fn groups(wire: &mut Wire) -> usize {
    let answer = wire.ask(&ListGroupsRequest::default(), 5).await;
    assert_eq!(answer.error_code, 0);
    answer.groups.len()
}

/// Of how many topics a group has offsets.
async fn offsets(wire: &mut Wire, group: &GroupId) -> usize {
    let asked = OffsetFetchRequestGroup::default()
        .with_group_id(group.clone())
        .with_topics(None);
    let request = OffsetFetchRequest::default().with_groups(vec![asked]);
    let found = wire.ask(&request, 8).await.groups.remove(0);
    assert_eq!(found.error_code, 0);
    found.topics.len()
}

/// Creates nothing, and tells what would come of it.
async fn create(wire: &mut Wire, names: &[&TopicName]) -> Vec<CreatableTopicResult> {
    let topics = names.iter().map(|name| {
        CreatableTopic::default()
            .with_name((*name).clone())
            .with_num_partitions(1)
            .with_replication_factor(1)
    });
    let request = CreateTopicsRequest::default()
        .with_topics(topics.collect())
        .with_timeout_ms(10_000)
        .with_validate_only(true);
    let mut found = wire.ask(&request, 7).await.topics;
    found.sort_by_key(|topic| names.iter().position(|name| **name == topic.name));
    found
}
