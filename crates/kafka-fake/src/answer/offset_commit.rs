//! OffsetCommit, of groups that have no members.

use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
};

use super::{Answer, Call, Outcome};
use crate::{ErrorCode, groups::Committed, state::State};

impl Answer for OffsetCommitRequest {
    type Response = OffsetCommitResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<OffsetCommitResponse> {
        let mut state = call.state();
        if let Err(code) = check(&state, call, &self) {
            return Outcome::Reply(self.refuse(call.version, code));
        }
        let group = self.group_id.to_string();
        Outcome::Reply(each(self, |topic, partition| {
            state.partition(topic, partition.partition_index)?;
            let committed = Committed {
                offset: partition.committed_offset,
                leader_epoch: partition.committed_leader_epoch,
                metadata: partition
                    .committed_metadata
                    .as_deref()
                    .map(str::to_owned)
                    .unwrap_or_default(),
            };
            let partition = (topic.to_owned(), partition.partition_index);
            state.groups.commit(&group, partition, committed)
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> OffsetCommitResponse {
        each(self, |_, _| Err(code))
    }
}

/// Only who is no member can commit to a group that has none.
fn check(state: &State, call: &Call<'_>, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    state.check_coordinator(&request.group_id, call.node)?;
    if request.generation_id_or_member_epoch < 0 {
        return Ok(());
    }
    Err(match state.groups.find(&request.group_id) {
        Some(_) => ErrorCode::UNKNOWN_MEMBER_ID,
        None => ErrorCode::ILLEGAL_GENERATION,
    })
}

fn each(
    request: OffsetCommitRequest,
    mut commit: impl FnMut(&str, &OffsetCommitRequestPartition) -> Result<(), ErrorCode>,
) -> OffsetCommitResponse {
    let mut answer_topic = |topic: OffsetCommitRequestTopic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let code = commit(&topic.name, partition).err();
            OffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code.unwrap_or(ErrorCode::NONE).code())
        });
        OffsetCommitResponseTopic::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name)
    };
    let topics = request.topics.into_iter().map(&mut answer_topic).collect();
    OffsetCommitResponse::default().with_topics(topics)
}
