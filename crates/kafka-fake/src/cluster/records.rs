//! Records without a client: those that none sends, and those that are there.

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

    /// The records of a partition with their offsets, as a consumer reads them that wants uncommitted
    /// ones too: those of transactions that are open or were aborted are among them, and markers are
    /// not.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// # use kafka_fake::{Cluster, Record};
    /// # let cluster = Cluster::builder().start().await?;
    /// cluster.create_topic("orders", 1)?;
    /// // Here a client that is tested writes something.
    /// # cluster.append("orders", 0, [Record::new("four apples").key("order-1")])?;
    /// let records = cluster.records("orders", 0)?;
    /// let (offset, order) = &records[0];
    /// assert_eq!((*offset, order.key.as_deref()), (0, Some(&b"order-1"[..])));
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such partition, or one of its batches is compressed or malformed: nothing here
    /// decompresses.
    pub fn records(&self, topic: &str, partition: i32) -> Result<Vec<(i64, Record)>, Error> {
        let state = self.shared.state();
        let found = state.partition(topic, partition);
        let log = &found.map_err(|_| unknown_partition(topic, partition))?.log;
        let mut records = Vec::new();
        for batch in log.batches() {
            let decoded = batch.decode().ok_or_else(|| Error::RecordsUnreadable {
                topic: topic.to_owned(),
                partition,
                offset: batch.base_offset(),
            })?;
            // The first batch may begin before the log does.
            let there = decoded.into_iter();
            records.extend(there.filter(|(offset, _)| *offset >= log.start()));
        }
        Ok(records)
    }

    /// The offset that the next record of a partition gets.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// # use kafka_fake::{Cluster, Record};
    /// # let cluster = Cluster::builder().start().await?;
    /// cluster.create_topic("orders", 1)?;
    /// cluster.append("orders", 0, [Record::new("one"), Record::new("two")])?;
    /// assert_eq!(cluster.end_offset("orders", 0)?, 2);
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such partition.
    pub fn end_offset(&self, topic: &str, partition: i32) -> Result<i64, Error> {
        let state = self.shared.state();
        let found = state.partition(topic, partition);
        let found = found.map_err(|_| unknown_partition(topic, partition))?;
        Ok(found.log.end())
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
