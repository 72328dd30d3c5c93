//! Members without a client.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Duration;

use super::{ConsumerGroup, ConsumerMember, Liveness, MAX_MEMBERS, TopicPartition, Topics};
use crate::{ErrorCode, GroupMember};

impl ConsumerGroup {
    /// Puts a member there that has no client, with these partitions.
    pub(crate) fn place(
        &mut self,
        id: &str,
        member: &GroupMember,
        partitions: BTreeSet<TopicPartition>,
        topics: &Topics,
    ) -> Result<(), ErrorCode> {
        if self.members.len() >= MAX_MEMBERS {
            return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        if !self.members.values().all(ConsumerMember::is_given) {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        let member = ConsumerMember {
            client_id: member.client_id.clone(),
            client_host: format!("/{}", member.host),
            instance_id: member.instance_id.clone(),
            rack_id: None,
            epoch: 0,
            previous_epoch: 0,
            topics: member.assigned.keys().cloned().collect(),
            assignor: None,
            assigned: BTreeSet::new(),
            revoking: BTreeSet::new(),
            got_in: BTreeMap::new(),
            target: BTreeSet::new(),
            is_short: false,
            liveness: Liveness::Given(partitions),
            rebalance_timeout: Duration::ZERO,
            revoke_by: None,
        };
        self.members.insert(id.to_owned(), member);
        self.epoch += 1;
        self.retarget(topics);
        self.settle_given();
        Ok(())
    }

    /// Has the members without a client go where they are to be, as far as others let them.
    pub(super) fn settle_given(&mut self) {
        let given = self.members.iter().filter(|(_, member)| member.is_given());
        let given: Vec<String> = given.map(|(id, _)| id.clone()).collect();
        // Twice, for what one of them gives up to another.
        for id in given.iter().chain(&given) {
            self.reconcile(id, None, None);
        }
    }
}
