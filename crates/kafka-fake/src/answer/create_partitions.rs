//! CreatePartitions (KIP-195).

use std::collections::BTreeSet;

use kafka_protocol::messages::{
    CreatePartitionsRequest, CreatePartitionsResponse,
    create_partitions_request::CreatePartitionsTopic,
    create_partitions_response::CreatePartitionsTopicResult,
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, more_partitions::MorePartitions};

impl Answer for CreatePartitionsRequest {
    type Response = CreatePartitionsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<CreatePartitionsResponse> {
        let mut seen = BTreeSet::new();
        let names = self.topics.iter().map(|topic| topic.name.clone());
        let twice: BTreeSet<_> = names.filter(|name| !seen.insert(name.clone())).collect();
        let mut state = call.state();
        let results = self.topics.into_iter().map(|topic| {
            if twice.contains(&topic.name) {
                let reason = "the topic is in the request more than once";
                return result(topic, Err((ErrorCode::INVALID_REQUEST, reason.to_owned())));
            }
            let assignments = topic.assignments.as_ref().map(|assignments| {
                let replicas = assignments.iter().map(|assigned| {
                    let ids = assigned.broker_ids.iter();
                    ids.map(|id| id.0).collect()
                });
                replicas.collect()
            });
            let more = MorePartitions {
                topic: &topic.name,
                count: topic.count,
                assignments,
            };
            let authorized = call.authorize(AclOperation::Alter, Resource::Topic(&topic.name));
            let authorized = authorized.map_err(|code| (code, code.to_string()));
            let outcome = authorized
                .and_then(|()| more.plan(&state))
                .map(|assignment| {
                    if !self.validate_only {
                        state.add_partitions(&topic.name, assignment);
                    }
                });
            result(topic, outcome)
        });
        let results = results.collect();
        call.shared.changed.notify_waiters();
        Outcome::Reply(CreatePartitionsResponse::default().with_results(results))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> CreatePartitionsResponse {
        let topics = self.topics.into_iter();
        let results = topics.map(|topic| result(topic, Err((code, code.to_string()))));
        CreatePartitionsResponse::default().with_results(results.collect())
    }
}

fn result(
    topic: CreatePartitionsTopic,
    outcome: Result<(), (ErrorCode, String)>,
) -> CreatePartitionsTopicResult {
    let result = CreatePartitionsTopicResult::default().with_name(topic.name);
    match outcome {
        Ok(()) => result,
        Err((code, reason)) => result
            .with_error_code(code.code())
            .with_error_message(Some(text(reason))),
    }
}
