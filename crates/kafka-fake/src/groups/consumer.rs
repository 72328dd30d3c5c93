//! Groups of KIP-848: the coordinator assigns the partitions.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::MAX_MEMBERS;
use crate::{ErrorCode, GroupMember};

/// The id of a topic, and the number of a partition.
pub(crate) type TopicPartition = (Uuid, i32);

/// The members of a group of KIP-848.
#[derive(Debug, Default)]
pub(crate) struct ConsumerGroup {
    /// Grows with each change of the members and of what they subscribe to.
    pub(crate) epoch: i32,
    /// The epoch that the targets of the members are for.
    pub(crate) target_epoch: i32,
    pub(crate) members: BTreeMap<String, ConsumerMember>,
}

/// A member of a group of KIP-848.
#[derive(Debug)]
pub(crate) struct ConsumerMember {
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) epoch: i32,
    pub(crate) topics: BTreeSet<String>,
    /// What it has.
    pub(crate) assigned: BTreeSet<TopicPartition>,
    /// What it is to have.
    pub(crate) target: BTreeSet<TopicPartition>,
}

impl ConsumerGroup {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn state(&self) -> &'static str {
        let is_done = |member: &ConsumerMember| {
            member.epoch == self.target_epoch && member.assigned == member.target
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

    /// The assignor that is used; the members have a say in it.
    pub(crate) fn assignor(&self) -> &'static str {
        "uniform"
    }

    /// Puts a member there that has no client, with these partitions.
    pub(crate) fn place(
        &mut self,
        id: &str,
        member: &GroupMember,
        partitions: Vec<TopicPartition>,
    ) -> Result<(), ErrorCode> {
        if self.members.len() >= MAX_MEMBERS {
            return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        self.epoch += 1;
        self.target_epoch = self.epoch;
        let partitions: BTreeSet<TopicPartition> = partitions.into_iter().collect();
        let member = ConsumerMember {
            client_id: member.client_id.clone(),
            client_host: format!("/{}", member.host),
            instance_id: member.instance_id.clone(),
            epoch: self.epoch,
            topics: member.assigned.keys().cloned().collect(),
            assigned: partitions.clone(),
            target: partitions,
        };
        self.members.insert(id.to_owned(), member);
        for member in self.members.values_mut() {
            member.epoch = self.epoch;
        }
        Ok(())
    }
}
