//! Who may commit offsets and read them.

use super::{Committer, ConsumerGroup, TopicPartition};
use crate::{ErrorCode, groups::CommitRequest};

impl ConsumerGroup {
    pub(crate) fn check_commit(&self, by: &Committer<'_>) -> Result<(), ErrorCode> {
        if by.is_anonymous() || by.epoch < 0 && self.is_empty() {
            return Ok(());
        }
        let member = self.members.get(by.member_id);
        let member = member.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        match by.request {
            CommitRequest::Plain(..EPOCHS) => Err(ErrorCode::UNSUPPORTED_VERSION),
            _ if by.epoch > member.epoch => Err(stale(by)),
            _ => Ok(()),
        }
    }

    /// As [`check_commit`](Self::check_commit), for a partition: an epoch from before will do if the
    /// member has had the partition since then (KIP-1251).
    pub(crate) fn check_partition(
        &self,
        by: &Committer<'_>,
        partition: TopicPartition,
    ) -> Result<(), ErrorCode> {
        match self.members.get(by.member_id) {
            Some(member) if by.epoch < member.epoch => match member.got_in.get(&partition) {
                Some(epoch) if by.epoch >= *epoch => Ok(()),
                _ => Err(stale(by)),
            },
            _ => Ok(()),
        }
    }

    /// Anybody may read who does not claim to be a member.
    pub(crate) fn check_read(&self, member_id: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        let Some(member_id) = member_id.or((epoch >= 0).then_some("")) else {
            return Ok(());
        };
        match self.members.get(member_id) {
            None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
            Some(member) if member.epoch != epoch => Err(ErrorCode::STALE_MEMBER_EPOCH),
            Some(_) => Ok(()),
        }
    }
}

fn stale(by: &Committer<'_>) -> ErrorCode {
    match by.request {
        CommitRequest::Plain(_) => ErrorCode::STALE_MEMBER_EPOCH,
        // Its clients know generations only.
        CommitRequest::Transactional => ErrorCode::ILLEGAL_GENERATION,
    }
}

/// The first version of OffsetCommit that members can use.
const EPOCHS: i16 = 9;
