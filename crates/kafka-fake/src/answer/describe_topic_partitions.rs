//! DescribeTopicPartitions (KIP-966).

use std::collections::BTreeSet;

use kafka_protocol::messages::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, TopicName,
    describe_topic_partitions_response::{
        Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
    },
};

use super::{Answer, Call, Outcome, described_partition::DescribedPartition, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State, topic::refuse_name};

impl Answer for DescribeTopicPartitionsRequest {
    type Response = DescribeTopicPartitionsResponse;

    /// Describes topics in the order of their names, from the cursor on and up to the limit.
    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeTopicPartitionsResponse> {
        let state = call.state();
        let asked = self.topics.iter().map(|topic| topic.name.to_string());
        let mut names: BTreeSet<String> = asked.collect();
        if names.is_empty() {
            let all = state.topics().map(|(name, _)| name.to_owned());
            names = all.filter(|name| may_see(call, name).is_ok()).collect();
        }
        let (from, mut first) = match &self.cursor {
            Some(cursor) => (cursor.topic_name.to_string(), cursor.partition_index),
            None => (String::new(), 0),
        };
        let limit = usize::try_from(self.response_partition_limit).unwrap_or_default();
        let mut room = limit.clamp(1, MAX_PARTITIONS);
        let mut response = DescribeTopicPartitionsResponse::default();
        for name in names.range(from.clone()..) {
            let begin = match *name == from {
                true => std::mem::take(&mut first),
                false => 0,
            };
            if room == 0 {
                response.next_cursor = Some(cursor(name, begin));
                break;
            }
            let topic = describe(&state, call, name, begin, room);
            room -= topic.partitions.len();
            let next = topic.partitions.last().map(|last| last.partition_index + 1);
            let next = next.filter(|next| state.partition(name, *next).is_ok());
            response.topics.push(topic);
            if let Some(next) = next {
                response.next_cursor = Some(cursor(name, next));
                break;
            }
        }
        Outcome::Reply(response)
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DescribeTopicPartitionsResponse {
        let topics = self.topics.into_iter();
        let refused = topics.map(|topic| refused(&topic.name, code));
        DescribeTopicPartitionsResponse::default().with_topics(refused.collect())
    }
}

fn describe(
    state: &State,
    call: &Call<'_>,
    name: &str,
    first: i32,
    room: usize,
) -> DescribeTopicPartitionsResponseTopic {
    if let Err(code) = may_see(call, name) {
        return refused(name, code);
    }
    if refuse_name(name).is_some() {
        return refused(name, ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    let topic = match state.topic(name) {
        Ok(topic) => topic,
        Err(code) => return refused(name, code),
    };
    let partitions = topic.numbered().filter(|(id, _)| *id >= first).take(room);
    let partitions = partitions.map(|(id, partition)| {
        let found = DescribedPartition::of(state, call, (name, id), partition);
        DescribeTopicPartitionsResponsePartition::default()
            .with_error_code(found.code)
            .with_partition_index(found.index)
            .with_leader_id(found.leader)
            .with_leader_epoch(found.leader_epoch)
            .with_replica_nodes(found.replicas)
            .with_isr_nodes(found.isr)
            .with_eligible_leader_replicas(Some(Vec::new()))
            .with_last_known_elr(Some(Vec::new()))
            .with_offline_replicas(found.offline)
    });
    DescribeTopicPartitionsResponseTopic::default()
        .with_name(Some(TopicName(text(name))))
        .with_topic_id(topic.id)
        .with_topic_authorized_operations(call.authorized_operations(Resource::Topic(name)))
        .with_partitions(partitions.collect())
}

fn may_see(call: &Call<'_>, name: &str) -> Result<(), ErrorCode> {
    call.authorize(AclOperation::Describe, Resource::Topic(name))
}

fn refused(name: &str, code: ErrorCode) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic::default()
        .with_error_code(code.code())
        .with_name(Some(TopicName(text(name))))
}

fn cursor(name: &str, partition: i32) -> Cursor {
    Cursor::default()
        .with_topic_name(TopicName(text(name)))
        .with_partition_index(partition)
}

/// The default of `max.request.partition.size.limit`.
const MAX_PARTITIONS: usize = 2000;
