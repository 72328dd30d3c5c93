//! Settings, and the quorum.

use std::collections::BTreeMap;

use kafka_fake::Api;
use kafka_protocol::messages::{
    CreateTopicsRequest, DescribeConfigsRequest, DescribeQuorumRequest, TopicName,
    create_topics_request::{CreatableTopic, CreatableTopicConfig},
    describe_configs_request::DescribeConfigsResource,
    describe_configs_response::DescribeConfigsResourceResult,
    describe_quorum_request::{PartitionData, TopicData},
};

use crate::{
    subject::{Subject, unique},
    wire::{Wire, metadata, text},
};

#[tokio::test]
async fn a_topic_has_the_defaults_of_kafka_and_what_was_set() {
    let mut all = Vec::new();
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let name = unique("configured");
        let config = CreatableTopicConfig::default()
            .with_name(text("retention.ms"))
            .with_value(Some(text("1000")));
        let topic = CreatableTopic::default()
            .with_name(name.clone())
            .with_num_partitions(1)
            .with_replication_factor(1)
            .with_configs(vec![config]);
        let request = CreateTopicsRequest::default()
            .with_topics(vec![topic])
            .with_timeout_ms(10_000);
        let created = wire.ask(&request, 7).await;
        assert_eq!(created.topics[0].error_code, 0, "{}", subject.name);
        for version in subject.versions(Api::DescribeConfigs) {
            let found = describe(&mut wire, 2, &name, None, version).await;
            let set = found.iter().find(|entry| &*entry.name == "retention.ms");
            let set = set.map(|entry| (entry.value.as_deref(), entry.config_source));
            assert_eq!(set, Some((Some("1000"), 1)), "{} {version}", subject.name);
        }
        let keys = ["retention.ms", "no.such.config"];
        let found = describe(&mut wire, 2, &name, Some(&keys), 4).await;
        assert_eq!(found.len(), 1, "{}", subject.name);
        let mut found = describe(&mut wire, 2, &name, None, 4).await;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        let entries: Vec<_> = found
            .into_iter()
            // Where the cluster's own settings come from is its business.
            .filter(|entry| &*entry.name != "min.insync.replicas")
            .map(|entry| {
                (
                    entry.name,
                    entry.value,
                    entry.config_source,
                    entry.config_type,
                    entry.synonyms,
                )
            })
            .collect();
        all.push((subject.is_before_4(), entries));
        subject.clean_topics(&[&name]).await;
    }
    let (_, fake) = all.remove(0);
    for (is_before_4, mut real) in all {
        let mut fake = fake.clone();
        if is_before_4 {
            fake.retain(|(name, ..)| !CHANGED_IN_4.contains(&name.as_str()));
            real.retain(|(name, ..)| !CHANGED_IN_4.contains(&name.as_str()));
        }
        assert_eq!(fake, real);
    }
}

#[tokio::test]
async fn a_node_describes_itself_and_refuses_to_describe_others() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let answer = wire.ask(&metadata(&[]), 9).await;
        let id = TopicName(text(&answer.brokers[0].node_id.0.to_string()));
        for version in subject.versions(Api::DescribeConfigs) {
            let found = describe(&mut wire, 4, &id, None, version).await;
            let own = found
                .iter()
                .find(|entry| &*entry.name == "node.id")
                .unwrap();
            assert_eq!(own.value, Some(id.0.clone()), "{}", subject.name);
            assert_eq!(
                (own.read_only, own.config_source),
                (true, 4),
                "{}",
                subject.name
            );
        }
        let missing = unique("missing");
        let stranger = TopicName(text("99"));
        for (kind, name, code) in [
            (4, &stranger, 42),
            (2, &missing, 3),
            (2, &TopicName(text("a b")), 17),
        ] {
            let answer = wire.ask(&request(kind, name, None), 2).await;
            assert_eq!(
                answer.results[0].error_code, code,
                "{} {name:?}",
                subject.name
            );
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn settings_of_a_node_look_as_those_of_kafka_4() {
    let mut all = Vec::new();
    for subject in Subject::modern().await {
        let mut wire = subject.connect().await;
        let id = TopicName(text("1"));
        let found = describe(&mut wire, 4, &id, None, 4).await;
        let entries = found
            .into_iter()
            .map(|entry| (entry.name, (entry.config_type, entry.read_only)));
        all.push((subject.name, entries.collect::<BTreeMap<_, _>>()));
        subject.clean().await;
    }
    let (_, fake) = all.remove(0);
    for (name, real) in all {
        let same: BTreeMap<_, _> = real
            .into_iter()
            .filter(|(setting, _)| fake.contains_key(setting))
            .collect();
        assert_eq!(fake, same, "{name}");
    }
}

#[tokio::test]
async fn the_quorum_has_a_leader_in_every_version() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        for version in subject.versions(Api::DescribeQuorum) {
            let topic = TopicData::default()
                .with_topic_name(TopicName(text("__cluster_metadata")))
                .with_partitions(vec![PartitionData::default()]);
            let request = DescribeQuorumRequest::default().with_topics(vec![topic]);
            let answer = wire.ask(&request, version).await;
            let partition = &answer.topics[0].partitions[0];
            assert_eq!(
                (answer.error_code, partition.error_code),
                (0, 0),
                "{}",
                subject.name
            );
            assert_eq!(partition.leader_id.0, 1, "{}", subject.name);
            assert_eq!(partition.current_voters.len(), 1, "{}", subject.name);
            assert_eq!(
                answer.nodes.len(),
                usize::from(version >= 2),
                "{}",
                subject.name
            );
        }
        subject.clean().await;
    }
}

fn request(kind: i8, name: &TopicName, keys: Option<&[&str]>) -> DescribeConfigsRequest {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(name.0.clone())
        .with_configuration_keys(keys.map(|keys| keys.iter().map(|key| text(key)).collect()));
    DescribeConfigsRequest::default()
        .with_resources(vec![resource])
        .with_include_synonyms(true)
}

async fn describe(
    wire: &mut Wire,
    kind: i8,
    name: &TopicName,
    keys: Option<&[&str]>,
    version: i16,
) -> Vec<DescribeConfigsResourceResult> {
    // A broker tells of a topic a moment after it was created.
    for _ in 0..500 {
        let mut answer = wire.ask(&request(kind, name, keys), version).await;
        let result = answer.results.remove(0);
        if result.error_code == 0 {
            return result.configs;
        }
        tokio::time::sleep(tokio::time::Duration::from_millis(20)).await;
    }
    panic!("{name:?} cannot be described")
}

/// The settings of topics that Kafka 3.9 does not have, those that only it has, and one that had
/// another default.
const CHANGED_IN_4: &[&str] = &[
    "errors.deadletterqueue.group.enable",
    "max.decompressed.message.bytes",
    "message.downconversion.enable",
    "message.format.version",
    "message.timestamp.after.max.ms",
    "message.timestamp.difference.max.ms",
    "remote.copy.lag.bytes",
    "remote.copy.lag.ms",
];
