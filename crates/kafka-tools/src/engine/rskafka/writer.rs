//! Writing records, partition by partition.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::{StreamExt, stream};
use rskafka::{
    chrono::{DateTime, Utc},
    client::{
        error::Error as ClientError,
        partition::{Compression, PartitionClient},
    },
    record::Record as Outgoing,
};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    NAME,
    connection::SNAPSHOT_MAX_AGE,
    fault::{Context, Verdict, reason, translate, unavailable},
    partitioner::Partitioner,
    partitions::{Failure, MAX_IN_FLIGHT, Partitions, election_pauses},
};
use crate::{Error, KafkaCode, NewRecord, Produced, TopicName};

/// Writes records with `acks=all`, and sends them again only where the broker said that it did not
/// take them because it does not lead the partition.
pub(super) struct Writer {
    partitions: Arc<Partitions>,
    partitioner: Partitioner,
}

/// A record, and its place in the request.
type Placed = (usize, Outgoing);

impl Writer {
    pub(super) fn new(partitions: Arc<Partitions>) -> Self {
        Self {
            partitions,
            partitioner: Partitioner::default(),
        }
    }

    /// Writes `records`; one result per record, in order.
    pub(super) async fn write(
        &self,
        topic: &TopicName,
        records: Vec<NewRecord>,
        timeout: Duration,
    ) -> Result<Vec<Result<Produced, Error>>, Error> {
        let deadline = Deadline {
            at: Instant::now() + timeout,
            after: timeout,
        };
        let topics = self.partitions.connection().topics(SNAPSHOT_MAX_AGE);
        let topics = timeout_at(deadline.at, topics)
            .await
            .map_err(|_| deadline.passed())??;
        let partitions = topics
            .get(topic)
            .ok_or_else(|| super::unknown_topic(topic))?;

        let count = records.len();
        let mut queues: BTreeMap<i32, Vec<Placed>> = BTreeMap::new();
        for (index, record) in records.into_iter().enumerate() {
            let partition = self.choose(&record, partitions);
            queues
                .entry(partition)
                .or_default()
                .push((index, outgoing(record)?));
        }
        let mut results: BTreeMap<usize, Result<Produced, Error>> = stream::iter(queues)
            .map(|(partition, queue)| {
                self.write_partition((topic.clone(), partition), queue, deadline)
            })
            .buffer_unordered(MAX_IN_FLIGHT)
            .flat_map(stream::iter)
            .collect()
            .await;
        let lost = || {
            Err(Error::Protocol {
                reason: "a record has no result".to_owned(),
            })
        };
        Ok((0..count)
            .map(|index| results.remove(&index).unwrap_or_else(lost))
            .collect())
    }

    fn choose(&self, record: &NewRecord, partitions: &BTreeSet<i32>) -> i32 {
        record.partition.unwrap_or_else(|| {
            let chosen = self
                .partitioner
                .choose(record.key.as_deref(), partitions.len());
            partitions.iter().nth(chosen).copied().unwrap_or_default()
        })
    }

    /// Writes the records of one partition, batch after batch.
    async fn write_partition(
        &self,
        partition: (TopicName, i32),
        records: Vec<Placed>,
        deadline: Deadline,
    ) -> Vec<(usize, Result<Produced, Error>)> {
        let context = Context::new("producing").topic(&partition.0, "Write");
        let mut results = Vec::with_capacity(records.len());
        let mut batches = batches(records);
        let mut connected = None;
        let mut in_doubt = false;
        while let Some(mut batch) = batches.pop_front() {
            let sent = if in_doubt {
                Err(Refusal::Held)
            } else {
                self.send(&partition, &mut connected, &batch, deadline)
                    .await
            };
            match sent {
                Ok(offsets) => {
                    let written = offsets.into_iter().map(|offset| {
                        // rskafka does not tell whether the broker put its own time there.
                        Ok(Produced {
                            partition: partition.1,
                            offset: Some(offset),
                            timestamp: None,
                        })
                    });
                    results.extend(batch.into_iter().map(|(index, _)| index).zip(written));
                }
                // Nothing of it was written, and one of them may be small enough.
                Err(Refusal::Answered(Verdict::TooLarge, _)) if batch.len() > 1 => {
                    let rest = batch.split_off(batch.len() / 2);
                    batches.push_front(rest);
                    batches.push_front(batch);
                }
                Err(refusal) => {
                    // A later batch must not overtake one that may still be under way.
                    in_doubt |= refusal.is_ambiguous();
                    results.extend(batch.into_iter().map(|(index, _)| {
                        (index, Err(refusal.error(&partition.0, &context, deadline)))
                    }));
                }
            }
        }
        if let Some(client) = connected {
            self.partitions.check_in(&partition, client).await;
        }
        results
    }

    /// Sends one batch. `connected` holds the client while it is usable.
    async fn send(
        &self,
        partition: &(TopicName, i32),
        connected: &mut Option<PartitionClient>,
        batch: &[Placed],
        deadline: Deadline,
    ) -> Result<Vec<i64>, Refusal> {
        let mut pauses = election_pauses();
        loop {
            if !deadline.allows(Duration::ZERO) {
                return Err(Refusal::NotInTime);
            }
            let client = match connected.take() {
                Some(client) => Ok(client),
                None => timeout_at(deadline.at, self.partitions.check_out(partition))
                    .await
                    .map_err(|_| Refusal::NotInTime)?,
            };
            let error = match client {
                Ok(client) => {
                    let records = batch.iter().map(|(_, record)| record.clone()).collect();
                    let sending = client.produce(records, Compression::NoCompression);
                    let sent = timeout_at(deadline.at, sending).await;
                    match sent.map_err(|_| Refusal::Unconfirmed)? {
                        Ok(offsets) => {
                            *connected = Some(client);
                            return Ok(offsets);
                        }
                        Err(error) => error,
                    }
                }
                Err(Failure::Call(error)) => error,
                Err(Failure::Open(error)) => return Err(Refusal::Unreachable(error.to_string())),
            };
            let verdict = Verdict::of(&error);
            match pauses.next() {
                Some(pause) if verdict == Verdict::Moved && deadline.allows(pause) => {
                    sleep(pause).await;
                }
                _ => return Err(Refusal::Answered(verdict, error)),
            }
        }
    }
}

/// When a request has to be answered, and how long that was from its start.
#[derive(Clone, Copy)]
struct Deadline {
    at: Instant,
    after: Duration,
}

impl Deadline {
    fn allows(self, pause: Duration) -> bool {
        Instant::now() + pause < self.at
    }

    fn passed(self) -> Error {
        Error::timeout("producing", self.after)
    }
}

/// Why a batch has no offsets.
enum Refusal {
    /// rskafka reported an error.
    Answered(Verdict, ClientError),
    /// It was held back, because the batch before it may have been written.
    Held,
    /// The deadline passed before the batch was sent.
    NotInTime,
    /// The deadline passed after the batch was sent.
    Unconfirmed,
    /// There was no connection to send it on.
    Unreachable(String),
}

impl Refusal {
    fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::Answered(Verdict::Ambiguous, _) | Self::Held | Self::Unconfirmed
        )
    }

    /// The error of one record of the batch.
    fn error(&self, topic: &TopicName, context: &Context<'_>, deadline: Deadline) -> Error {
        let maybe_written = |reason| Error::MaybeWritten {
            topic: topic.to_string(),
            reason,
        };
        match self {
            Self::Answered(Verdict::Ambiguous, error) => maybe_written(reason(error)),
            Self::Answered(_, error) => translate(error, context),
            Self::Held => Error::Broker {
                operation: "producing",
                code: OPERATION_NOT_ATTEMPTED,
                message: "the records before it may still be under way".to_owned(),
                retriable: true,
            },
            Self::NotInTime => deadline.passed(),
            Self::Unconfirmed => {
                maybe_written(format!("no acknowledgement within {:?}", deadline.after))
            }
            Self::Unreachable(reason) => unavailable(reason.as_str()),
        }
    }
}

/// A record in rskafka's form; an error where that form would lose something.
fn outgoing(record: NewRecord) -> Result<Outgoing, Error> {
    let unsupported = |operation| Error::Unsupported {
        engine: NAME,
        operation,
    };
    let mut headers = BTreeMap::new();
    for header in record.headers {
        let value = header
            .value
            .ok_or_else(|| unsupported("write a header whose value is null"))?;
        if headers.insert(header.key, value.into()).is_some() {
            return Err(unsupported("write two headers with the same key"));
        }
    }
    Ok(Outgoing {
        key: record.key.map(Into::into),
        value: record.value.map(Into::into),
        headers,
        timestamp: timestamp(record.timestamp)?,
    })
}

fn timestamp(millis: Option<i64>) -> Result<DateTime<Utc>, Error> {
    let millis = millis.unwrap_or_else(now);
    DateTime::from_timestamp_millis(millis)
        .ok_or_else(|| Error::invalid("timestamp", millis, "no calendar reaches that far"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a record carries the time at which it is written"
)]
fn now() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Splits records into batches that brokers accept by default.
fn batches(records: Vec<Placed>) -> VecDeque<Vec<Placed>> {
    let mut batches = VecDeque::new();
    let mut batch = Vec::new();
    let mut size = 0;
    for placed in records {
        let added = placed.1.approximate_size() + RECORD_OVERHEAD;
        if !batch.is_empty() && size + added > MAX_BATCH_BYTES {
            batches.push_back(std::mem::take(&mut batch));
            size = 0;
        }
        size += added;
        batch.push(placed);
    }
    if !batch.is_empty() {
        batches.push_back(batch);
    }
    batches
}

/// Kafka's code for what was left out because of a failure before it.
const OPERATION_NOT_ATTEMPTED: KafkaCode = KafkaCode::new(55);

/// Half of what `message.max.bytes` is by default.
const MAX_BATCH_BYTES: usize = 512 * 1024;

/// Lengths and deltas around a small record.
const RECORD_OVERHEAD: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Header;

    fn refusal(headers: Vec<Header>) -> String {
        let record = NewRecord {
            headers,
            ..NewRecord::new("v")
        };
        outgoing(record).unwrap_err().to_string()
    }

    #[test]
    fn headers_that_would_be_lost_are_refused() {
        let header = |value: Option<&'static str>| Header::new("trace", value.map(Into::into));
        let null = refusal(vec![header(None)]);
        assert_eq!(
            null,
            "the rskafka engine cannot write a header whose value is null"
        );
        let twice = refusal(vec![header(Some("1")), header(Some("2"))]);
        assert_eq!(
            twice,
            "the rskafka engine cannot write two headers with the same key"
        );
    }

    #[test]
    fn records_that_were_not_sent_are_told_from_those_in_doubt() {
        let topic: TopicName = "orders".parse().unwrap();
        let context = Context::new("producing").topic(&topic, "Write");
        let after = Duration::from_secs(1);
        let deadline = Deadline {
            at: Instant::now(),
            after,
        };
        let error = |refusal: Refusal| {
            (
                refusal.is_ambiguous(),
                refusal.error(&topic, &context, deadline),
            )
        };
        assert!(matches!(
            error(Refusal::Unconfirmed),
            (true, Error::MaybeWritten { .. })
        ));
        assert!(matches!(
            error(Refusal::NotInTime),
            (false, Error::Timeout { .. })
        ));
        let (_, held) = error(Refusal::Held);
        assert!(held.is_retriable(), "{held:?}");
        let said = "producing failed with OPERATION_NOT_ATTEMPTED: the records before it may still \
                    be under way";
        assert_eq!(held.to_string(), said);
    }

    #[test]
    fn null_and_empty_stay_distinct() {
        let tombstone = outgoing(NewRecord::tombstone("k")).unwrap();
        assert_eq!(
            (tombstone.key, tombstone.value),
            (Some(b"k".to_vec()), None)
        );
        assert_eq!(
            outgoing(NewRecord::new("")).unwrap().value,
            Some(Vec::new())
        );
    }

    #[test]
    fn a_time_beyond_the_calendar_is_refused() {
        assert!(timestamp(Some(i64::MAX)).is_err());
        assert_eq!(timestamp(Some(1000)).unwrap().timestamp_millis(), 1000);
    }

    #[test]
    fn batches_keep_the_order_and_a_large_record_goes_alone() {
        let sizes = [
            MAX_BATCH_BYTES / 3,
            MAX_BATCH_BYTES / 3,
            2 * MAX_BATCH_BYTES,
            1,
        ];
        let records = sizes.map(|size| outgoing(NewRecord::new(vec![0; size])).unwrap());
        let split = batches(records.into_iter().enumerate().collect());
        let indexes: Vec<Vec<usize>> = split
            .iter()
            .map(|batch| batch.iter().map(|(index, _)| *index).collect())
            .collect();
        assert_eq!(indexes, [vec![0, 1], vec![2], vec![3]]);
    }
}
