//! Groups of KIP-848: the coordinator assigns the partitions.
//!
//! Each change of the members, of their subscriptions or of the topics begins an epoch of the group,
//! for which targets are computed. With its heartbeats a member moves from what it has to its target:
//! first it gives up what is not to be its own any more, then it gets what others have given up.

mod commit;
mod given;
mod heartbeat;
mod reconcile;
mod static_member;
mod target;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::{Duration, Instant};
use uuid::Uuid;

pub(crate) use self::heartbeat::{Beat, BeatAnswer};
use super::{Assignor, Committer, MAX_MEMBERS};

/// The id of a topic, and the number of a partition.
pub(crate) type TopicPartition = (Uuid, i32);

/// The ids of topics, and how many partitions they have, by their names.
pub(crate) type Topics = BTreeMap<String, (Uuid, i32)>;

/// The members of a group of KIP-848.
#[derive(Debug, Default)]
pub(crate) struct ConsumerGroup {
    /// Grows with each change of the members, of what they subscribe to, and of that.
    pub(crate) epoch: i32,
    /// The epoch that the targets of the members are for.
    pub(crate) target_epoch: i32,
    pub(crate) members: BTreeMap<String, ConsumerMember>,
    /// The topics that members subscribe to, as they were when the epoch began.
    topics: Topics,
}

/// A member of a group of KIP-848.
#[derive(Clone, Debug)]
pub(crate) struct ConsumerMember {
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    /// The epoch that it has reached; [`AWAY`] for a static member that is to come back.
    pub(crate) epoch: i32,
    previous_epoch: i32,
    pub(crate) topics: BTreeSet<String>,
    assignor: Option<Assignor>,
    /// What it has.
    pub(crate) assigned: BTreeSet<TopicPartition>,
    /// What it is to give up, and has not yet.
    revoking: BTreeSet<TopicPartition>,
    /// The epochs in which it got what is in either (KIP-1251).
    got_in: BTreeMap<TopicPartition, i32>,
    /// What it is to have.
    pub(crate) target: BTreeSet<TopicPartition>,
    /// Whether others still have something of that.
    is_short: bool,
    liveness: Liveness,
    rebalance_timeout: Duration,
    /// Until when it has to have given up what it is to.
    revoke_by: Option<Instant>,
}

/// How long a member lasts.
#[derive(Clone, Debug)]
enum Liveness {
    /// It has no client, and this to fall back on when no clients are left.
    Given(BTreeSet<TopicPartition>),
    /// Until then, unless it is heard from.
    Session { timeout: Duration, ends: Instant },
}

impl ConsumerGroup {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn state(&self) -> &'static str {
        let is_done = |member: &ConsumerMember| {
            member.epoch == self.target_epoch && member.revoking.is_empty() && !member.is_short
        };
        if self.is_empty() {
            "Empty"
        } else if self.epoch > self.target_epoch {
            "Assigning"
        } else if !self.members.values().all(is_done) {
            "Reconciling"
        } else {
            "Stable"
        }
    }

    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        let mut members = self.members.values();
        members.any(|member| member.topics.contains(topic))
    }
}

impl ConsumerMember {
    fn is_given(&self) -> bool {
        matches!(self.liveness, Liveness::Given(_))
    }
}

/// The numbers of partitions by the ids of their topics.
pub(crate) fn by_topic(partitions: &BTreeSet<TopicPartition>) -> BTreeMap<Uuid, Vec<i32>> {
    let mut by_topic: BTreeMap<_, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in partitions {
        by_topic.entry(*topic).or_default().push(*partition);
    }
    by_topic
}

/// The epoch of a static member that has left to come back.
pub(crate) const AWAY: i32 = -2;
