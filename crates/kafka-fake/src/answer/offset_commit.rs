//! OffsetCommit.

use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
};
use tokio::time::Instant;

use super::{Answer, Call, Outcome};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    groups::{CommitRequest, Committed, Committer},
    state::State,
};

impl Answer for OffsetCommitRequest {
    type Response = OffsetCommitResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<OffsetCommitResponse> {
        let mut state = call.groups();
        let by = committer(&self, call.version);
        if let Err(code) = check(&mut state, call, &self.group_id, &by) {
            return Outcome::Reply(each(&self, |_, _| Err(code)));
        }
        Outcome::Reply(each(&self, |topic, partition| {
            call.authorize(AclOperation::Read, Resource::Topic(topic))?;
            let place = (topic, partition.partition_index);
            state.check_commit_of(&self.group_id, &by, place)?;
            let committed = Committed::new(
                partition.committed_offset,
                partition.committed_leader_epoch,
                partition.committed_metadata.as_deref(),
            );
            let partition = (topic.to_owned(), partition.partition_index);
            state.groups.commit(&self.group_id, partition, committed)
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> OffsetCommitResponse {
        each(&self, |_, _| Err(code))
    }
}

fn committer(request: &OffsetCommitRequest, version: i16) -> Committer<'_> {
    Committer {
        member_id: &request.member_id,
        instance_id: request.group_instance_id.as_deref(),
        epoch: request.generation_id_or_member_epoch,
        request: CommitRequest::Plain(version),
    }
}

/// Whether the one who commits may, be it a member or somebody who acts for a group without any.
fn check(
    state: &mut State,
    call: &Call<'_>,
    group: &str,
    by: &Committer<'_>,
) -> Result<(), ErrorCode> {
    state.check_coordinator(group, call.node)?;
    match state.groups.find_mut(group) {
        Some(group) => group.check_commit(by, Instant::now()),
        None if by.epoch < 0 => Ok(()),
        None if call.version >= NOT_FOUND => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        None => Err(ErrorCode::ILLEGAL_GENERATION),
    }
}

fn each(
    request: &OffsetCommitRequest,
    mut commit: impl FnMut(&str, &OffsetCommitRequestPartition) -> Result<(), ErrorCode>,
) -> OffsetCommitResponse {
    let mut answer_topic = |topic: &OffsetCommitRequestTopic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let code = commit(&topic.name, partition).err();
            OffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code.unwrap_or(ErrorCode::NONE).code())
        });
        OffsetCommitResponseTopic::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
    };
    let topics = request.topics.iter().map(&mut answer_topic).collect();
    OffsetCommitResponse::default().with_topics(topics)
}

/// The first version that tells that a group does not exist.
const NOT_FOUND: i16 = 9;
