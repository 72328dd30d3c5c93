//! ConsumerGroupHeartbeat (KIP-848).

use std::{collections::BTreeSet, time::Duration};

use kafka_protocol::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    consumer_group_heartbeat_response::{Assignment, TopicPartitions},
};
use tokio::time::Instant;

use super::{Answer, Call, Outcome, text};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    groups::{AWAY, Assignor, Beat, BeatAnswer, TopicPartition, by_topic},
};

impl Answer for ConsumerGroupHeartbeatRequest {
    type Response = ConsumerGroupHeartbeatResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))?;
        let mut topics = self.subscribed_topic_names.iter().flatten();
        topics.try_for_each(|name| call.authorize(AclOperation::Describe, Resource::Topic(name)))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<ConsumerGroupHeartbeatResponse> {
        if let Err((code, reason)) = check(&self, call.version) {
            return Outcome::Reply(refused(code).with_error_message(Some(text(reason))));
        }
        let mut request = self;
        if request.member_id.is_empty() {
            request.member_id = text(call.groups().groups.new_member_id("member"));
        }
        let answer = beat(&request, call);
        Outcome::Reply(match answer {
            Ok(answer) => {
                let interval = match answer.epoch {
                    1.. => call.shared.group_heartbeat_interval.as_millis(),
                    _ => 0,
                };
                ConsumerGroupHeartbeatResponse::default()
                    .with_member_id(Some(request.member_id))
                    .with_member_epoch(answer.epoch)
                    .with_heartbeat_interval_ms(i32::try_from(interval).unwrap_or(i32::MAX))
                    .with_assignment(answer.assignment.as_ref().map(assignment))
            }
            Err(code) => refused(code),
        })
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ConsumerGroupHeartbeatResponse {
        refused(code)
    }
}

/// Whether the request makes sense by itself.
fn check(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
) -> Result<(), (ErrorCode, &'static str)> {
    let invalid = |reason| Err((ErrorCode::INVALID_REQUEST, reason));
    let is_empty = |text: &Option<_>| text.as_deref().is_some_and(str::is_empty);
    let epoch = request.member_epoch;
    if request.group_id.is_empty() {
        return invalid("GroupId can't be empty.");
    }
    if request.member_id.is_empty() && (version >= CLIENT_IDS || epoch != 0) {
        return invalid("MemberId can't be empty.");
    }
    if is_empty(&request.instance_id) || is_empty(&request.rack_id) {
        return invalid("InstanceId and RackId can't be empty.");
    }
    if epoch == 0 {
        if request.rebalance_timeout_ms == -1 {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        if request
            .topic_partitions
            .as_ref()
            .is_none_or(|owned| !owned.is_empty())
        {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
            return invalid("SubscribedTopicNames or SubscribedTopicRegex must be set.");
        }
    }
    if epoch == AWAY && request.instance_id.is_none() {
        return invalid("InstanceId can't be null.");
    }
    if epoch < AWAY {
        return invalid("MemberEpoch is invalid.");
    }
    if request.server_assignor.is_some() && assignor(request).is_none() {
        return Err((
            ErrorCode::UNSUPPORTED_ASSIGNOR,
            "The assignor is not known.",
        ));
    }
    if request
        .subscribed_topic_regex
        .as_deref()
        .is_some_and(|regex| !regex.is_empty())
    {
        let reason = "kafka-fake knows no regular expressions.";
        return Err((ErrorCode::INVALID_REGULAR_EXPRESSION, reason));
    }
    Ok(())
}

fn beat(request: &ConsumerGroupHeartbeatRequest, call: &Call<'_>) -> Result<BeatAnswer, ErrorCode> {
    let mut state = call.groups();
    let group = &request.group_id;
    state.check_coordinator(group, call.node)?;
    let topics = state.topics_by_name();
    let beat = Beat {
        member_id: request.member_id.to_string(),
        epoch: request.member_epoch,
        client_id: call.client_id.to_owned(),
        client_host: format!("/{}", call.host),
        instance_id: request.instance_id.as_deref().map(str::to_owned),
        rack_id: request.rack_id.as_deref().map(str::to_owned),
        session_timeout: call.shared.group_session_timeout,
        rebalance_timeout: u64::try_from(request.rebalance_timeout_ms)
            .ok()
            .map(Duration::from_millis),
        topics: request
            .subscribed_topic_names
            .as_ref()
            .map(|names| names.iter().map(|name| name.to_string()).collect()),
        assignor: assignor(request),
        owned: owned(request),
    };
    if beat.epoch != 0 {
        let consumer = state.groups.existing_consumer(group);
        let consumer = consumer.ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        if beat.epoch < 0 {
            consumer.leave(&beat)?;
            return Ok(BeatAnswer {
                epoch: beat.epoch,
                assignment: None,
            });
        }
        return consumer.beat(&beat, &topics, Instant::now());
    }
    let consumer = state.groups.consumer(group)?;
    consumer.beat(&beat, &topics, Instant::now())
}

fn assignor(request: &ConsumerGroupHeartbeatRequest) -> Option<Assignor> {
    let name = request.server_assignor.as_deref()?;
    Assignor::ALL
        .into_iter()
        .find(|assignor| assignor.name() == name)
}

fn owned(request: &ConsumerGroupHeartbeatRequest) -> Option<BTreeSet<TopicPartition>> {
    let topics = request.topic_partitions.as_ref()?.iter();
    let partitions = topics.flat_map(|topic| {
        let partitions = topic.partitions.iter();
        partitions.map(|partition| (topic.topic_id, *partition))
    });
    Some(partitions.collect())
}

fn assignment(partitions: &BTreeSet<TopicPartition>) -> Assignment {
    let topics = by_topic(partitions).into_iter().map(|(id, partitions)| {
        TopicPartitions::default()
            .with_topic_id(id)
            .with_partitions(partitions)
    });
    Assignment::default().with_topic_partitions(topics.collect())
}

fn refused(code: ErrorCode) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse::default()
        .with_error_code(code.code())
        .with_error_message(Some(text(code.to_string())))
}

/// The first version in which members choose their ids.
const CLIENT_IDS: i16 = 1;
