//! Who may commit offsets and read them.

use super::{Committer, ConsumerGroup};
use crate::ErrorCode;

impl ConsumerGroup {
    /// `knows_epochs` is whether the version of the request is one that members can use.
    pub(crate) fn check_commit(
        &self,
        by: &Committer<'_>,
        knows_epochs: bool,
    ) -> Result<(), ErrorCode> {
        if by.epoch < 0 && self.is_empty() {
            return Ok(());
        }
        let member = self.members.get(by.member_id);
        let member = member.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if !knows_epochs {
            return Err(ErrorCode::UNSUPPORTED_VERSION);
        }
        match by.epoch == member.epoch {
            true => Ok(()),
            false => Err(ErrorCode::STALE_MEMBER_EPOCH),
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
