//! ConsumerGroupDescribe (KIP-848).

use std::collections::BTreeSet;

use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, GroupId, TopicName,
    consumer_group_describe_response::{Assignment, DescribedGroup, Member, TopicPartitions},
};

use super::{Answer, Call, Outcome, text};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    groups::{ConsumerGroup, Members, TopicPartition, by_topic},
    state::State,
};

impl Answer for ConsumerGroupDescribeRequest {
    type Response = ConsumerGroupDescribeResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<ConsumerGroupDescribeResponse> {
        let state = call.groups();
        let operations = self.include_authorized_operations;
        let described = self.group_ids.into_iter().map(|id| {
            let authorized = call.authorize(AclOperation::Describe, Resource::Group(&id));
            let is_ours = authorized.and_then(|()| state.check_coordinator(&id, call.node));
            if let Err(code) = is_ours {
                return refused(id, code, None);
            }
            match state.groups.find(&id).map(|group| &group.members) {
                Some(Members::Consumer(consumer)) => {
                    let mut group = describe(&state, consumer, call.version);
                    if !may_see_topics(call, &group) {
                        let reason = "The group has described topic(s) that the client is not \
                                      authorized to describe.";
                        let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
                        return refused(id, code, Some(reason.to_owned()));
                    }
                    if operations {
                        let resource = Resource::Group(&id);
                        group.authorized_operations = call.authorized_operations(resource);
                    }
                    group.with_group_id(id)
                }
                Some(Members::Classic(_)) => {
                    let reason = format!("Group {} is not a consumer group.", &*id);
                    refused(id, ErrorCode::GROUP_ID_NOT_FOUND, Some(reason))
                }
                None => {
                    let reason = format!("Group {} not found.", &*id);
                    refused(id, ErrorCode::GROUP_ID_NOT_FOUND, Some(reason))
                }
            }
        });
        Outcome::Reply(ConsumerGroupDescribeResponse::default().with_groups(described.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ConsumerGroupDescribeResponse {
        let groups = self.group_ids.into_iter().map(|id| refused(id, code, None));
        ConsumerGroupDescribeResponse::default().with_groups(groups.collect())
    }
}

fn describe(state: &State, group: &ConsumerGroup, version: i16) -> DescribedGroup {
    let members = group.members.iter().map(|(id, member)| {
        let topics = member.topics.iter().map(|topic| TopicName(text(topic)));
        let mut described = Member::default()
            .with_member_id(text(id))
            .with_instance_id(member.instance_id.clone().map(text))
            .with_rack_id(member.rack_id.clone().map(text))
            .with_member_epoch(member.epoch)
            .with_client_id(text(&member.client_id))
            .with_client_host(text(&member.client_host))
            .with_subscribed_topic_names(topics.collect())
            .with_assignment(assignment(state, &member.assigned))
            .with_target_assignment(assignment(state, &member.target));
        if version >= MEMBER_TYPES {
            described.member_type = MODERN;
        }
        described
    });
    DescribedGroup::default()
        .with_group_state(text(group.state()))
        .with_group_epoch(group.epoch)
        .with_assignment_epoch(group.target_epoch)
        .with_assignor_name(text(group.assignor().name()))
        .with_members(members.collect())
}

/// Whether the client may see all topics that members subscribe to or have parts of.
fn may_see_topics(call: &Call<'_>, group: &DescribedGroup) -> bool {
    let mut topics = group.members.iter().flat_map(|member| {
        let assigned = [&member.assignment, &member.target_assignment];
        let assigned = assigned.into_iter().flat_map(|part| &part.topic_partitions);
        let assigned = assigned.map(|topic| &topic.topic_name);
        member.subscribed_topic_names.iter().chain(assigned)
    });
    topics.all(|name| call.may(AclOperation::Describe, Resource::Topic(name)))
}

fn assignment(state: &State, partitions: &BTreeSet<TopicPartition>) -> Assignment {
    // A topic that is gone is assigned until the next heartbeat, and has no name any more.
    let topics = by_topic(partitions)
        .into_iter()
        .filter_map(|(id, partitions)| {
            let name = state.name_of(id).ok()?;
            let topic = TopicPartitions::default()
                .with_topic_id(id)
                .with_topic_name(TopicName(text(name)))
                .with_partitions(partitions);
            Some(topic)
        });
    Assignment::default().with_topic_partitions(topics.collect())
}

fn refused(id: GroupId, code: ErrorCode, reason: Option<String>) -> DescribedGroup {
    DescribedGroup::default()
        .with_group_id(id)
        .with_error_code(code.code())
        .with_error_message(Some(text(reason.unwrap_or_else(|| code.to_string()))))
}

/// The first version that tells which protocol a member uses.
const MEMBER_TYPES: i16 = 1;
const MODERN: i8 = 1;
