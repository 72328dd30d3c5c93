//! TxnOffsetCommit: offsets that are committed when the transaction is.

use kafka_protocol::messages::{
    TxnOffsetCommitRequest, TxnOffsetCommitResponse,
    txn_offset_commit_request::TxnOffsetCommitRequestTopic,
    txn_offset_commit_response::{TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic},
};

use tokio::time::Instant;

use super::{Answer, Call, Outcome};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    groups::{self, CommitRequest, Committed, Committer},
    state::State,
};

impl Answer for TxnOffsetCommitRequest {
    type Response = TxnOffsetCommitResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(
            AclOperation::Write,
            Resource::TransactionalId(&self.transactional_id),
        )?;
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<TxnOffsetCommitResponse> {
        let mut state = call.groups();
        let by = Committer {
            member_id: &self.member_id,
            instance_id: self.group_instance_id.as_deref(),
            epoch: self.generation_id,
            request: CommitRequest::Transactional,
        };
        let checked = check(&mut state, call, &self, &by);
        Outcome::Reply(each(&self, |topic, partition, committed| {
            call.authorize(AclOperation::Read, Resource::Topic(topic))?;
            state.partition(topic, partition)?;
            checked?;
            state.check_commit_of(&self.group_id, &by, (topic, partition))?;
            let producer = state.transactions.find_mut(&self.transactional_id)?;
            let key = (self.group_id.to_string(), topic.to_owned(), partition);
            committed.check()?;
            producer.commit_later(key, committed)
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> TxnOffsetCommitResponse {
        each(&self, |_, _, _| Err(code))
    }
}

fn check(
    state: &mut State,
    call: &Call<'_>,
    request: &TxnOffsetCommitRequest,
    by: &Committer<'_>,
) -> Result<(), ErrorCode> {
    state.check_coordinator(&request.group_id, call.node)?;
    let asking = (request.producer_id.0, request.producer_epoch);
    let partition = groups::partition(&request.group_id);
    let outcome = state.enter_transaction(
        &request.transactional_id,
        asking,
        partition,
        call.version >= ADDING,
    );
    outcome.map_err(|code| match code {
        ErrorCode::PRODUCER_FENCED => ErrorCode::INVALID_PRODUCER_EPOCH,
        ErrorCode::TRANSACTION_ABORTABLE if call.version < ABORTABLE => {
            ErrorCode::INVALID_TXN_STATE
        }
        other => other,
    })?;
    match state.groups.find_mut(&request.group_id) {
        Some(group) => group.check_commit(by, Instant::now()),
        None if by.epoch >= 0 => Err(ErrorCode::ILLEGAL_GENERATION),
        // It is there from now on, whatever becomes of the transaction.
        None => state.groups.open(&request.group_id).map(|_| ()),
    }
}

fn each(
    request: &TxnOffsetCommitRequest,
    mut commit: impl FnMut(&str, i32, Committed) -> Result<(), ErrorCode>,
) -> TxnOffsetCommitResponse {
    let mut answer_topic = |topic: &TxnOffsetCommitRequestTopic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let committed = Committed::new(
                partition.committed_offset,
                partition.committed_leader_epoch,
                partition.committed_metadata.as_deref(),
            );
            let code = commit(&topic.name, partition.partition_index, committed).err();
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code.unwrap_or(ErrorCode::NONE).code())
        });
        TxnOffsetCommitResponseTopic::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
    };
    let topics = request.topics.iter().map(&mut answer_topic).collect();
    TxnOffsetCommitResponse::default().with_topics(topics)
}

/// The first version whose clients know `TRANSACTION_ABORTABLE`, and the first that needs no
/// AddOffsetsToTxn before (KIP-890).
const ABORTABLE: i16 = 4;
const ADDING: i16 = 5;
