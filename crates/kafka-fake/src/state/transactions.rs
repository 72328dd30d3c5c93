//! Transactions, where they concern partitions and groups.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::State;
use crate::{
    ErrorCode,
    batch::{Batch, Ending, MARKER_BYTES},
    coordinator::{Ended, Identity},
};

impl State {
    /// Adds partitions to a transaction.
    pub(crate) fn add_to_transaction(
        &mut self,
        node: i32,
        name: &str,
        asking: Identity,
        partitions: impl IntoIterator<Item = (String, i32)>,
    ) -> Result<(), ErrorCode> {
        if name.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        self.check_coordinator(name, node)?;
        let producer = self.transactions.find_mut(name)?;
        producer.check(asking)?;
        let added = partitions.into_iter();
        let added = added.filter(|partition| !producer.partitions().contains(partition));
        let added = added.collect();
        self.begin_in(name, added)
    }

    /// Has a transaction, which may begin with this, reach to more partitions.
    fn begin_in(&mut self, name: &str, added: BTreeSet<(String, i32)>) -> Result<(), ErrorCode> {
        if added.len() * MARKER_BYTES > self.room() {
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
        let now = self.clock.now();
        self.transactions.find_mut(name)?.add(added, now);
        Ok(())
    }

    /// Checks that a partition is in a transaction, or sees to it if the client leaves that to the
    /// cluster (KIP-890).
    pub(crate) fn enter_transaction(
        &mut self,
        name: &str,
        asking: Identity,
        partition: (String, i32),
        adds: bool,
    ) -> Result<(), ErrorCode> {
        let producer = self.transactions.find_mut(name)?;
        producer.check(asking)?;
        if producer.partitions().contains(&partition) {
            return Ok(());
        }
        if !adds {
            return Err(ErrorCode::TRANSACTION_ABORTABLE);
        }
        self.begin_in(name, BTreeSet::from([partition]))
    }

    /// Tells everybody that transactions have ended: partitions by markers, groups by offsets.
    pub(crate) fn announce(&mut self, ended: impl IntoIterator<Item = Ended>) {
        let now = self.clock.now();
        for ended in ended {
            for (topic, partition) in &ended.partitions {
                // What is gone has nobody to be told.
                let _gone = Batch::marker(ended.ending, now, ended.producer)
                    .and_then(|marker| self.mark(topic, *partition, ended.ending, &marker));
            }
            if ended.ending == Ending::Commit {
                for ((group, topic, partition), committed) in ended.offsets {
                    if self.partition(&topic, partition).is_ok() {
                        // There is no one to be told of a group that is one too many.
                        let _refused = self.groups.commit(&group, (topic, partition), committed);
                    }
                }
            }
        }
    }

    /// Aborts what takes longer than allowed; whether there was anything.
    pub(crate) fn expire(&mut self) -> bool {
        let ended = self.transactions.expire(Instant::now());
        let is_changed = !ended.is_empty();
        self.announce(ended);
        is_changed
    }

    /// Ends what the producer of a marker wrote to a partition within its transaction. There is
    /// always room for the marker.
    pub(crate) fn mark(
        &mut self,
        topic: &str,
        partition: i32,
        ending: Ending,
        marker: &Batch,
    ) -> Result<(), ErrorCode> {
        let found = self.partition_mut(topic, partition)?;
        found
            .log
            .end_transaction(ending, marker, found.leader_epoch);
        Ok(())
    }
}
