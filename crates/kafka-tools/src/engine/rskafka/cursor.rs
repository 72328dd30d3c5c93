//! Where the read of one partition stands.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use rskafka::{client::partition::OffsetAt, record::RecordAndOffset};

use super::{
    fault::{self, Context},
    partitions::{Failure, Partitions},
};
use crate::{Error, Header, Record, Timestamp, TimestampKind, TopicName};

/// Where the read of one partition stands.
///
/// rskafka tells neither where a batch ends that it does not show, nor what else was in an answer
/// of which it does not understand a part. So after such an answer the batches are fetched one at a
/// time, and offsets without a record are stepped over one by one.
pub(super) struct Cursor {
    partition: (TopicName, i32),
    /// The offset to fetch next.
    next: i64,
    /// Fetched, and not yet handed out.
    pub(super) records: VecDeque<Record>,
    /// Whether batches are fetched one at a time.
    single: bool,
    /// How many offsets in a row held no record.
    barren: u32,
}

impl Cursor {
    pub(super) fn new(partition: (TopicName, i32), start: i64) -> Self {
        Self {
            partition,
            next: start,
            records: VecDeque::new(),
            single: false,
            barren: 0,
        }
    }

    /// The offset after the last record that was handed out or skipped.
    pub(super) fn position(&self) -> i64 {
        self.records
            .front()
            .map_or(self.next, |record| record.offset)
    }

    /// Drops what was not handed out.
    pub(super) fn rewind(&mut self) {
        self.next = self.position();
        self.records.clear();
    }

    /// What to fetch next, of at most `bytes`.
    pub(super) fn request(&self, bytes: i32) -> FetchRequest {
        FetchRequest {
            partition: self.partition.clone(),
            offset: self.next,
            // A broker always answers with one whole batch.
            bytes: if self.single { 1 } else { bytes },
        }
    }

    /// Goes on by what a fetch brought.
    pub(super) fn advance(&mut self, fetched: Fetched) -> Result<(), Error> {
        match fetched {
            Fetched::Records(records) => {
                self.barren = 0;
                for record in records {
                    self.next = record.offset.saturating_add(1);
                    self.records.push_back(convert(&self.partition, record));
                }
                Ok(())
            }
            Fetched::End => Ok(()),
            Fetched::Gap => self.step_over(),
            Fetched::Undecodable { .. } if !self.single => {
                self.single = true;
                Ok(())
            }
            Fetched::Undecodable {
                is_marker: true, ..
            } => {
                self.single = false;
                self.step_over()
            }
            Fetched::Undecodable { reason, .. } => {
                let ((topic, partition), next) = (&self.partition, self.next);
                Err(Error::Protocol {
                    reason: format!(
                        "rskafka cannot decode the batch of {topic}-{partition} at offset {next} \
                         ({reason}), most often because of a header whose value is null; the \
                         krafka engine can read it",
                    ),
                })
            }
            Fetched::Failed(error) => Err(error),
        }
    }

    fn step_over(&mut self) -> Result<(), Error> {
        self.next = self.next.saturating_add(1);
        self.barren += 1;
        if self.barren <= MAX_BARREN {
            return Ok(());
        }
        let ((topic, partition), next) = (&self.partition, self.next);
        Err(Error::Protocol {
            reason: format!(
                "{topic}-{partition} holds no record in the {MAX_BARREN} offsets before {next}, \
                 and rskafka does not tell where the gap ends; the krafka engine can read it",
            ),
        })
    }
}

/// One fetch of one partition.
pub(super) struct FetchRequest {
    partition: (TopicName, i32),
    offset: i64,
    bytes: i32,
}

/// What a fetch brought.
pub(super) enum Fetched {
    /// Nothing yet: it is the end of the log.
    End,
    /// The fetch failed.
    Failed(Error),
    /// A batch without records, such as compaction leaves behind.
    Gap,
    /// Records, of which there is at least one.
    Records(Vec<RecordAndOffset>),
    /// Somewhere in the answer is something that rskafka does not understand.
    Undecodable {
        /// Whether it is the marker that ends a transaction.
        is_marker: bool,
        reason: String,
    },
}

impl FetchRequest {
    pub(super) async fn send(self, partitions: &Partitions, wait: Duration) -> Fetched {
        let Self {
            partition,
            offset,
            bytes,
        } = self;
        match partitions.fetch(&partition, offset, bytes, wait).await {
            Ok(records) if records.is_empty() => {
                // This is the last stable offset: open transactions lie behind it.
                match partitions.offset(&partition, OffsetAt::Latest).await {
                    Ok(end) if offset < end => Fetched::Gap,
                    Ok(_) => Fetched::End,
                    Err(error) => Fetched::Failed(error),
                }
            }
            Ok(records) => Fetched::Records(records),
            Err(Failure::Call(error)) if fault::is_undecodable(&error) => Fetched::Undecodable {
                is_marker: fault::is_transaction_marker(&error),
                reason: error.to_string(),
            },
            Err(failure) => {
                let context = Context::new("reading records").topic(&partition.0, "Read");
                Fetched::Failed(failure.into_error(&context))
            }
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

/// How many offsets without a record are stepped over, each for a request or two.
const MAX_BARREN: u32 = 1000;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rskafka::{chrono::DateTime, record::Record as Incoming};

    use super::*;

    fn cursor() -> Cursor {
        Cursor::new(("t".parse().unwrap(), 0), 10)
    }

    fn records(offsets: &[i64]) -> Fetched {
        let record = Incoming {
            key: None,
            value: None,
            headers: BTreeMap::new(),
            timestamp: DateTime::from_timestamp_millis(-1).unwrap(),
        };
        let at = |offset: &i64| RecordAndOffset {
            record: record.clone(),
            offset: *offset,
        };
        Fetched::Records(offsets.iter().map(at).collect())
    }

    fn undecodable(is_marker: bool) -> Fetched {
        Fetched::Undecodable {
            is_marker,
            reason: "malformed".to_owned(),
        }
    }

    #[test]
    fn the_position_follows_what_was_handed_out_and_not_what_was_fetched() {
        let mut cursor = cursor();
        cursor.advance(records(&[12, 15])).unwrap();
        assert_eq!((cursor.position(), cursor.request(100).offset), (12, 16));
        cursor.records.pop_front();
        assert_eq!(cursor.position(), 15);
        cursor.rewind();
        assert_eq!((cursor.position(), cursor.request(100).offset), (15, 15));
    }

    #[test]
    fn a_record_without_a_time_has_none() {
        let mut cursor = cursor();
        cursor.advance(records(&[10])).unwrap();
        assert_eq!(cursor.records.front().unwrap().timestamp, None);
    }

    #[test]
    fn after_an_answer_with_a_marker_the_batches_before_it_are_read_one_at_a_time() {
        let mut cursor = cursor();
        cursor.advance(undecodable(true)).unwrap();
        assert_eq!((cursor.request(100).bytes, cursor.position()), (1, 10));
        cursor.advance(records(&[10])).unwrap();
        assert_eq!(cursor.request(100).bytes, 1);
        cursor.advance(undecodable(true)).unwrap();
        let request = cursor.request(100);
        assert_eq!((request.offset, request.bytes), (12, 100));
    }

    #[test]
    fn a_batch_that_cannot_be_decoded_alone_ends_the_read_and_names_the_way_out() {
        let mut cursor = cursor();
        cursor.advance(undecodable(false)).unwrap();
        let error = cursor.advance(undecodable(false)).unwrap_err().to_string();
        assert!(error.contains("t-0 at offset 10"), "{error}");
        assert!(error.contains("krafka engine"), "{error}");
    }

    #[test]
    fn gaps_are_stepped_over_but_not_for_ever() {
        let mut cursor = cursor();
        for _ in 0..MAX_BARREN {
            cursor.advance(Fetched::Gap).unwrap();
        }
        assert_eq!(cursor.position(), 10 + i64::from(MAX_BARREN));
        assert!(matches!(
            cursor.advance(Fetched::Gap),
            Err(Error::Protocol { .. })
        ));
    }

    #[test]
    fn the_end_of_the_log_moves_nothing() {
        let mut cursor = cursor();
        cursor.advance(Fetched::End).unwrap();
        assert_eq!(cursor.position(), 10);
    }
}
