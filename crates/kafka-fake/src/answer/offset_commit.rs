//! OffsetCommit.

use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
};
use tokio::time::Instant;

use super::{Answer, Call, Outcome};
use crate::{
    ErrorCode,
    groups::{CommitRequest, Committed, Committer},
    state::State,
};

impl Answer for OffsetCommitRequest {
    type Response = OffsetCommitResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<OffsetCommitResponse> {
        let mut state = call.groups();
        if let Err(code) = check(&mut state, call, &self) {
            return Outcome::Reply(self.refuse(call.version, code));
        }
        let group = self.group_id.to_string();
        Outcome::Reply(each(self, |topic, partition| {
            state.partition(topic, partition.partition_index)?;
            let committed = Committed::new(
                partition.committed_offset,
                partition.committed_leader_epoch,
                partition.committed_metadata.as_deref(),
            );
            let partition = (topic.to_owned(), partition.partition_index);
            state.groups.commit(&group, partition, committed)
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> OffsetCommitResponse {
        each(self, |_, _| Err(code))
    }
}

/// Whether the one who commits may, be it a member or somebody who acts for a group without any.
fn check(
    state: &mut State,
    call: &Call<'_>,
    request: &OffsetCommitRequest,
) -> Result<(), ErrorCode> {
    state.check_coordinator(&request.group_id, call.node)?;
    let epoch = request.generation_id_or_member_epoch;
    let Some(group) = state.groups.find_mut(&request.group_id) else {
        return match epoch {
            ..0 => Ok(()),
            _ if call.version >= NOT_FOUND => Err(ErrorCode::GROUP_ID_NOT_FOUND),
            _ => Err(ErrorCode::ILLEGAL_GENERATION),
        };
    };
    let instance_id = request.group_instance_id.as_deref();
    let by = Committer {
        member_id: &request.member_id,
        instance_id,
        epoch,
        request: CommitRequest::Plain(call.version),
    };
    group.check_commit(&by, Instant::now())
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

/// The first version that tells that a group does not exist.
const NOT_FOUND: i16 = 9;
