//! Transactions that no client makes.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Error, ErrorCode, Record,
    batch::{Batch, Ending, Writer},
    shared::Shared,
};

/// A transaction on its way. It may write to several partitions, and others may write in between.
///
/// One that is dropped stays open for good: those who read committed records only do not get
/// beyond it.
#[derive(Debug)]
#[must_use = "a transaction that is dropped stays open"]
pub struct Transaction {
    shared: Arc<Shared>,
    producer_id: i64,
    /// The next sequence number and the time of the latest record, by topic and partition.
    partitions: BTreeMap<(String, i32), (i32, i64)>,
}

impl Transaction {
    pub(crate) fn begin(shared: Arc<Shared>) -> Self {
        let producer_id = shared.state().new_producer();
        Self {
            shared,
            producer_id,
            partitions: BTreeMap::new(),
        }
    }

    /// Appends records to a partition, as one batch; the offset of the first. None are nothing to
    /// do.
    ///
    /// # Errors
    ///
    /// If there is no such partition, or a client that sent them would be refused. The transaction
    /// goes on without them.
    pub fn append(
        &mut self,
        topic: &str,
        partition: i32,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<i64, Error> {
        let now = self.shared.state().clock.now();
        let mut records: Vec<Record> = records.into_iter().collect();
        for record in &mut records {
            record.timestamp.get_or_insert(now);
        }
        let key = (topic.to_owned(), partition);
        let (sequence, latest) = self.partitions.get(&key).copied().unwrap_or((0, i64::MIN));
        let writer = Writer {
            id: self.producer_id,
            epoch: EPOCH,
            sequence,
            is_transactional: true,
        };
        let offset = append(&self.shared, (topic, partition), &records, writer)?;
        if !records.is_empty() {
            let count = i32::try_from(records.len()).unwrap_or(i32::MAX);
            let times = records.iter().filter_map(|record| record.timestamp);
            let latest = times.fold(latest, i64::max);
            self.partitions
                .insert(key, (sequence.saturating_add(count), latest));
        }
        Ok(offset)
    }

    /// Ends the transaction so that everybody sees its records.
    ///
    /// # Errors
    ///
    /// If a topic that it wrote to is gone.
    pub fn commit(self) -> Result<(), Error> {
        self.end(Ending::Commit)
    }

    /// Ends the transaction so that those who read committed records only never see its records.
    ///
    /// # Errors
    ///
    /// If a topic that it wrote to is gone.
    pub fn abort(self) -> Result<(), Error> {
        self.end(Ending::Abort)
    }

    fn end(self, ending: Ending) -> Result<(), Error> {
        let mut outcome = Ok(());
        {
            let mut state = self.shared.state();
            for ((topic, partition), (_, latest)) in self.partitions {
                let producer = (self.producer_id, EPOCH);
                let marked = Batch::marker(ending, latest, producer)
                    .and_then(|marker| state.mark(&topic, partition, ending, &marker));
                // The others end all the same.
                outcome = outcome.and(marked.map_err(|code| refused(&topic, partition, code)));
            }
        }
        self.shared.changed.notify_waiters();
        outcome
    }
}

/// Appends records as one batch; the offset of the first.
pub(crate) fn append(
    shared: &Shared,
    (topic, partition): (&str, i32),
    records: &[Record],
    writer: Writer,
) -> Result<i64, Error> {
    if records.is_empty() {
        let state = shared.state();
        let found = state.partition(topic, partition);
        let found = found.map_err(|code| refused(topic, partition, code))?;
        return Ok(found.log.end());
    }
    let batch = |now| Batch::of(records, now, writer);
    append_batch(shared, (topic, partition), batch)
}

/// Appends the batch that is made when it is known what time it is.
pub(crate) fn append_batch(
    shared: &Shared,
    (topic, partition): (&str, i32),
    batch: impl FnOnce(i64) -> Result<Batch, ErrorCode>,
) -> Result<i64, Error> {
    let refused = |code| refused(topic, partition, code);
    let mut state = shared.state();
    let batch = batch(state.clock.now()).map_err(refused)?;
    let (offset, _) = state.append(topic, partition, &batch).map_err(refused)?;
    drop(state);
    shared.changed.notify_waiters();
    Ok(offset)
}

fn refused(topic: &str, partition: i32, code: ErrorCode) -> Error {
    let topic = topic.to_owned();
    match code {
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => Error::UnknownPartition { topic, partition },
        _ => Error::RecordsRefused {
            topic,
            partition,
            code,
        },
    }
}

/// Each transaction has a producer of its own.
const EPOCH: i16 = 0;
