//! Reading records by assignment.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::future::BoxFuture;
use krafka::{
    Kafka,
    consumer::{
        AutoOffsetReset, Consumer, ConsumerRecord, IsolationLevel, TopicPartition as Assigned,
    },
    error::KrafkaError,
};

use super::fault::{Context, translate};
use crate::{
    Error, Header, Isolation, Record, Timestamp, TimestampKind, TopicName,
    engine::{ReadFailure, ReadOptions, Reader},
};

/// A consumer that belongs to no group.
pub(super) struct KrafkaReader {
    consumer: Consumer,
    names: BTreeMap<String, TopicName>,
}

impl KrafkaReader {
    pub(super) async fn open(
        kafka: &Kafka,
        starts: &BTreeMap<(TopicName, i32), i64>,
        options: ReadOptions,
    ) -> Result<Self, Error> {
        let failed = |error| translate(error, &Context::new("opening the log"));
        let max_records = i32::try_from(options.max_records.max(1)).unwrap_or(i32::MAX);
        let max_bytes = i32::try_from(options.max_bytes.max(1)).unwrap_or(i32::MAX);
        let consumer = kafka
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
        Ok(Self { consumer, names })
    }

    fn record(&self, record: ConsumerRecord) -> Record {
        let topic = self.names.get(&*record.topic).cloned();
        let headers = record
            .headers
            .into_iter()
            .map(|(key, value)| Header { key, value });
        Record {
            topic: topic.unwrap_or_else(|| TopicName::from_broker(&*record.topic)),
            partition: record.partition,
            offset: record.offset,
            // krafka hands out the producer's time even where the broker set another one.
            timestamp: (record.timestamp >= 0)
                .then(|| Timestamp::new(record.timestamp, TimestampKind::CreateTime)),
            key: record.key,
            value: record.value,
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
                Err(error) => {
                    let error = translate(error, &Context::new("reading records"));
                    Err(ReadFailure {
                        partition: None,
                        error,
                    })
                }
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
            let (topic, id) = partition;
            self.consumer.pause(topic.as_str(), &[*id]).await;
        })
    }
}

/// How long a broker may hold a fetch at the end of the log; short, because the reader looks at
/// its bounds in between.
const FETCH_MAX_WAIT: Duration = Duration::from_millis(100);

/// Keeps one busy partition from filling the whole answer.
const MAX_PARTITION_FETCH_BYTES: i32 = 1024 * 1024;
