//! One group.

use std::collections::BTreeMap;

use super::{ClassicGroup, ConsumerGroup};

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

pub(super) const CONSUMER: &str = "consumer";
