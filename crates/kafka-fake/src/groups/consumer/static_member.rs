//! Static members (KIP-345), which leave to come back.

use super::{AWAY, Beat, ConsumerGroup};
use crate::ErrorCode;

impl ConsumerGroup {
    /// Checks that somebody is the member with this instance id. One that joins gets the place of the
    /// one that is away.
    pub(super) fn check_static(&mut self, instance_id: &str, beat: &Beat) -> Result<(), ErrorCode> {
        let is_it = |id: &Option<String>| id.as_deref() == Some(instance_id);
        let mut members = self.members.iter();
        let found = members.find(|(_, member)| is_it(&member.instance_id));
        match found.map(|(id, member)| (id.clone(), member.epoch)) {
            Some((id, AWAY)) if beat.epoch == 0 => {
                if let Some(mut member) = self.members.remove(&id) {
                    member.epoch = 0;
                    member.previous_epoch = 0;
                    self.members.insert(beat.member_id.clone(), member);
                }
                Ok(())
            }
            Some((id, _)) if id == beat.member_id => Ok(()),
            Some(_) if beat.epoch == 0 => Err(ErrorCode::UNRELEASED_INSTANCE_ID),
            Some(_) => Err(ErrorCode::FENCED_INSTANCE_ID),
            None if beat.epoch == 0 => Ok(()),
            None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
        }
    }
}
