//! Topics and what is known of the cluster.

use kafka_fake::Api;
use kafka_protocol::messages::{
    CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest, MetadataRequest, TopicName,
    create_topics_request::{CreatableTopic, CreatableTopicConfig},
    delete_topics_request::DeleteTopicState,
    metadata_request::MetadataRequestTopic,
};

use crate::{
    subject::{Subject, unique},
    wire::{metadata, text},
};

#[tokio::test]
async fn metadata_describes_a_topic_in_every_version() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(3).await;
        let mut wire = subject.connect().await;
        for version in subject.versions(Api::Metadata) {
            // Before version 4 there was no choice.
            let asked = metadata(&[&topic]).with_allow_auto_topic_creation(version < 4);
            let answer = wire.ask(&asked, version).await;
            assert!(!answer.brokers.is_empty());
            let [described] = &answer.topics[..] else {
                panic!("{}: {answer:?}", subject.name)
            };
            assert_eq!((described.error_code, described.is_internal), (0, false));
            assert_eq!(described.name.as_ref(), Some(&topic));
            let mut ids: Vec<i32> = described
                .partitions
                .iter()
                .map(|partition| partition.partition_index)
                .collect();
            ids.sort_unstable();
            assert_eq!(ids, [0, 1, 2], "{} {version}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn no_topics_are_all_topics_in_version_0_and_none_afterwards() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let none = MetadataRequest::default().with_topics(Some(Vec::new()));
        let all = wire.ask(&none, 0).await.topics;
        assert!(all.iter().any(|found| found.name.as_ref() == Some(&topic)));
        assert!(wire.ask(&none, 1).await.topics.is_empty());
        let null = MetadataRequest::default().with_topics(None);
        let all = wire.ask(&null, 12).await.topics;
        assert!(all.iter().any(|found| found.name.as_ref() == Some(&topic)));
        subject.clean().await;
    }
}

#[tokio::test]
async fn unknown_and_impossible_topics_are_errors_of_their_own() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        for (name, code) in [
            (unique("missing"), 3),
            (TopicName(text("a b")), 17),
            (TopicName(text("")), 17),
        ] {
            let answer = wire.ask(&metadata(&[&name]), 9).await;
            assert_eq!(
                answer.topics[0].error_code, code,
                "{} {name:?}",
                subject.name
            );
        }
        let stranger = MetadataRequestTopic::default()
            .with_name(None)
            .with_topic_id(uuid::Uuid::from_u64_pair(1, 2));
        let by_id = MetadataRequest::default().with_topics(Some(vec![stranger]));
        let answer = wire.ask(&by_id, 12).await;
        assert_eq!(answer.topics[0].error_code, 100, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn an_id_finds_a_topic_whatever_is_said_of_its_name() {
    for mut subject in Subject::all().await {
        let (topic, other) = (subject.topic(1).await, subject.topic(1).await);
        let mut wire = subject.connect().await;
        let known = wire.ask(&metadata(&[&topic]), 12).await.topics[0].topic_id;
        let stranger = uuid::Uuid::from_u64_pair(1, 2);
        for name in [None, Some(TopicName(text(""))), Some(other.clone())] {
            for (id, code, found) in [(known, 0, Some(&topic)), (stranger, 100, None)] {
                let asked = MetadataRequestTopic::default()
                    .with_name(name.clone())
                    .with_topic_id(id);
                let request = MetadataRequest::default().with_topics(Some(vec![asked]));
                for version in 12..=*subject.versions(Api::Metadata).end() {
                    let answer = wire.ask(&request, version).await;
                    let [described] = &answer.topics[..] else {
                        panic!("{}: {answer:?}", subject.name)
                    };
                    assert_eq!(
                        (
                            described.error_code,
                            described.name.as_ref(),
                            described.topic_id
                        ),
                        (code, found, id),
                        "{} {version} {name:?}",
                        subject.name
                    );
                }
            }
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn topics_that_cannot_be_created_are_refused_with_kafkas_codes() {
    for mut subject in Subject::all().await {
        let existing = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let topic = |partitions, replicas| {
            CreatableTopic::default()
                .with_name(unique("refused"))
                .with_num_partitions(partitions)
                .with_replication_factor(replicas)
        };
        let set = |name: &str, value: &str| {
            vec![
                CreatableTopicConfig::default()
                    .with_name(text(name))
                    .with_value(Some(text(value))),
            ]
        };
        for (asked, code) in [
            (topic(1, 1).with_name(existing.clone()), 36),
            (topic(1, 1).with_name(TopicName(text("a/b"))), 17),
            (topic(0, 1), 37),
            (topic(-2, 1), 37),
            (topic(1, 0), 38),
            (topic(1, 99), 38),
            (topic(1, 1).with_configs(set("no.such.config", "1")), 40),
            (topic(1, 1).with_configs(set("retention.ms", "a week")), 40),
        ] {
            for version in subject.versions(Api::CreateTopics) {
                let request = CreateTopicsRequest::default()
                    .with_topics(vec![asked.clone()])
                    .with_timeout_ms(10_000);
                let answer = wire.ask(&request, version).await;
                let result = &answer.topics[0];
                assert_eq!(
                    result.error_code, code,
                    "{} {version}: {asked:?} {result:?}",
                    subject.name
                );
            }
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_topic_that_is_only_validated_is_not_created() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let name = unique("validated");
        let topic = CreatableTopic::default()
            .with_name(name.clone())
            .with_num_partitions(2)
            .with_replication_factor(-1);
        let request = CreateTopicsRequest::default()
            .with_topics(vec![topic])
            .with_validate_only(true);
        let answer = wire.ask(&request, 7).await;
        let result = &answer.topics[0];
        assert_eq!(
            (result.error_code, result.num_partitions),
            (0, 2),
            "{}",
            subject.name
        );
        let answer = wire.ask(&metadata(&[&name]), 9).await;
        assert_eq!(answer.topics[0].error_code, 3, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn topics_are_deleted_by_name_and_by_id() {
    for mut subject in Subject::all().await {
        let (named, identified) = (subject.topic(1).await, subject.topic(1).await);
        let mut wire = subject.connect().await;
        let by_name = DeleteTopicsRequest::default()
            .with_topic_names(vec![named.clone(), unique("missing")])
            .with_timeout_ms(10_000);
        let codes = wire.ask(&by_name, 4).await.responses;
        let mut codes: Vec<i16> = codes.iter().map(|result| result.error_code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [0, 3], "{}", subject.name);

        let id = wire.ask(&metadata(&[&identified]), 12).await.topics[0].topic_id;
        let states = [id, uuid::Uuid::from_u64_pair(1, 2)].map(|id| {
            DeleteTopicState::default()
                .with_name(None)
                .with_topic_id(id)
        });
        let by_id = DeleteTopicsRequest::default()
            .with_topics(states.into())
            .with_timeout_ms(10_000);
        let mut results = wire.ask(&by_id, 6).await.responses;
        results.sort_by_key(|result| result.error_code);
        assert_eq!((results[0].error_code, results[1].error_code), (0, 100));
        assert_eq!(
            results[0].name.as_ref(),
            Some(&identified),
            "{}",
            subject.name
        );
        subject.clean().await;
    }
}

#[tokio::test]
async fn the_cluster_is_described_in_every_version() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let request =
            DescribeClusterRequest::default().with_include_cluster_authorized_operations(true);
        for version in subject.versions(Api::DescribeCluster) {
            let answer = wire.ask(&request, version).await;
            assert_eq!((answer.error_code, answer.brokers.len()), (0, 1));
            assert_eq!(answer.controller_id, answer.brokers[0].broker_id);
            assert_eq!(
                answer.cluster_authorized_operations, 0x1fa0,
                "{}",
                subject.name
            );
            assert!(!answer.cluster_id.is_empty());
        }
        let controllers = request.with_endpoint_type(2);
        let answer = wire.ask(&controllers, 1).await;
        assert_eq!(answer.error_code, 114, "{}", subject.name);
        subject.clean().await;
    }
}
