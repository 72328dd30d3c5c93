//! From what a member has to what it is to have.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::{ConsumerGroup, TopicPartition};

impl ConsumerGroup {
    /// Takes a member a step closer to its target. `owned` is what the client says it still has, and
    /// `None` that it does not say so. Without `now` the member gives up things at once.
    pub(super) fn reconcile(
        &mut self,
        id: &str,
        owned: Option<&BTreeSet<TopicPartition>>,
        now: Option<Instant>,
    ) {
        let taken = self.taken_by_others(id);
        let Some(member) = self.members.get_mut(id) else {
            return;
        };
        let still_has = |partitions: &BTreeSet<TopicPartition>| {
            now.is_some() && owned.is_none_or(|owned| !owned.is_disjoint(partitions))
        };
        if !member.revoking.is_empty() && still_has(&member.revoking) {
            return;
        }
        let revoked = &member.assigned - &member.target;
        member.assigned = &member.assigned & &member.target;
        if !revoked.is_empty() && still_has(&revoked) {
            member.revoking = revoked;
            member.revoke_by = now.map(|now| now + member.rebalance_timeout);
            return;
        }
        member.revoking.clear();
        member.revoke_by = None;
        let wanted = &member.target - &member.assigned;
        let free = &wanted - &taken;
        member.is_short = free != wanted;
        let kept = &member.assigned;
        member
            .got_in
            .retain(|partition, _| kept.contains(partition));
        let got = free.iter().map(|partition| (*partition, self.target_epoch));
        member.got_in.extend(got);
        member.assigned.extend(free);
        if member.epoch != self.target_epoch {
            member.previous_epoch = member.epoch;
            member.epoch = self.target_epoch;
        }
    }

    fn taken_by_others(&self, id: &str) -> BTreeSet<TopicPartition> {
        let others = self.members.iter().filter(|(other, _)| *other != id);
        let theirs = others.flat_map(|(_, member)| member.assigned.union(&member.revoking));
        theirs.copied().collect()
    }
}
