//! Reading records, partition by partition.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, future::BoxFuture, stream};
use rskafka::{client::partition::OffsetAt, record::RecordAndOffset};
use tokio::time::sleep;

use super::{
    fault::{self, Context},
    partitions::{Failure, MAX_IN_FLIGHT, Partitions},
};
use crate::{
    Error, Header, Record, Timestamp, TimestampKind, TopicName,
    engine::{ReadFailure, ReadOptions, Reader},
};

/// Fetches every partition for itself.
pub(super) struct RskafkaReader {
    partitions: Arc<Partitions>,
    cursors: BTreeMap<(TopicName, i32), Cursor>,
    /// The partitions in the order in which they are fetched next.
    queue: VecDeque<(TopicName, i32)>,
    failures: VecDeque<ReadFailure>,
    options: ReadOptions,
}

/// Where the read of one partition stands.
struct Cursor {
    /// The offset to fetch next.
    next: i64,
    /// Fetched, and not yet returned.
    records: VecDeque<Record>,
    /// Whether the last answer could not be decoded as a whole, so that the batches in it are
    /// fetched one at a time.
    single: bool,
    /// How many offsets in a row held no record.
    barren: u32,
}

impl RskafkaReader {
    pub(super) fn new(
        partitions: Arc<Partitions>,
        starts: &BTreeMap<(TopicName, i32), i64>,
        options: ReadOptions,
    ) -> Self {
        let cursor = |next| Cursor {
            next,
            records: VecDeque::new(),
            single: false,
            barren: 0,
        };
        Self {
            partitions,
            cursors: starts
                .iter()
                .map(|(key, start)| (key.clone(), cursor(*start)))
                .collect(),
            queue: starts.keys().cloned().collect(),
            failures: VecDeque::new(),
            options,
        }
    }

    /// Fetches the partitions whose turn it is, and waits for all of them.
    async fn fetch(&mut self, wait: Duration) {
        let turns = self.queue.len().div_ceil(MAX_IN_FLIGHT).max(1);
        let wait = wait / u32::try_from(turns).unwrap_or(u32::MAX);
        let batch: Vec<_> = self
            .queue
            .drain(..self.queue.len().min(MAX_IN_FLIGHT))
            .collect();
        self.queue.extend(batch.iter().cloned());
        if batch.is_empty() {
            return sleep(wait).await;
        }
        let share = i32::try_from(self.options.max_bytes / batch.len()).unwrap_or(i32::MAX);
        let share = share.clamp(MIN_FETCH_BYTES, MAX_FETCH_BYTES);

        let partitions = Arc::clone(&self.partitions);
        let steps: Vec<_> = batch
            .into_iter()
            .filter_map(|key| {
                let cursor = self.cursors.get(&key)?;
                Some((key, cursor.next, cursor.single))
            })
            .collect();
        let mut steps = stream::iter(steps)
            .map(|(key, next, single)| {
                let bytes = if single { 1 } else { share };
                let partitions = &partitions;
                async move {
                    let step = Step::take(partitions, &key, next, bytes, wait).await;
                    (key, step)
                }
            })
            .buffer_unordered(MAX_IN_FLIGHT);
        while let Some((key, step)) = steps.next().await {
            if let Err(error) = self.advance(&key, step) {
                self.stop(&key);
                self.failures.push_back(ReadFailure {
                    partition: Some(key),
                    error,
                });
            }
        }
    }

    /// Moves a cursor by what a fetch brought.
    fn advance(&mut self, key: &(TopicName, i32), step: Step) -> Result<(), Error> {
        let Some(cursor) = self.cursors.get_mut(key) else {
            return Ok(());
        };
        let (topic, partition) = key;
        match step {
            Step::Records(records) => {
                cursor.barren = 0;
                for record in records {
                    cursor.next = record.offset.saturating_add(1);
                    cursor.records.push_back(convert(key, record));
                }
            }
            Step::End => cursor.barren = 0,
            Step::Undecodable { .. } if !cursor.single => cursor.single = true,
            Step::Gap
            | Step::Undecodable {
                is_marker: true, ..
            } => {
                cursor.next = cursor.next.saturating_add(1);
                cursor.single = false;
                cursor.barren += 1;
                if cursor.barren > MAX_BARREN {
                    return Err(Error::Protocol {
                        reason: format!(
                            "{topic}-{partition} holds no record in the {MAX_BARREN} offsets \
                             before {}, and rskafka does not tell where the gap ends; the krafka \
                             engine can read it",
                            cursor.next
                        ),
                    });
                }
            }
            Step::Undecodable { reason, .. } => {
                return Err(Error::Protocol {
                    reason: format!(
                        "rskafka cannot decode the batch of {topic}-{partition} at offset {} \
                         ({reason}), most often because of a header whose value is null; the \
                         krafka engine can read it",
                        cursor.next
                    ),
                });
            }
            Step::Failed(error) => return Err(error),
        }
        Ok(())
    }

    fn stop(&mut self, key: &(TopicName, i32)) {
        self.queue.retain(|queued| queued != key);
    }

    /// Hands out records that were fetched.
    fn take(&mut self) -> Vec<Record> {
        let mut taken = Vec::new();
        for cursor in self.cursors.values_mut() {
            let room = self.options.max_records.saturating_sub(taken.len());
            taken.extend(cursor.records.drain(..cursor.records.len().min(room)));
        }
        taken
    }
}

impl Reader for RskafkaReader {
    fn next(&mut self, wait: Duration) -> BoxFuture<'_, Result<Vec<Record>, ReadFailure>> {
        Box::pin(async move {
            let fetched = self
                .cursors
                .values()
                .any(|cursor| !cursor.records.is_empty());
            if !fetched && self.failures.is_empty() {
                self.fetch(wait).await;
            }
            let records = self.take();
            if records.is_empty()
                && let Some(failure) = self.failures.pop_front()
            {
                return Err(failure);
            }
            Ok(records)
        })
    }

    fn position<'a>(&'a self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, Option<i64>> {
        Box::pin(async move {
            let cursor = self.cursors.get(partition)?;
            Some(
                cursor
                    .records
                    .front()
                    .map_or(cursor.next, |record| record.offset),
            )
        })
    }

    fn pause<'a>(&'a mut self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.stop(partition);
            if let Some(cursor) = self.cursors.get_mut(partition)
                && let Some(record) = cursor.records.front()
            {
                cursor.next = record.offset;
                cursor.records.clear();
            }
        })
    }
}

/// What lies at an offset.
enum Step {
    /// Nothing yet: it is the end of the log.
    End,
    /// The fetch failed.
    Failed(Error),
    /// A batch without records, such as compaction leaves behind.
    Gap,
    Records(Vec<RecordAndOffset>),
    /// Somewhere in the answer is something that rskafka does not understand.
    Undecodable {
        is_marker: bool,
        reason: String,
    },
}

impl Step {
    async fn take(
        partitions: &Partitions,
        key: &(TopicName, i32),
        offset: i64,
        bytes: i32,
        wait: Duration,
    ) -> Self {
        let context = Context::new("reading records").topic(&key.0, "Read");
        match partitions.fetch(key, offset, bytes, wait).await {
            Ok(records) if records.is_empty() => {
                // The last stable offset: open transactions lie behind it.
                match partitions.offset(key, OffsetAt::Latest).await {
                    Ok(end) if offset < end => Self::Gap,
                    Ok(_) => Self::End,
                    Err(error) => Self::Failed(error),
                }
            }
            Ok(records) => Self::Records(records),
            Err(Failure::Call(error)) if fault::is_undecodable(&error) => Self::Undecodable {
                is_marker: fault::is_transaction_marker(&error),
                reason: error.to_string(),
            },
            Err(failure) => Self::Failed(failure.into_error(&context)),
        }
    }
}

fn convert((topic, partition): &(TopicName, i32), read: RecordAndOffset) -> Record {
    let RecordAndOffset { record, offset } = read;
    let millis = record.timestamp.timestamp_millis();
    let headers = record.headers.into_iter();
    Record {
        topic: topic.clone(),
        partition: *partition,
        offset,
        timestamp: (millis >= 0).then(|| Timestamp::new(millis, TimestampKind::CreateTime)),
        key: record.key.map(Bytes::from),
        value: record.value.map(Bytes::from),
        headers: headers
            .map(|(key, value)| Header::new(key, Some(value.into())))
            .collect(),
    }
}

/// Bounds on what one fetch of one partition asks for.
const MIN_FETCH_BYTES: i32 = 64 * 1024;
const MAX_FETCH_BYTES: i32 = 1024 * 1024;

/// How many offsets without a record are stepped over, each for a request or two.
const MAX_BARREN: u32 = 1000;
