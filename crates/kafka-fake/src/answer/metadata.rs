//! Metadata.

use kafka_protocol::messages::{
    MetadataRequest, MetadataResponse, TopicName,
    metadata_request::MetadataRequestTopic,
    metadata_response::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
};

use super::{Answer, Call, Outcome, described_partition::DescribedPartition, text};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    state::State,
    topic::{Topic, refuse_name},
};

impl Answer for MetadataRequest {
    type Response = MetadataResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<MetadataResponse> {
        let state = call.state();
        let operations = self.include_topic_authorized_operations;
        let topics = match self.topics {
            // Version 0 has no null, and means all topics by none.
            Some(topics) if call.version > 0 || !topics.is_empty() => topics
                .into_iter()
                .map(|topic| asked_for(&state, call, topic, operations))
                .collect(),
            _ => state
                .topics()
                .filter(|(name, _)| call.may(AclOperation::Describe, Resource::Topic(name)))
                .map(|(name, topic)| describe(&state, call, name, topic, operations))
                .collect(),
        };
        let brokers = state.live().map(|(id, address)| {
            MetadataResponseBroker::default()
                .with_node_id(id.into())
                .with_host(text(address.ip().to_string()))
                .with_port(address.port().into())
        });
        let mut response = MetadataResponse::default()
            .with_brokers(brokers.collect())
            .with_cluster_id(Some(text(&state.cluster_id)))
            .with_controller_id(state.controller().unwrap_or(-1).into())
            .with_topics(topics);
        if self.include_cluster_authorized_operations {
            response.cluster_authorized_operations = call.cluster_operations();
        }
        Outcome::Reply(response)
    }

    fn refuse(self, _: i16, code: ErrorCode) -> MetadataResponse {
        let topics = self.topics.unwrap_or_default().into_iter();
        let topics = topics.map(|topic| refused(topic, code)).collect();
        // Only version 13 has room for it; there are no brokers in any version.
        MetadataResponse::default()
            .with_error_code(code.code())
            .with_controller_id((-1).into())
            .with_topics(topics)
    }
}

fn asked_for(
    state: &State,
    call: &Call<'_>,
    asked: MetadataRequestTopic,
    operations: bool,
) -> MetadataResponseTopic {
    let may_see = |name: &str| call.authorize(AclOperation::Describe, Resource::Topic(name));
    // Where there is an id, the name says nothing; the Java client leaves it empty.
    let name = asked.name.as_ref().filter(|_| asked.topic_id.is_nil());
    let found = match name {
        Some(name) if may_see(name).is_err() => Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED),
        Some(name) if refuse_name(name).is_some() => Err(ErrorCode::INVALID_TOPIC_EXCEPTION),
        Some(name) => state.topic(name).map(|topic| (name.to_string(), topic)),
        None => state.name_of(asked.topic_id).and_then(|name| {
            may_see(name)?;
            Ok((name.to_owned(), state.topic(name)?))
        }),
    };
    match found {
        Ok((name, topic)) => describe(state, call, &name, topic, operations),
        Err(code) => refused(asked, code),
    }
}

fn refused(asked: MetadataRequestTopic, code: ErrorCode) -> MetadataResponseTopic {
    let name = asked.name.filter(|_| asked.topic_id.is_nil());
    MetadataResponseTopic::default()
        .with_error_code(code.code())
        .with_name(name)
        .with_topic_id(asked.topic_id)
}

fn describe(
    state: &State,
    call: &Call<'_>,
    name: &str,
    topic: &Topic,
    operations: bool,
) -> MetadataResponseTopic {
    let partitions = topic.numbered().map(|(id, partition)| {
        let found = DescribedPartition::of(state, call, (name, id), partition);
        MetadataResponsePartition::default()
            .with_error_code(found.code)
            .with_partition_index(found.index)
            .with_leader_id(found.leader)
            .with_leader_epoch(found.leader_epoch)
            .with_replica_nodes(found.replicas)
            .with_isr_nodes(found.isr)
            .with_offline_replicas(found.offline)
    });
    let mut described = MetadataResponseTopic::default()
        .with_name(Some(TopicName(text(name))))
        .with_topic_id(topic.id)
        .with_partitions(partitions.collect());
    if operations {
        described.topic_authorized_operations = call.authorized_operations(Resource::Topic(name));
    }
    described
}
