//! Groups: the offsets that they committed, and their members.

mod assignor;
mod classic;
mod consumer;
mod group;

use std::collections::BTreeMap;

use tokio::time::Instant;
use uuid::Uuid;

pub(crate) use self::{
    assignor::Assignor,
    classic::{
        ClassicGroup, ClassicState, Join, JoinAnswer, JoinOutcome, JoinRefusal, Sync, SyncOutcome,
    },
    consumer::{AWAY, Beat, BeatAnswer, ConsumerGroup, TopicPartition, Topics, by_topic},
    group::{CONSUMER, CommitRequest, Committed, Committer, Group, Members},
};
use crate::ErrorCode;

/// The groups of a cluster.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_id: BTreeMap<String, Group>,
    members: u64,
}

impl Groups {
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Group)> {
        self.by_id.iter().map(|(id, group)| (id.as_str(), group))
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Group> {
        self.by_id.get(id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.by_id.get_mut(id)
    }

    /// Finds a group, or makes one that has no members.
    pub(crate) fn open(&mut self, id: &str) -> Result<&mut Group, ErrorCode> {
        if !self.by_id.contains_key(id) && self.by_id.len() >= MAX_GROUPS {
            return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        Ok(self.by_id.entry(id.to_owned()).or_default())
    }

    /// Finds or makes a group of the classic protocol; one without members can become that.
    pub(crate) fn classic(&mut self, id: &str) -> Result<&mut ClassicGroup, ErrorCode> {
        let group = self.open(id)?;
        if group.is_empty() && matches!(group.members, Members::Consumer(_)) {
            group.members = Members::default();
        }
        match &mut group.members {
            Members::Classic(classic) => Ok(classic),
            Members::Consumer(_) => Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL),
        }
    }

    /// Finds a group of the classic protocol.
    pub(crate) fn existing_classic(&mut self, id: &str) -> Option<&mut ClassicGroup> {
        match &mut self.by_id.get_mut(id)?.members {
            Members::Classic(classic) => Some(classic),
            Members::Consumer(_) => None,
        }
    }

    /// Finds a group of KIP-848.
    pub(crate) fn existing_consumer(&mut self, id: &str) -> Option<&mut ConsumerGroup> {
        match &mut self.by_id.get_mut(id)?.members {
            Members::Consumer(consumer) => Some(consumer),
            Members::Classic(_) => None,
        }
    }

    /// Catches up with the time.
    pub(crate) fn pass(&mut self, now: Instant) {
        for group in self.by_id.values_mut() {
            group.pass(now);
        }
    }

    /// Has the sessions of all members of a group begin again.
    pub(crate) fn refresh(&mut self, id: &str, now: Instant) {
        if let Some(group) = self.by_id.get_mut(id) {
            group.refresh(now);
        }
    }

    /// When something happens in a group without anybody doing anything.
    pub(crate) fn next_deadline(&self, id: &str) -> Option<Instant> {
        self.by_id.get(id)?.next_deadline()
    }

    /// Finds or makes a group of KIP-848; one without members can become that.
    pub(crate) fn consumer(&mut self, id: &str) -> Result<&mut ConsumerGroup, ErrorCode> {
        let group = self.open(id)?;
        if group.is_empty() && matches!(group.members, Members::Classic(_)) {
            group.members = Members::Consumer(ConsumerGroup::default());
        }
        match &mut group.members {
            Members::Consumer(consumer) => Ok(consumer),
            Members::Classic(_) => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        }
    }

    /// Keeps an offset; a group that does not exist comes into being by this.
    pub(crate) fn commit(
        &mut self,
        group: &str,
        partition: (String, i32),
        committed: Committed,
    ) -> Result<(), ErrorCode> {
        committed.check()?;
        self.open(group)?.offsets.insert(partition, committed);
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: &str) -> Result<(), ErrorCode> {
        match self.by_id.get(id) {
            Some(group) if !group.is_empty() => Err(ErrorCode::NON_EMPTY_GROUP),
            Some(_) => {
                self.by_id.remove(id);
                Ok(())
            }
            None => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        }
    }

    /// Forgets what was committed for a topic that is gone.
    pub(crate) fn forget_topic(&mut self, topic: &str) {
        for group in self.by_id.values_mut() {
            group.offsets.retain(|(name, _), _| name != topic);
        }
    }

    /// An id that no member has had: what its client calls itself, or the instance for a static
    /// member, and a number that looks like those of Kafka.
    pub(crate) fn new_member_id(&mut self, name: &str) -> String {
        self.members += 1;
        let number = Uuid::from_u64_pair(0x6b61_666b_6120_4661, self.members);
        format!("{name}-{number}")
    }
}

impl Committed {
    /// Checks what can be wrong with it.
    pub(crate) fn check(&self) -> Result<(), ErrorCode> {
        // Counted as Java counts characters.
        match self.metadata.encode_utf16().count() {
            ..=MAX_METADATA => Ok(()),
            _ => Err(ErrorCode::OFFSET_METADATA_TOO_LARGE),
        }
    }
}

/// The partition that Kafka keeps the offsets of a group in.
pub(crate) fn partition(group: &str) -> (String, i32) {
    let hash = group.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(unit.into())
    });
    (
        "__consumer_offsets".to_owned(),
        hash.checked_abs().unwrap_or(0) % PARTITIONS,
    )
}

/// The default of `offsets.topic.num.partitions`.
const PARTITIONS: i32 = 50;

/// The default of `offset.metadata.max.bytes`.
const MAX_METADATA: usize = 4096;

/// The most groups that are kept, so that no client can fill the memory with names.
const MAX_GROUPS: usize = 1000;

/// The most members that a group has.
const MAX_MEMBERS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_into_being_by_their_first_commit_and_are_bounded() {
        let mut groups = Groups::default();
        let at = |offset| Committed::new(offset, -1, None);
        for n in 0..MAX_GROUPS {
            let partition = ("orders".to_owned(), 0);
            groups.commit(&n.to_string(), partition, at(1)).unwrap();
        }
        let more = groups.commit("more", ("orders".to_owned(), 0), at(1));
        assert_eq!(more, Err(ErrorCode::GROUP_MAX_SIZE_REACHED));
        let known = groups.commit("7", ("orders".to_owned(), 0), at(2));
        assert_eq!(known, Ok(()));
        assert_eq!(
            groups.find("7").unwrap().offsets[&("orders".to_owned(), 0)],
            at(2)
        );
        groups.remove("7").unwrap();
        assert_eq!(groups.remove("7"), Err(ErrorCode::GROUP_ID_NOT_FOUND));
    }
}
