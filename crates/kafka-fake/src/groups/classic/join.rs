//! JoinGroup.

use std::collections::BTreeSet;

use bytes::Bytes;
use tokio::{
    sync::oneshot,
    time::{Duration, Instant},
};

use super::{ClassicGroup, ClassicMember, ClassicState, Liveness, MAX_MEMBERS};
use crate::ErrorCode;

/// Somebody who wants to join.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    /// Empty if it has none yet.
    pub(crate) member_id: String,
    /// The one that it gets in that case.
    pub(crate) new_member_id: String,
    /// Whether it has to come back with the id that it is given (KIP-394).
    pub(crate) must_know_id: bool,
    /// Whether it can be told that it leads but has nothing to assign (KIP-814).
    pub(crate) can_skip_assignment: bool,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) protocol_type: String,
    pub(crate) protocols: Vec<(String, Bytes)>,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
}

/// What a member is told of a generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoinAnswer {
    pub(crate) generation: i32,
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) leader: String,
    pub(crate) member_id: String,
    /// Id, instance and metadata of all members, for the leader only.
    pub(crate) members: Vec<(String, Option<String>, Bytes)>,
    pub(crate) skip_assignment: bool,
}

/// Why somebody cannot join, and the id that it has.
pub(crate) type JoinRefusal = (ErrorCode, String);

/// The answer, or where it will come.
#[derive(Debug)]
pub(crate) enum JoinOutcome {
    Now(JoinAnswer),
    Later(oneshot::Receiver<Result<JoinAnswer, JoinRefusal>>),
}

impl ClassicGroup {
    /// Takes somebody in, or starts to.
    pub(crate) fn join(&mut self, join: Join, now: Instant) -> Result<JoinOutcome, JoinRefusal> {
        let refused = |code| Err((code, join.member_id.clone()));
        if !self.supports(&join) {
            return refused(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        if !join.member_id.is_empty() {
            return self.join_known(join, now);
        }
        if let Some(instance_id) = &join.instance_id
            && let Some(old) = self.find_static(instance_id).map(str::to_owned)
        {
            return self.replace_static(&old, join, now);
        }
        if self.members.len() + self.pending.len() >= MAX_MEMBERS {
            return refused(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        let id = join.new_member_id.clone();
        if join.must_know_id && join.instance_id.is_none() {
            self.pending.insert(id.clone(), now + join.session_timeout);
            return Err((ErrorCode::MEMBER_ID_REQUIRED, id));
        }
        Ok(self.add(id, join, now))
    }

    fn join_known(&mut self, join: Join, now: Instant) -> Result<JoinOutcome, JoinRefusal> {
        let id = join.member_id.clone();
        if join.instance_id.is_none() && self.pending.remove(&id).is_some() {
            return Ok(self.add(id, join, now));
        }
        if let Err(code) = self.check_member(&id, join.instance_id.as_deref()) {
            return Err((code, id));
        }
        let is_leader = self.leader.as_deref() == Some(&*id);
        let known = self.members.get(&id);
        let is_same = known.is_some_and(|member| member.protocols == join.protocols);
        match self.state {
            // It may have missed the answer.
            ClassicState::CompletingRebalance if is_same => {
                Ok(JoinOutcome::Now(self.generation_for(&id)))
            }
            // A leader that joins again wants to assign again.
            ClassicState::Stable if is_same && !is_leader => {
                Ok(JoinOutcome::Now(self.generation_for(&id)))
            }
            _ => Ok(self.rejoin(&id, join, now)),
        }
    }

    fn add(&mut self, id: String, join: Join, now: Instant) -> JoinOutcome {
        if self.members.is_empty() {
            self.protocol_type.clone_from(&join.protocol_type);
        }
        let member = ClassicMember {
            client_id: String::new(),
            client_host: String::new(),
            instance_id: join.instance_id.clone(),
            protocols: Vec::new(),
            assignment: Bytes::new(),
            liveness: Liveness::Session {
                timeout: join.session_timeout,
                ends: now + join.session_timeout,
            },
            rebalance_timeout: join.rebalance_timeout,
            joining: None,
            syncing: None,
        };
        self.members.insert(id.clone(), member);
        self.rejoin(&id, join, now)
    }

    /// Has a member wait for the next generation, and the others join it.
    pub(super) fn rejoin(&mut self, id: &str, join: Join, now: Instant) -> JoinOutcome {
        let (sender, receiver) = oneshot::channel();
        if let Some(member) = self.members.get_mut(id) {
            member.update(join, now);
            member.joining = Some(sender);
        }
        match self.state {
            ClassicState::PreparingRebalance => self.complete_if_all_joined(now),
            _ => self.prepare(now),
        }
        JoinOutcome::Later(receiver)
    }

    /// Whether the group could still agree on something.
    fn supports(&self, join: &Join) -> bool {
        if self.members.is_empty() {
            return !join.protocol_type.is_empty() && !join.protocols.is_empty();
        }
        let common = self.common_protocols();
        let mut names = join.protocols.iter().map(|(name, _)| name.as_str());
        self.protocol_type == join.protocol_type && names.any(|name| common.contains(name))
    }

    /// What all members can do.
    pub(super) fn common_protocols(&self) -> BTreeSet<&str> {
        let mut members = self.members.values().map(|member| {
            let names = member.protocols.iter().map(|(name, _)| name.as_str());
            names.collect::<BTreeSet<_>>()
        });
        let first = members.next().unwrap_or_default();
        members.fold(first, |common, names| &common & &names)
    }

    /// What a member is told of the generation that there is.
    pub(super) fn generation_for(&self, id: &str) -> JoinAnswer {
        let leader = self.leader.clone().unwrap_or_default();
        let members = match leader == id {
            true => self.roster(),
            false => Vec::new(),
        };
        JoinAnswer {
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone().unwrap_or_default(),
            leader,
            member_id: id.to_owned(),
            members,
            skip_assignment: false,
        }
    }

    /// What the leader is told of the members.
    pub(super) fn roster(&self) -> Vec<(String, Option<String>, Bytes)> {
        let members = self.members.iter().map(|(id, member)| {
            let metadata = member.metadata(self.protocol.as_deref());
            (id.clone(), member.instance_id.clone(), metadata)
        });
        members.collect()
    }
}

impl ClassicMember {
    pub(super) fn update(&mut self, join: Join, now: Instant) {
        self.client_id = join.client_id;
        self.client_host = join.client_host;
        self.protocols = join.protocols;
        self.rebalance_timeout = join.rebalance_timeout;
        self.liveness = Liveness::Session {
            timeout: join.session_timeout,
            ends: now + join.session_timeout,
        };
    }
}
