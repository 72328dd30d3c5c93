//! What happens by itself.

use tokio::time::Instant;

use super::{ClassicGroup, ClassicMember, ClassicState, Liveness};

impl ClassicGroup {
    /// Catches up with the time: whatever was due happens, one after the other.
    pub(crate) fn pass(&mut self, now: Instant) {
        while let Some(due) = self.next_deadline().filter(|due| *due <= now) {
            self.expire(due);
        }
    }

    /// Has all sessions begin again.
    pub(crate) fn refresh(&mut self, now: Instant) {
        for member in self.members.values_mut() {
            member.refresh(now);
        }
    }

    /// When something happens next without anybody doing anything.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let sessions = self.members.values().filter_map(ClassicMember::ends);
        let pending = self.pending.values().copied();
        sessions.chain(pending).chain(self.round_ends()).min()
    }

    /// Until when members may join, or have to have asked for their part.
    fn round_ends(&self) -> Option<Instant> {
        let is_awaited = match self.state {
            ClassicState::Empty => false,
            ClassicState::PreparingRebalance => true,
            ClassicState::CompletingRebalance | ClassicState::Stable => !self.unsynced.is_empty(),
        };
        self.deadline.filter(|_| is_awaited)
    }

    fn expire(&mut self, now: Instant) {
        if self.round_ends().is_some_and(|ends| ends <= now) {
            if self.state == ClassicState::PreparingRebalance {
                self.complete(now);
            } else {
                // They lost interest, and hold up the others no longer.
                for id in std::mem::take(&mut self.unsynced) {
                    self.members.remove(&id);
                }
                self.prepare(now);
            }
            return;
        }
        let is_over = |member: &ClassicMember| member.ends().is_some_and(|ends| ends <= now);
        let gone = self.members.iter().find(|(_, member)| is_over(member));
        if let Some(id) = gone.map(|(id, _)| id.clone()) {
            self.remove(&id, now);
            return;
        }
        self.pending.retain(|_, ends| *ends > now);
        if self.state == ClassicState::PreparingRebalance {
            self.complete_if_all_joined(now);
        }
    }
}

impl ClassicMember {
    /// When it is given up; not while it waits for an answer.
    fn ends(&self) -> Option<Instant> {
        match &self.liveness {
            Liveness::Session { ends, .. } if self.joining.is_none() && self.syncing.is_none() => {
                Some(*ends)
            }
            _ => None,
        }
    }
}
