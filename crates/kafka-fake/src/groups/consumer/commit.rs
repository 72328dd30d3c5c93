//! Who may commit offsets and read them.

use super::{Committer, ConsumerGroup};
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
            _ if by.epoch == member.epoch => Ok(()),
            CommitRequest::Plain(_) => Err(ErrorCode::STALE_MEMBER_EPOCH),
            // Its clients know generations only.
            CommitRequest::Transactional => Err(ErrorCode::ILLEGAL_GENERATION),
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

/// The first version of OffsetCommit that members can use.
const EPOCHS: i16 = 9;
