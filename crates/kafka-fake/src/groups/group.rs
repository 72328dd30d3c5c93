//! One group.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::{ClassicGroup, ConsumerGroup, TopicPartition};
use crate::ErrorCode;

/// A group.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) offsets: BTreeMap<(String, i32), Committed>,
    pub(crate) members: Members,
}

/// What a group committed for a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: String,
}

impl Committed {
    /// Metadata is optional on the wire, and then empty.
    pub(crate) fn new(offset: i64, leader_epoch: i32, metadata: Option<&str>) -> Self {
        Self {
            offset,
            leader_epoch,
            metadata: metadata.unwrap_or_default().to_owned(),
        }
    }
}

/// Somebody who commits, and what it says about itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committer<'a> {
    pub(crate) member_id: &'a str,
    pub(crate) instance_id: Option<&'a str>,
    /// The generation or the epoch of the member; negative for somebody who is none.
    pub(crate) epoch: i32,
    pub(crate) request: CommitRequest,
}

/// With which request somebody commits: each has rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommitRequest {
    /// OffsetCommit of this version.
    Plain(i16),
    /// TxnOffsetCommit, whose clients need not say who they are.
    Transactional,
}

impl Committer<'_> {
    /// Whether it says nothing about itself in a request that leaves that open.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.request == CommitRequest::Transactional
            && self.epoch < 0
            && self.member_id.is_empty()
            && self.instance_id.is_none()
    }
}

/// The members of a group, which all use the same protocol.
#[derive(Debug)]
pub(crate) enum Members {
    Classic(ClassicGroup),
    Consumer(ConsumerGroup),
}

impl Default for Members {
    /// A group that only commits counts as a classic one.
    fn default() -> Self {
        Self::Classic(ClassicGroup::default())
    }
}

impl Group {
    /// Whether nobody is a member.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.members {
            Members::Classic(classic) => classic.is_empty(),
            Members::Consumer(consumer) => consumer.is_empty(),
        }
    }

    /// Whether somebody may commit offsets; a member of a classic group was heard from by that.
    pub(crate) fn check_commit(
        &mut self,
        by: &Committer<'_>,
        now: Instant,
    ) -> Result<(), ErrorCode> {
        match &mut self.members {
            Members::Classic(classic) => classic.check_commit(by, now),
            Members::Consumer(consumer) => consumer.check_commit(by),
        }
    }

    /// Whether somebody who may commit offsets may commit that of a partition.
    pub(crate) fn check_partition(
        &self,
        by: &Committer<'_>,
        partition: TopicPartition,
    ) -> Result<(), ErrorCode> {
        match &self.members {
            Members::Classic(_) => Ok(()),
            Members::Consumer(consumer) => consumer.check_partition(by, partition),
        }
    }

    /// Lets a member go, by its id or by that of its instance.
    pub(crate) fn leave(
        &mut self,
        id: &str,
        instance_id: Option<&str>,
        now: Instant,
    ) -> Result<(), ErrorCode> {
        match &mut self.members {
            Members::Classic(classic) => classic.leave(id, instance_id, now),
            Members::Consumer(consumer) => consumer.let_go(id, instance_id),
        }
    }

    /// Whether somebody may read offsets. The members of classic groups do not say who they are.
    pub(crate) fn check_read(&self, member_id: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        match &self.members {
            Members::Classic(_) => Ok(()),
            Members::Consumer(consumer) => consumer.check_read(member_id, epoch),
        }
    }

    /// Whether a member wants to read a topic.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.members {
            Members::Classic(classic) => classic.is_subscribed_to(topic),
            Members::Consumer(consumer) => consumer.is_subscribed_to(topic),
        }
    }

    pub(super) fn pass(&mut self, now: Instant) {
        match &mut self.members {
            Members::Classic(classic) => classic.pass(now),
            Members::Consumer(consumer) => consumer.pass(now),
        }
    }

    /// Has the sessions of all members begin again.
    pub(super) fn refresh(&mut self, now: Instant) {
        match &mut self.members {
            Members::Classic(classic) => classic.refresh(now),
            Members::Consumer(consumer) => consumer.refresh(now),
        }
    }

    /// When somebody who waits is to look again.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        match &self.members {
            Members::Classic(classic) => classic.next_deadline(),
            // Nobody waits.
            Members::Consumer(_) => None,
        }
    }

    /// The name of the state it is in.
    pub(crate) fn state(&self) -> &'static str {
        match &self.members {
            Members::Classic(classic) => classic.state.name(),
            Members::Consumer(consumer) => consumer.state(),
        }
    }

    /// What ListGroups calls its type.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.members {
            Members::Classic(_) => "classic",
            Members::Consumer(_) => CONSUMER,
        }
    }

    /// What its members are for: `consumer`, `connect` and so on; nothing if there never was one.
    pub(crate) fn protocol_type(&self) -> &str {
        match &self.members {
            Members::Classic(classic) => &classic.protocol_type,
            Members::Consumer(_) => CONSUMER,
        }
    }
}

/// The protocol type of consumers.
pub(crate) const CONSUMER: &str = "consumer";
