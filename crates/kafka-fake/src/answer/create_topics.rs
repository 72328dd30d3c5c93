//! CreateTopics.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages::{
    CreateTopicsRequest, CreateTopicsResponse,
    create_topics_request::CreatableTopic,
    create_topics_response::{CreatableTopicConfigs, CreatableTopicResult},
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, new_topic::NewTopic, topic_config};

impl Answer for CreateTopicsRequest {
    type Response = CreateTopicsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<CreateTopicsResponse> {
        let mut seen = BTreeSet::new();
        let twice: BTreeSet<String> = self
            .topics
            .iter()
            .map(|topic| topic.name.to_string())
            .filter(|name| !seen.insert(name.clone()))
            .collect();
        let results = self.topics.into_iter().map(|topic| {
            if twice.contains(topic.name.as_str()) {
                let reason = "the topic is in the request more than once";
                return refused(topic, ErrorCode::INVALID_REQUEST, reason);
            }
            let creates = call.may(AclOperation::Create, Resource::Cluster)
                || call.may(AclOperation::Create, Resource::Topic(&topic.name));
            if !creates {
                let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
                return refused(topic, code, "Authorization failed.");
            }
            create(call, topic, self.validate_only)
        });
        Outcome::Reply(CreateTopicsResponse::default().with_topics(results.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> CreateTopicsResponse {
        let topics = self.topics.into_iter();
        let results = topics.map(|topic| refused(topic, code, &code.to_string()));
        CreateTopicsResponse::default().with_topics(results.collect())
    }
}

fn create(call: &Call<'_>, asked: CreatableTopic, validate_only: bool) -> CreatableTopicResult {
    let mut topic = NewTopic::new(
        asked.name.to_string(),
        asked.num_partitions,
        asked.replication_factor,
    );
    topic.configs = asked
        .configs
        .iter()
        .map(|config| {
            (
                config.name.to_string(),
                config.value.as_deref().map(str::to_owned),
            )
        })
        .collect();
    topic.assignments = asked
        .assignments
        .iter()
        .map(|assigned| {
            let ids = assigned.broker_ids.iter().map(|id| id.0).collect();
            (assigned.partition_index, ids)
        })
        .collect();
    let mut state = call.state();
    let plan = match topic.plan(&state) {
        Ok(plan) => plan,
        Err((code, reason)) => return refused(asked, code, &reason),
    };
    let mut result = CreatableTopicResult::default()
        .with_num_partitions(i32::try_from(plan.assignment.len()).unwrap_or(i32::MAX))
        .with_replication_factor(
            plan.assignment
                .first()
                .and_then(|replicas| i16::try_from(replicas.len()).ok())
                .unwrap_or(-1),
        )
        .with_configs(Some(configs(&plan.configs)));
    if let Err(code) = call.authorize(AclOperation::DescribeConfigs, Resource::Topic(&asked.name)) {
        // What the topic looks like is told to those only who could ask.
        result = CreatableTopicResult::default()
            .with_topic_config_error_code(code.code())
            .with_num_partitions(-1)
            .with_replication_factor(-1);
    }
    if !validate_only {
        result.topic_id = state.add_topic(topic.name, plan.assignment, plan.configs);
    }
    result.with_name(asked.name)
}

fn configs(set: &BTreeMap<String, String>) -> Vec<CreatableTopicConfigs> {
    topic_config::ALL
        .iter()
        .map(|config| {
            let (value, source) = match set.get(config.name) {
                Some(value) => (value.as_str(), topic_config::SOURCE_TOPIC),
                None => (config.default, topic_config::SOURCE_DEFAULT),
            };
            CreatableTopicConfigs::default()
                .with_name(text(config.name))
                .with_value(Some(text(value)))
                .with_config_source(source)
        })
        .collect()
}

fn refused(asked: CreatableTopic, code: ErrorCode, reason: &str) -> CreatableTopicResult {
    CreatableTopicResult::default()
        .with_name(asked.name)
        .with_error_code(code.code())
        .with_error_message(Some(text(reason)))
        .with_num_partitions(-1)
        .with_replication_factor(-1)
}
