//! What happens by itself.

use tokio::time::Instant;

use super::{ConsumerGroup, ConsumerMember, Liveness};

impl ConsumerGroup {
    /// Removes the members that are not heard from, or do not give up what they are to.
    pub(crate) fn pass(&mut self, now: Instant) {
        let is_over = |member: &ConsumerMember| member.ends().is_some_and(|ends| ends <= now);
        let over = self.members.iter().filter(|(_, member)| is_over(member));
        let over: Vec<String> = over.map(|(id, _)| id.clone()).collect();
        for id in over {
            self.remove(&id);
        }
    }
}

impl ConsumerMember {
    fn ends(&self) -> Option<Instant> {
        match self.liveness {
            Liveness::Given(_) => None,
            Liveness::Session(ends) => Some(self.revoke_by.map_or(ends, |by| by.min(ends))),
        }
    }
}
