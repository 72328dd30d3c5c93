//! OffsetFetch.

use std::collections::BTreeMap;

use kafka_protocol::messages::{
    OffsetFetchRequest, OffsetFetchResponse, TopicName,
    offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    offset_fetch_response::{
        OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
        OffsetFetchResponseTopic, OffsetFetchResponseTopics,
    },
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, groups::Committed, state::State};

impl Answer for OffsetFetchRequest {
    type Response = OffsetFetchResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<OffsetFetchResponse> {
        let state = call.groups();
        if call.version >= BATCHED {
            let groups = self.groups.into_iter();
            let groups = groups.map(|group| match check(&state, call, &group) {
                Ok(()) => stable(&state, self.require_stable, fetch(&state, call, group)),
                Err(code) => refused(group, code),
            });
            let response = OffsetFetchResponse::default();
            return Outcome::Reply(response.with_groups(groups.collect()));
        }
        let is_ours = may_see(call, &self.group_id)
            .and_then(|()| state.check_coordinator(&self.group_id, call.node));
        if let Err(code) = is_ours {
            return Outcome::Reply(self.refuse(call.version, code));
        }
        let require_stable = self.require_stable;
        let found = fetch(&state, call, only_group(self));
        Outcome::Reply(single(stable(&state, require_stable, found)))
    }

    fn refuse(self, version: i16, code: ErrorCode) -> OffsetFetchResponse {
        if version < BATCHED {
            return single(refused(only_group(self), code)).with_error_code(code.code());
        }
        let groups = self.groups.into_iter().map(|group| refused(group, code));
        OffsetFetchResponse::default().with_groups(groups.collect())
    }
}

fn check(state: &State, call: &Call<'_>, asked: &OffsetFetchRequestGroup) -> Result<(), ErrorCode> {
    may_see(call, &asked.group_id)?;
    state.check_coordinator(&asked.group_id, call.node)?;
    match state.groups.find(&asked.group_id) {
        Some(group) => group.check_read(asked.member_id.as_deref(), asked.member_epoch),
        None => Ok(()),
    }
}

fn may_see(call: &Call<'_>, group: &str) -> Result<(), ErrorCode> {
    call.authorize(AclOperation::Describe, Resource::Group(group))
}

/// Up to version 7 there is one.
fn only_group(request: OffsetFetchRequest) -> OffsetFetchRequestGroup {
    let topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| {
            OffsetFetchRequestTopics::default()
                .with_name(topic.name)
                .with_partition_indexes(topic.partition_indexes)
        });
        topics.collect()
    });
    OffsetFetchRequestGroup::default()
        .with_group_id(request.group_id)
        .with_topics(topics)
}

fn single(group: OffsetFetchResponseGroup) -> OffsetFetchResponse {
    let topics = group.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter().map(|partition| {
            OffsetFetchResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_committed_offset(partition.committed_offset)
                .with_committed_leader_epoch(partition.committed_leader_epoch)
                .with_metadata(partition.metadata)
                .with_error_code(partition.error_code)
        });
        OffsetFetchResponseTopic::default()
            .with_name(topic.name)
            .with_partitions(partitions.collect())
    });
    OffsetFetchResponse::default().with_topics(topics.collect())
}

fn fetch(
    state: &State,
    call: &Call<'_>,
    asked: OffsetFetchRequestGroup,
) -> OffsetFetchResponseGroup {
    let group = state.groups.find(&asked.group_id);
    let authorize = |topic: &str| call.authorize(AclOperation::Describe, Resource::Topic(topic));
    let topics = match asked.topics {
        Some(topics) => topics
            .into_iter()
            .map(|topic| {
                let authorized = authorize(&topic.name);
                let partitions = topic.partition_indexes.into_iter().map(|id| {
                    if let Err(code) = authorized {
                        return answer_partition(id, None).with_error_code(code.code());
                    }
                    let key = (topic.name.to_string(), id);
                    let found = group.and_then(|group| group.offsets.get(&key));
                    answer_partition(id, found)
                });
                OffsetFetchResponseTopics::default()
                    .with_partitions(partitions.collect())
                    .with_name(topic.name)
            })
            .collect(),
        None => {
            let mut topics: BTreeMap<&str, Vec<_>> = BTreeMap::new();
            for ((topic, id), committed) in group.iter().flat_map(|group| &group.offsets) {
                if authorize(topic).is_ok() {
                    let partitions = topics.entry(topic).or_default();
                    partitions.push(answer_partition(*id, Some(committed)));
                }
            }
            let topics = topics.into_iter().map(|(name, partitions)| {
                OffsetFetchResponseTopics::default()
                    .with_name(TopicName(text(name)))
                    .with_partitions(partitions)
            });
            topics.collect()
        }
    };
    OffsetFetchResponseGroup::default()
        .with_group_id(asked.group_id)
        .with_topics(topics)
}

/// Refuses what a transaction is about to change to who wants to know for good (KIP-447).
fn stable(
    state: &State,
    is_required: bool,
    mut group: OffsetFetchResponseGroup,
) -> OffsetFetchResponseGroup {
    if is_required {
        for topic in &mut group.topics {
            for found in &mut topic.partitions {
                let id = found.partition_index;
                let transactions = &state.transactions;
                if transactions.is_pending(&group.group_id, &topic.name, id) {
                    let code = ErrorCode::UNSTABLE_OFFSET_COMMIT.code();
                    *found = answer_partition(id, None).with_error_code(code);
                }
            }
        }
    }
    group
}

fn answer_partition(id: i32, committed: Option<&Committed>) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions::default()
        .with_partition_index(id)
        .with_committed_offset(committed.map_or(-1, |committed| committed.offset))
        .with_committed_leader_epoch(committed.map_or(-1, |committed| committed.leader_epoch))
        .with_metadata(Some(
            committed.map_or_else(Default::default, |committed| text(&committed.metadata)),
        ))
}

/// Version 1 has room for the error beside each partition only, and from version 8 on the group
/// has it.
fn refused(asked: OffsetFetchRequestGroup, code: ErrorCode) -> OffsetFetchResponseGroup {
    let topics = asked.topics.unwrap_or_default().into_iter().map(|topic| {
        let partitions = topic.partition_indexes.into_iter();
        let partitions =
            partitions.map(|id| answer_partition(id, None).with_error_code(code.code()));
        OffsetFetchResponseTopics::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name)
    });
    OffsetFetchResponseGroup::default()
        .with_topics(topics.collect())
        .with_group_id(asked.group_id)
        .with_error_code(code.code())
}

/// The first version that asks for several (KIP-709).
const BATCHED: i16 = 8;
