//! Records that no client sends.

use std::sync::Arc;

use super::{Cluster, unknown_partition};
use crate::{Error, Record, Transaction, batch::Writer, transaction};

impl Cluster {
    /// Appends records to a partition, as one batch; the offset of the first. None are nothing to do.
    ///
    /// # Errors
    ///
    /// If there is no such partition, or a client that sent them would be refused.
    pub fn append(
        &self,
        topic: &str,
        partition: i32,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<i64, Error> {
        let records: Vec<Record> = records.into_iter().collect();
        transaction::append(&self.shared, (topic, partition), &records, Writer::NOBODY)
    }

    /// Compacts a partition as Kafka's log cleaner would, at once and whatever its settings are: of
    /// each key the last record stays where it is, so that there are gaps between the offsets.
    ///
    /// # Errors
    ///
    /// If there is no such partition.
    pub fn compact(&self, topic: &str, partition: i32) -> Result<(), Error> {
        let mut state = self.shared.state();
        let found = state.partition_mut(topic, partition);
        let found = found.map_err(|_| unknown_partition(topic, partition))?;
        found.log.compact();
        Ok(())
    }

    /// Begins a transaction of a producer that nobody else knows.
    pub fn begin_transaction(&self) -> Transaction {
        Transaction::begin(Arc::clone(&self.shared))
    }
}
