//! DeleteTopics.

use kafka_protocol::messages::{
    DeleteTopicsRequest, DeleteTopicsResponse, TopicName, delete_topics_request::DeleteTopicState,
    delete_topics_response::DeletableTopicResult,
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State};

impl Answer for DeleteTopicsRequest {
    type Response = DeleteTopicsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DeleteTopicsResponse> {
        let mut state = call.state();
        let results = asked_for(self)
            .map(|topic| delete(&mut state, call, topic))
            .collect();
        call.shared.changed.notify_waiters();
        Outcome::Reply(DeleteTopicsResponse::default().with_responses(results))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DeleteTopicsResponse {
        let results = asked_for(self).map(|topic| result(topic, code)).collect();
        DeleteTopicsResponse::default().with_responses(results)
    }
}

/// Up to version 5 there are only names.
fn asked_for(request: DeleteTopicsRequest) -> impl Iterator<Item = DeleteTopicState> {
    let names = request.topic_names.into_iter();
    let named = names.map(|name| DeleteTopicState::default().with_name(Some(name)));
    request.topics.into_iter().chain(named)
}

fn delete(state: &mut State, call: &Call<'_>, mut topic: DeleteTopicState) -> DeletableTopicResult {
    let name = match &topic.name {
        Some(name) => name.clone(),
        None => match state.name_of(topic.topic_id) {
            Ok(name) => TopicName(text(name)),
            Err(code) => return result(topic, code),
        },
    };
    let may = |operation| {
        call.may(AclOperation::Delete, Resource::Cluster)
            || call.may(operation, Resource::Topic(&name))
    };
    let refused = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
    if !may(AclOperation::Describe) {
        return result(topic, refused);
    }
    if !may(AclOperation::Delete) {
        // Who may see the topic is told if there is none, and what it is called.
        let missing = state.topic(&name).err();
        topic.name = Some(name);
        return result(topic, missing.unwrap_or(refused));
    }
    topic.name = Some(name.clone());
    match state.remove_topic(&name) {
        Ok(removed) => {
            topic.topic_id = removed.id;
            result(topic, ErrorCode::NONE)
        }
        Err(code) => result(topic, code),
    }
}

fn result(topic: DeleteTopicState, code: ErrorCode) -> DeletableTopicResult {
    DeletableTopicResult::default()
        .with_name(topic.name)
        .with_topic_id(topic.topic_id)
        .with_error_code(code.code())
}
