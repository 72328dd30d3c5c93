//! Writing records.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::{Client, Error, Header, Partition, TopicName};

impl Client {
    /// Writes records to a topic and waits until all replicas in sync have them (`acks=all`; the
    /// complete engine is idempotent). A record is never sent again by this library after an
    /// ambiguous failure.
    ///
    /// # Errors
    ///
    /// Nothing was sent: the topic or a partition does not exist, a record is larger than
    /// [`Limits::max_request_bytes`](crate::Limits::max_request_bytes), or no broker answers.
    /// Failures of single records are in the report.
    pub async fn produce(&self, request: ProduceRequest) -> Result<ProduceReport, Error> {
        let timeout = self.deadline(request.timeout);
        let started = Instant::now();
        let ProduceRequest { topic, records, .. } = request;

        let check = self.check_target(&topic, &records);
        self.within("reading the topic's metadata", Some(timeout), check)
            .await?;
        let left = timeout.saturating_sub(started.elapsed());
        let results = self.engine.produce(&topic, records, left).await;
        let results = results.map_err(|error| self.failed(error))?.into_iter();
        let results = results.map(|result| result.map_err(|error| self.failed(error)));
        Ok(ProduceReport {
            topic,
            results: results.collect(),
        })
    }

    /// Finds what would fail, before anything is sent; asking creates no topic.
    async fn check_target(&self, topic: &TopicName, records: &[NewRecord]) -> Result<(), Error> {
        let limit = self.config().limits.max_request_bytes;
        let size: usize = records.iter().map(NewRecord::size).sum();
        if size > limit {
            let reason = format!("{size} bytes of records exceed this client's limit of {limit}");
            return Err(Error::RecordTooLarge {
                topic: topic.to_string(),
                reason,
            });
        }
        if records
            .iter()
            .any(|record| record.timestamp.is_some_and(|millis| millis < 0))
        {
            return Err(Error::invalid(
                "timestamp",
                "negative",
                "milliseconds since 1970",
            ));
        }
        let described = self.engine.describe_topic(topic).await?;
        let count = described.partitions.len();
        let mut is_offline = false;
        for partition in records.iter().filter_map(|record| record.partition) {
            let known = described
                .partitions
                .iter()
                .find(|known| known.id == partition);
            let known = known.ok_or_else(|| Error::UnknownPartition {
                topic: topic.to_string(),
                partition,
                count,
            })?;
            is_offline |= known.is_offline();
        }
        let nowhere = described.partitions.iter().all(Partition::is_offline);
        // Waiting for a leader would cost the whole deadline, and leave open what was written.
        if nowhere || is_offline {
            return Err(Error::leader_not_available("producing"));
        }
        Ok(())
    }
}

/// Records to write to one topic.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProduceRequest {
    /// The topic; it has to exist.
    pub topic: TopicName,
    /// The records; those for one partition are written in this order.
    pub records: Vec<NewRecord>,
    /// A deadline shorter than [`KafkaConfig::timeout`](crate::KafkaConfig::timeout).
    pub timeout: Option<Duration>,
}

impl ProduceRequest {
    /// Writes `records` to `topic`, within the client's deadline.
    #[must_use]
    pub fn new(topic: TopicName, records: Vec<NewRecord>) -> Self {
        Self {
            topic,
            records,
            timeout: None,
        }
    }
}

/// A record to write. The default has neither key nor value.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewRecord {
    /// The partition; `None` lets the key decide, as Kafka's default partitioner does.
    pub partition: Option<i32>,
    /// The key; `None` is null.
    pub key: Option<Bytes>,
    /// The value; `None` is null, which is a tombstone in a compacted topic.
    pub value: Option<Bytes>,
    /// The headers, in this order; keys may repeat.
    pub headers: Vec<Header>,
    /// Milliseconds since the Unix epoch; `None` takes the time of writing.
    pub timestamp: Option<i64>,
}

impl NewRecord {
    /// The size of key, value and headers in bytes.
    fn size(&self) -> usize {
        let len = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers = self
            .headers
            .iter()
            .map(|header| header.key.len() + len(&header.value));
        len(&self.key) + len(&self.value) + headers.sum::<usize>()
    }

    /// A record with this value and no key.
    #[must_use]
    pub fn new(value: impl Into<Bytes>) -> Self {
        Self {
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// A tombstone: this key, and a null value.
    #[must_use]
    pub fn tombstone(key: impl Into<Bytes>) -> Self {
        Self {
            key: Some(key.into()),
            ..Self::default()
        }
    }
}

/// What became of each record.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProduceReport {
    /// The topic.
    pub topic: TopicName,
    /// One result per record, in the order of the request.
    pub results: Vec<Result<Produced, Error>>,
}

/// Where a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Produced {
    /// The partition.
    pub partition: i32,
    /// The offset; `None` when the broker only confirmed that an earlier try had been written.
    pub offset: Option<i64>,
    /// The record's timestamp in milliseconds since the Unix epoch, where it is known.
    pub timestamp: Option<i64>,
}
