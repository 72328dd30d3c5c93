//! SyncGroup and Heartbeat.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::{sync::oneshot, time::Instant};

use super::{ClassicGroup, ClassicMember, ClassicState};
use crate::ErrorCode;

/// A member that asks for its part, and brings those of all if it leads.
#[derive(Clone, Debug)]
pub(crate) struct Sync {
    pub(crate) member_id: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) generation: i32,
    /// What it believes that the group agreed on, if it says so.
    pub(crate) protocol_type: Option<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) assignments: BTreeMap<String, Bytes>,
}

/// What a member is told of its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyncAnswer {
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) assignment: Bytes,
}

/// The answer, or where it will come.
#[derive(Debug)]
pub(crate) enum SyncOutcome {
    Now(SyncAnswer),
    Later(oneshot::Receiver<Result<SyncAnswer, ErrorCode>>),
}

impl ClassicGroup {
    pub(crate) fn sync(&mut self, sync: Sync, now: Instant) -> Result<SyncOutcome, ErrorCode> {
        let id = sync.member_id.as_str();
        self.check_generation(id, sync.instance_id.as_deref(), sync.generation)?;
        let differs = |said: &Option<String>, agreed: &str| {
            said.as_deref().is_some_and(|said| said != agreed)
        };
        let protocol = self.protocol.clone().unwrap_or_default();
        if differs(&sync.protocol_type, &self.protocol_type) || differs(&sync.protocol, &protocol) {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        match self.state {
            ClassicState::Empty => Err(ErrorCode::UNKNOWN_MEMBER_ID),
            ClassicState::PreparingRebalance => Err(ErrorCode::REBALANCE_IN_PROGRESS),
            ClassicState::CompletingRebalance => {
                let (sender, receiver) = oneshot::channel();
                self.unsynced.remove(id);
                if let Some(member) = self.members.get_mut(id) {
                    member.refresh(now);
                    member.syncing = Some(sender);
                }
                if self.leader.as_deref() == Some(id) {
                    self.assign(sync.assignments, now);
                }
                Ok(SyncOutcome::Later(receiver))
            }
            ClassicState::Stable => {
                self.unsynced.remove(id);
                let member = self.members.get_mut(id);
                let assignment = member.map(|member| {
                    member.refresh(now);
                    member.assignment.clone()
                });
                Ok(SyncOutcome::Now(SyncAnswer {
                    protocol_type: self.protocol_type.clone(),
                    protocol,
                    assignment: assignment.unwrap_or_default(),
                }))
            }
        }
    }

    /// Gives each member its part: the group is stable.
    fn assign(&mut self, mut assignments: BTreeMap<String, Bytes>, now: Instant) {
        self.state = ClassicState::Stable;
        let protocol = self.protocol.clone().unwrap_or_default();
        for (id, member) in &mut self.members {
            member.assignment = assignments.remove(id).unwrap_or_default();
            let answer = SyncAnswer {
                protocol_type: self.protocol_type.clone(),
                protocol: protocol.clone(),
                assignment: member.assignment.clone(),
            };
            if member.syncing.is_some() {
                member.refresh(now);
            }
            member.answer_sync(Ok(answer));
        }
    }

    /// A sign of life; the error may be that there is a rebalance.
    pub(crate) fn heartbeat(
        &mut self,
        id: &str,
        instance_id: Option<&str>,
        generation: i32,
        now: Instant,
    ) -> Result<(), ErrorCode> {
        self.check_generation(id, instance_id, generation)?;
        if self.state == ClassicState::Empty {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        self.touch(id, now);
        match self.state {
            ClassicState::PreparingRebalance => Err(ErrorCode::REBALANCE_IN_PROGRESS),
            _ => Ok(()),
        }
    }

    /// A member was heard from.
    pub(crate) fn touch(&mut self, id: &str, now: Instant) {
        if let Some(member) = self.members.get_mut(id) {
            member.refresh(now);
        }
    }
}

impl ClassicMember {
    /// Answers a member that waits for its part, if it does.
    pub(super) fn answer_sync(&mut self, answer: Result<SyncAnswer, ErrorCode>) {
        if let Some(waiting) = self.syncing.take() {
            // A client that has gone is missed when its session ends.
            let _ = waiting.send(answer);
        }
    }
}
