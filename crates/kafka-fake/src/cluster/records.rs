//! Records that no client sends.

use std::sync::Arc;

use super::{Cluster, unknown_partition};
use crate::{
    Error, MessageFormat, Record, Transaction,
    batch::{Batch, Writer},
    transaction,
};

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

    /// Appends a record as a client before Kafka 0.11 wrote it, for those who read logs of old
    /// clusters; its offset. Headers have no place in it.
    ///
    /// # Errors
    ///
    /// If there is no such partition.
    pub fn append_message(
        &self,
        topic: &str,
        partition: i32,
        format: MessageFormat,
        record: &Record,
    ) -> Result<i64, Error> {
        let message = |now| Ok(Batch::message(format, record, now));
        transaction::append_batch(&self.shared, (topic, partition), message)
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
