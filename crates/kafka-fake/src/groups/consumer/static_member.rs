//! Static members (KIP-345), which leave to come back.

use super::{AWAY, Beat, ConsumerGroup, ConsumerMember};
use crate::ErrorCode;

impl ConsumerGroup {
    /// Checks that somebody is the member with this instance id. One that joins gets the place of the
    /// one that is away.
    pub(super) fn check_static(&mut self, instance_id: &str, beat: &Beat) -> Result<(), ErrorCode> {
        let found = self.find_static(instance_id);
        match found.map(|(id, member)| (id.clone(), member.epoch)) {
            Some((id, AWAY)) if beat.epoch == 0 => {
                if let Some(mut member) = self.members.remove(&id) {
                    member.epoch = 0;
                    member.previous_epoch = 0;
                    self.members.insert(beat.member_id.clone(), member);
                }
                Ok(())
            }
            // Whoever has not left has to go on with the epoch that it has.
            Some(_) if beat.epoch == 0 => Err(ErrorCode::UNRELEASED_INSTANCE_ID),
            Some((id, _)) if id == beat.member_id => Ok(()),
            Some(_) => Err(ErrorCode::FENCED_INSTANCE_ID),
            None if beat.epoch == 0 => Ok(()),
            None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
        }
    }

    /// The member that has this instance id, and its own.
    pub(super) fn find_static(&self, instance_id: &str) -> Option<(&String, &ConsumerMember)> {
        let mut members = self.members.iter();
        members.find(|(_, member)| member.instance_id.as_deref() == Some(instance_id))
    }
}
