//! The producers that have transactions (KIP-98), by their transactional ids.

mod producer;

use std::collections::BTreeMap;

use tokio::time::Instant;

pub(crate) use producer::{Ended, Identity, Initialized, Status, TransactionalProducer};

use crate::ErrorCode;

/// What all coordinators together know.
#[derive(Debug, Default)]
pub(crate) struct Coordinator {
    by_id: BTreeMap<String, TransactionalProducer>,
}

impl Coordinator {
    /// The producer of this name; a new one, if there is none and it is not one too many.
    pub(crate) fn find_or_create(
        &mut self,
        name: &str,
        new_id: impl FnOnce() -> i64,
    ) -> Result<&mut TransactionalProducer, ErrorCode> {
        if !self.by_id.contains_key(name) && self.by_id.len() >= MAX_PRODUCERS {
            return Err(ErrorCode::POLICY_VIOLATION);
        }
        let entry = self.by_id.entry(name.to_owned());
        Ok(entry.or_insert_with(|| TransactionalProducer::new(new_id())))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&TransactionalProducer> {
        self.by_id.get(name)
    }

    pub(crate) fn find_mut(&mut self, name: &str) -> Result<&mut TransactionalProducer, ErrorCode> {
        self.by_id
            .get_mut(name)
            .ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &TransactionalProducer)> {
        self.by_id
            .iter()
            .map(|(name, producer)| (name.as_str(), producer))
    }

    /// Aborts what takes longer than its producer had allowed.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Ended> {
        let producers = self.by_id.values_mut();
        let late = producers.filter(|producer| producer.is_late(now));
        late.map(TransactionalProducer::fence).collect()
    }

    /// Forgets the offsets that are about to be committed for what is deleted, as told by group, topic
    /// and partition: Kafka's tombstones remove them too.
    pub(crate) fn forget(&mut self, is_deleted: impl Fn(&str, &str, i32) -> bool) {
        for producer in self.by_id.values_mut() {
            producer.forget(&is_deleted);
        }
    }

    /// How many partitions there are in transactions that have not ended.
    pub(crate) fn open_partitions(&self) -> usize {
        let producers = self.by_id.values();
        producers.map(|producer| producer.partitions().len()).sum()
    }

    /// Whether an offset is about to be committed, so that who wants stable ones waits (KIP-447).
    pub(crate) fn is_pending(&self, group: &str, topic: &str, partition: i32) -> bool {
        let key = (group.to_owned(), topic.to_owned(), partition);
        self.by_id
            .values()
            .any(|producer| producer.offsets().contains_key(&key))
    }
}

/// The most producers that are kept, so that no client can fill the memory with names.
const MAX_PRODUCERS: usize = 1000;
