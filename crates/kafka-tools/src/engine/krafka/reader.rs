//! Reading records by assignment.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use krafka::{
    consumer::{
        AutoOffsetReset, Consumer, ConsumerRecord, IsolationLevel, TopicPartition as Assigned,
    },
    error::{KrafkaError, ProtocolErrorKind},
};

use super::{
    connection::Session,
    fault::{Context, translate},
};
use crate::{
    Error, Header, Isolation, Record, Timestamp, TimestampKind, TopicName,
    engine::{ReadFailure, ReadOptions, Reader},
};

/// A consumer that belongs to no group.
pub(super) struct KrafkaReader {
    consumer: Consumer,
    names: BTreeMap<String, TopicName>,
    partitions: Vec<(TopicName, i32)>,
}

impl KrafkaReader {
    pub(super) async fn open(
        session: &Session,
        starts: &BTreeMap<(TopicName, i32), i64>,
        options: ReadOptions,
    ) -> Result<Self, Error> {
        let failed = |error| translate(error, &Context::new("opening the log"));
        let max_records = i32::try_from(options.max_records.max(1)).unwrap_or(i32::MAX);
        let max_bytes = i32::try_from(options.max_bytes.max(1)).unwrap_or(i32::MAX);
        let consumer = session
            .kafka
            .consumer_without_group()
            .enable_auto_commit(false)
            .metrics_push(false)
            // A position outside the log is an error to report, not a place to jump from.
            .auto_offset_reset(AutoOffsetReset::None)
            .isolation_level(match options.isolation {
                Isolation::ReadCommitted => IsolationLevel::ReadCommitted,
                Isolation::ReadUncommitted => IsolationLevel::ReadUncommitted,
            })
            .max_poll_records(max_records)
            .max_buffered_records(max_records)
            .fetch_max_bytes(max_bytes)
            .max_partition_fetch_bytes(max_bytes.min(MAX_PARTITION_FETCH_BYTES))
            .max_decompressed_size(session.max_batch_bytes)
            .fetch_max_wait(FETCH_MAX_WAIT)
            .initial_offsets(starts.iter().map(|((topic, partition), offset)| {
                (Assigned::new(topic.as_str(), *partition), *offset)
            }))
            .build()
            .await
            .map_err(failed)?;

        let topics: BTreeSet<&TopicName> = starts.keys().map(|(topic, _)| topic).collect();
        for topic in &topics {
            let partitions = starts.keys().filter(|(name, _)| name == *topic);
            let partitions = partitions.map(|(_, partition)| *partition).collect();
            consumer
                .assign(topic.as_str(), partitions)
                .await
                .map_err(failed)?;
        }
        let names = topics
            .into_iter()
            .map(|name| (name.to_string(), name.clone()))
            .collect();
        let partitions = starts.keys().cloned().collect();
        Ok(Self {
            consumer,
            names,
            partitions,
        })
    }

    /// Finds out whose failure it is: krafka names the partition of a batch that cannot be decoded
    /// in its message only, beside advice that is for programmers.
    fn failure(&self, error: KrafkaError) -> ReadFailure {
        if let KrafkaError::Protocol { kind, message } = &error
            && message.starts_with("undecodable record batch")
        {
            let is_named = |(topic, partition): &&(TopicName, i32)| {
                message.contains(&format!(" at {topic}-{partition} offset "))
            };
            let reason = match kind {
                ProtocolErrorKind::UnsupportedMagic => {
                    "only record batches of magic 2 (Kafka 0.11 and later) can be read"
                }
                // Short messages of the older formats end before krafka looks for the magic byte.
                _ => {
                    "a record batch is damaged, larger than can be decompressed, or a message of \
                     before Kafka 0.11: only magic 2 can be read"
                }
            };
            return ReadFailure {
                partition: self.partitions.iter().find(is_named).cloned(),
                error: Error::Protocol {
                    reason: reason.to_owned(),
                },
            };
        }
        ReadFailure {
            partition: None,
            error: translate(error, &Context::new("reading records")),
        }
    }

    fn record(&self, record: ConsumerRecord) -> Record {
        let topic = self.names.get(&*record.topic).cloned();
        let headers = record.headers.into_iter().map(|(key, value)| Header {
            key,
            value: value.as_deref().map(Bytes::copy_from_slice),
        });
        Record {
            topic: topic.unwrap_or_else(|| TopicName::from_broker(&*record.topic)),
            partition: record.partition,
            offset: record.offset,
            // krafka hands out the producer's time even where the broker set another one.
            timestamp: (record.timestamp >= 0)
                .then(|| Timestamp::new(record.timestamp, TimestampKind::CreateTime)),
            // A slice of its batch would keep all of the batch in memory.
            key: record.key.as_deref().map(Bytes::copy_from_slice),
            value: record.value.as_deref().map(Bytes::copy_from_slice),
            headers: headers.collect(),
        }
    }
}

impl Reader for KrafkaReader {
    fn next(&mut self, wait: Duration) -> BoxFuture<'_, Result<Vec<Record>, ReadFailure>> {
        Box::pin(async move {
            match self.consumer.poll(wait).await {
                Ok(records) => Ok(records
                    .into_iter()
                    .map(|record| self.record(record))
                    .collect()),
                Err(KrafkaError::NoOffset { partitions }) => {
                    let partition = partitions.into_iter().next();
                    let partition =
                        partition.map(|(topic, id)| (TopicName::from_broker(topic), id));
                    let reason = "the offset to read is outside the log".to_owned();
                    Err(ReadFailure {
                        partition,
                        error: Error::Protocol { reason },
                    })
                }
                Err(error) => Err(self.failure(error)),
            }
        })
    }

    fn position<'a>(&'a self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, Option<i64>> {
        Box::pin(async move {
            let (topic, id) = partition;
            self.consumer.position(topic.as_str(), *id).await
        })
    }

    fn pause<'a>(&'a mut self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.partitions.retain(|assigned| assigned != partition);
            let topic = &partition.0;
            let rest = self.partitions.iter().filter(|(name, _)| name == topic);
            let rest = rest.map(|(_, id)| *id).collect();
            // A paused partition would keep what is buffered of it, and with it the room of others.
            if let Err(error) = self.consumer.assign(topic.as_str(), rest).await {
                tracing::debug!(%error, "cannot stop reading a partition");
            }
        })
    }
}

/// How long a broker may hold a fetch at the end of the log; short, because the reader looks at
/// its bounds in between.
const FETCH_MAX_WAIT: Duration = Duration::from_millis(100);

/// Keeps one busy partition from filling the whole answer.
const MAX_PARTITION_FETCH_BYTES: i32 = 1024 * 1024;
