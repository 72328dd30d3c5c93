//! Groups of the classic protocol: one of the members assigns the partitions.
//!
//! The members join, one of them is told of all and assigns the partitions, and all fetch their
//! part with SyncGroup: that is a generation. Nothing here waits. Who has to wait gets the receiving
//! end of a channel; time passes when [`ClassicGroup::pass`] is told so.

mod commit;
mod given;
mod join;
mod leave;
mod rebalance;
mod static_member;
mod sync;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use tokio::{
    sync::oneshot,
    time::{Duration, Instant},
};

use self::sync::SyncAnswer;
pub(crate) use self::{
    join::{Join, JoinAnswer, JoinOutcome, JoinRefusal},
    sync::{Sync, SyncOutcome},
};
use super::MAX_MEMBERS;
use crate::ErrorCode;

/// The members of a classic group.
#[derive(Debug, Default)]
pub(crate) struct ClassicGroup {
    pub(crate) state: ClassicState,
    pub(crate) protocol_type: String,
    /// What the members agreed on, such as `range`.
    pub(crate) protocol: Option<String>,
    pub(crate) generation: i32,
    pub(crate) leader: Option<String>,
    pub(crate) members: BTreeMap<String, ClassicMember>,
    /// Ids that were given out to clients which are to come back with them (KIP-394), and until
    /// when they may.
    pending: BTreeMap<String, Instant>,
    /// Members that have not asked for their part yet.
    unsynced: BTreeSet<String>,
    /// Until when members may join, or ask for their part.
    deadline: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClassicState {
    #[default]
    Empty,
    /// Members join.
    PreparingRebalance,
    /// The leader assigns.
    CompletingRebalance,
    Stable,
}

/// A member of a classic group.
#[derive(Debug)]
pub(crate) struct ClassicMember {
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) instance_id: Option<String>,
    /// What it can do, the best first, with what the leader is to know about it.
    pub(crate) protocols: Vec<(String, Bytes)>,
    pub(crate) assignment: Bytes,
    liveness: Liveness,
    rebalance_timeout: Duration,
    /// Set while it waits for an answer.
    joining: Option<oneshot::Sender<Result<JoinAnswer, JoinRefusal>>>,
    syncing: Option<oneshot::Sender<Result<SyncAnswer, ErrorCode>>>,
}

/// How long a member lasts.
#[derive(Debug)]
enum Liveness {
    /// It has no client, and this part to fall back on when no client is left to assign anything.
    Given(Bytes),
    /// Until then, unless it is heard from.
    Session { timeout: Duration, ends: Instant },
}

impl ClassicGroup {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Checks that somebody is the member it says it is.
    pub(crate) fn check_member(
        &self,
        id: &str,
        instance_id: Option<&str>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            return match self.find_static(instance_id) {
                None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(found) if found != id => Err(ErrorCode::FENCED_INSTANCE_ID),
                Some(_) => Ok(()),
            };
        }
        match self.members.contains_key(id) {
            true => Ok(()),
            false => Err(ErrorCode::UNKNOWN_MEMBER_ID),
        }
    }

    /// As [`check_member`](Self::check_member), and that it knows of the last rebalance.
    pub(crate) fn check_generation(
        &self,
        id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<(), ErrorCode> {
        self.check_member(id, instance_id)?;
        match generation == self.generation {
            true => Ok(()),
            false => Err(ErrorCode::ILLEGAL_GENERATION),
        }
    }

    /// The member that has this instance id.
    fn find_static(&self, instance_id: &str) -> Option<&str> {
        let is_it = |member: &ClassicMember| member.instance_id.as_deref() == Some(instance_id);
        let found = self.members.iter().find(|(_, member)| is_it(member));
        found.map(|(id, _)| id.as_str())
    }
}

impl ClassicState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

impl ClassicMember {
    /// What the leader is to know about it if the group agrees on this protocol.
    pub(crate) fn metadata(&self, protocol: Option<&str>) -> Bytes {
        let mut known = self.protocols.iter();
        let found = known.find(|(name, _)| Some(name.as_str()) == protocol);
        found
            .map(|(_, metadata)| metadata.clone())
            .unwrap_or_default()
    }

    fn is_given(&self) -> bool {
        matches!(self.liveness, Liveness::Given(_))
    }

    fn has_joined(&self) -> bool {
        self.is_given() || self.joining.is_some()
    }

    /// It was heard from.
    fn refresh(&mut self, now: Instant) {
        if let Liveness::Session { timeout, ends } = &mut self.liveness {
            *ends = now + *timeout;
        }
    }
}
