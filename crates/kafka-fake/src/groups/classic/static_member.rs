//! Static members that come back without their id (KIP-345).

use tokio::time::Instant;

use super::{ClassicGroup, ClassicState, Join, JoinOutcome, JoinRefusal};
use crate::ErrorCode;

impl ClassicGroup {
    /// Gives the place of a static member to its successor, which keeps the assignment: as long as
    /// the group agrees on the same, there is no rebalance.
    pub(super) fn replace_static(
        &mut self,
        old: &str,
        join: Join,
        now: Instant,
    ) -> Result<JoinOutcome, JoinRefusal> {
        let id = join.new_member_id.clone();
        let Some(mut member) = self.members.remove(old) else {
            return Err((ErrorCode::UNKNOWN_MEMBER_ID, id));
        };
        // Nobody has to be there to hear it.
        if let Some(waiting) = member.joining.take() {
            let _ = waiting.send(Err((ErrorCode::FENCED_INSTANCE_ID, old.to_owned())));
        }
        if let Some(waiting) = member.syncing.take() {
            let _ = waiting.send(Err(ErrorCode::FENCED_INSTANCE_ID));
        }
        member.update(join.clone(), now);
        self.members.insert(id.clone(), member);
        if self.unsynced.remove(old) {
            self.unsynced.insert(id.clone());
        }
        let has_led = self.leader.as_deref() == Some(old);
        if has_led {
            self.leader = Some(id.clone());
        }
        if self.state != ClassicState::Stable || self.elect_protocol() != self.protocol {
            return Ok(self.rejoin(&id, join, now));
        }
        let mut answer = self.generation_for(&id);
        if has_led && join.can_skip_assignment {
            answer.skip_assignment = true;
        } else if has_led {
            // An older client is not to know that it leads, or it would assign.
            answer.leader = old.to_owned();
            answer.members.clear();
        }
        Ok(JoinOutcome::Now(answer))
    }
}
