//! Consumer groups, as far as their committed offsets.

use std::collections::BTreeMap;

use crate::ErrorCode;

/// The groups of a cluster.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_id: BTreeMap<String, Group>,
}

/// A group without members.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) offsets: BTreeMap<(String, i32), Committed>,
}

/// What a group committed for a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: String,
}

impl Groups {
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Group> {
        self.by_id.get(id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.by_id.get_mut(id)
    }

    /// Keeps an offset; a group that does not exist comes into being by this.
    pub(crate) fn commit(
        &mut self,
        group: &str,
        partition: (String, i32),
        committed: Committed,
    ) -> Result<(), ErrorCode> {
        if committed.metadata.len() > MAX_METADATA {
            return Err(ErrorCode::OFFSET_METADATA_TOO_LARGE);
        }
        let is_known = self.by_id.contains_key(group);
        if !is_known && self.by_id.len() >= MAX_GROUPS {
            return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        let group = self.by_id.entry(group.to_owned()).or_default();
        group.offsets.insert(partition, committed);
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: &str) -> Result<(), ErrorCode> {
        match self.by_id.remove(id) {
            Some(_) => Ok(()),
            None => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        }
    }

    /// Forgets what was committed for a topic that is gone.
    pub(crate) fn forget_topic(&mut self, topic: &str) {
        for group in self.by_id.values_mut() {
            group.offsets.retain(|(name, _), _| name != topic);
        }
    }
}

/// The default of `offset.metadata.max.bytes`.
const MAX_METADATA: usize = 4096;

/// The most groups that are kept, so that no client can fill the memory with names.
const MAX_GROUPS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_into_being_by_their_first_commit_and_are_bounded() {
        let mut groups = Groups::default();
        let at = |offset| Committed {
            offset,
            leader_epoch: -1,
            metadata: String::new(),
        };
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
