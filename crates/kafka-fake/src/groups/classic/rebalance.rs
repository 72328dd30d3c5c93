//! From one generation to the next.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::time::{Duration, Instant};

use super::{ClassicGroup, ClassicMember, ClassicState};
use crate::ErrorCode;

impl ClassicGroup {
    /// Begins a generation: all members are to join. Whoever is the first does not wait for others.
    pub(super) fn prepare(&mut self, now: Instant) {
        if self.state == ClassicState::CompletingRebalance {
            for member in self.members.values_mut() {
                member.assignment = Bytes::new();
                member.answer_sync(Err(ErrorCode::REBALANCE_IN_PROGRESS));
            }
        }
        let is_first = self.state == ClassicState::Empty;
        self.state = ClassicState::PreparingRebalance;
        self.unsynced.clear();
        self.deadline = Some(now + self.rebalance_timeout());
        match is_first {
            true => self.complete(now),
            false => self.complete_if_all_joined(now),
        }
    }

    pub(super) fn complete_if_all_joined(&mut self, now: Instant) {
        let all = self.members.values().all(ClassicMember::has_joined);
        if all && self.pending.is_empty() {
            self.complete(now);
        }
    }

    /// Has the generation begin with those who have joined. Static members stay without joining,
    /// until their session ends.
    pub(super) fn complete(&mut self, now: Instant) {
        self.members
            .retain(|_, member| member.has_joined() || member.instance_id.is_some());
        if !self.members.is_empty() && !self.elect_leader() {
            self.deadline = Some(now + self.rebalance_timeout());
            return;
        }
        self.generation += 1;
        self.deadline = None;
        if self.members.is_empty() {
            self.state = ClassicState::Empty;
            self.protocol = None;
            self.leader = None;
            return;
        }
        self.protocol = self.elect_protocol();
        if self.fall_back() {
            return;
        }
        self.state = ClassicState::CompletingRebalance;
        self.deadline = Some(now + self.rebalance_timeout());
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in ids {
            let answer = self.generation_for(&id);
            let Some(member) = self.members.get_mut(&id) else {
                continue;
            };
            member.refresh(now);
            if !member.is_given() {
                self.unsynced.insert(id);
            }
            if let Some(waiting) = member.joining.take() {
                // A client that has gone is missed when its session ends.
                let _ = waiting.send(Ok(answer));
            }
        }
    }

    /// Keeps the leader, or has another lead that can: whether there is one.
    fn elect_leader(&mut self) -> bool {
        let can_lead = |member: &&ClassicMember| member.joining.is_some();
        let leader = self.leader.as_ref().and_then(|id| self.members.get(id));
        if leader.as_ref().is_some_and(can_lead) {
            return true;
        }
        let mut clients = self.members.iter().filter(|(_, member)| can_lead(member));
        let mut given = self.members.iter().filter(|(_, member)| member.is_given());
        let next = clients.next().or_else(|| given.next());
        let next = next.map(|(id, _)| id.clone());
        if next.is_some() {
            self.leader = next;
            return true;
        }
        false
    }

    /// What all members can do and most of them like best.
    pub(super) fn elect_protocol(&self) -> Option<String> {
        let common = self.common_protocols();
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let mut names = member.protocols.iter().map(|(name, _)| name.as_str());
            if let Some(best) = names.find(|name| common.contains(name)) {
                *votes.entry(best).or_default() += 1;
            }
        }
        let elected = votes.into_iter().max_by_key(|(_, count)| *count);
        elected.map(|(name, _)| name.to_owned())
    }

    /// The longest of what the members allow.
    fn rebalance_timeout(&self) -> Duration {
        let timeouts = self.members.values().map(|member| member.rebalance_timeout);
        timeouts.max().unwrap_or_default().max(SHORTEST)
    }
}

/// Time has to pass between two rounds.
const SHORTEST: Duration = Duration::from_millis(1);
