//! Members that go.

use tokio::time::Instant;

use super::{ClassicGroup, ClassicState};
use crate::ErrorCode;

impl ClassicGroup {
    /// Lets a member go, by its id or by that of its instance.
    pub(crate) fn leave(
        &mut self,
        id: &str,
        instance_id: Option<&str>,
        now: Instant,
    ) -> Result<(), ErrorCode> {
        if instance_id.is_none() && self.pending.remove(id).is_some() {
            if self.state == ClassicState::PreparingRebalance {
                self.complete_if_all_joined(now);
            }
            return Ok(());
        }
        let found = match instance_id {
            Some(instance_id) => self.find_static(instance_id).map(str::to_owned),
            None => None,
        };
        match found {
            // An operator may not know the id.
            Some(found) if id.is_empty() => self.remove(&found, now),
            _ => {
                self.check_member(id, instance_id)?;
                self.remove(id, now);
            }
        }
        Ok(())
    }

    /// Removes a member; the others share what it had.
    pub(super) fn remove(&mut self, id: &str, now: Instant) {
        let Some(member) = self.members.remove(id) else {
            return;
        };
        self.unsynced.remove(id);
        if let Some(waiting) = member.joining {
            // It may be gone.
            let _ = waiting.send(Err((ErrorCode::UNKNOWN_MEMBER_ID, String::new())));
        }
        if let Some(waiting) = member.syncing {
            let _ = waiting.send(Err(ErrorCode::UNKNOWN_MEMBER_ID));
        }
        if self.leader.as_deref() == Some(id) {
            self.leader = self.members.keys().next().cloned();
        }
        match self.state {
            ClassicState::Empty => {}
            ClassicState::PreparingRebalance => self.complete_if_all_joined(now),
            ClassicState::CompletingRebalance | ClassicState::Stable => self.prepare(now),
        }
    }
}
