//! Compaction: of each key, the last record stays.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::Log;
use crate::batch::Batch;

impl Log {
    /// Removes what a later record of the same key has replaced, what has no key, and what was
    /// aborted, up to the last stable offset. The records that stay keep their offsets. Tombstones
    /// stay, as they do in Kafka for a day; and so does what cannot be looked into, because it is
    /// compressed.
    pub(crate) fn compact(&mut self) {
        let end = self.stable_end();
        let latest = self.latest_offsets(end);
        let mut kept = VecDeque::new();
        for batch in self.batches.drain(..) {
            if batch.base_offset() >= end || batch.is_control() {
                kept.push_back(batch);
                continue;
            }
            let offset = batch.base_offset();
            let mut aborted = self.transactions.aborted(offset, offset + 1);
            if batch.is_transactional()
                && aborted.any(|aborted| aborted.producer_id == batch.producer_id)
            {
                continue;
            }
            let is_latest = |offset, key: Option<&[u8]>| {
                key.is_some_and(|key| latest.get(key) == Some(&offset))
            };
            kept.extend(batch.retaining(is_latest));
        }
        self.size = kept.iter().map(|batch| batch.bytes().len()).sum();
        self.batches = kept;
    }

    fn latest_offsets(&self, end: i64) -> BTreeMap<Bytes, i64> {
        let mut latest = BTreeMap::new();
        let stable = |batch: &&Batch| batch.base_offset() < end && !batch.is_control();
        for batch in self.batches.iter().filter(stable) {
            let offset = batch.base_offset();
            let mut aborted = self.transactions.aborted(offset, offset + 1);
            let is_aborted = batch.is_transactional()
                && aborted.any(|aborted| aborted.producer_id == batch.producer_id);
            if !is_aborted {
                let keyed = batch.records().filter_map(|record| {
                    let key = Bytes::copy_from_slice(record.key?);
                    Some((key, record.offset))
                });
                latest.extend(keyed);
            }
        }
        latest
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Record,
        batch::{Batch, Writer},
        log::Log,
    };

    #[test]
    fn the_last_record_of_each_key_stays_where_it_is() {
        let mut log = Log::default();
        let record = |key: &str, time| Record::new("v").key(key.to_owned()).timestamp(time);
        for records in [
            vec![record("a", 9), record("b", 1), Record::new("no key")],
            vec![record("a", 2)],
            vec![Record::tombstone("c"), record("a", 3)],
        ] {
            let batch = Batch::of(&records, 5, Writer::NOBODY).unwrap();
            log.append(&batch, 0).unwrap();
        }
        log.compact();
        let offsets = |log: &Log| {
            let records = log.batches.iter().flat_map(Batch::records);
            records.map(|record| record.offset).collect::<Vec<_>>()
        };
        assert_eq!(offsets(&log), [1, 4, 5]);
        assert_eq!(log.end(), 6);
        // What is left is whole: the checksum is right, and the latest time is that of a record.
        for batch in &log.batches {
            assert!(Batch::parse_part(batch.bytes().clone()).is_ok());
        }
        assert_eq!(log.batches[0].max_timestamp, 1);
        assert_eq!(
            log.size(),
            log.batches.iter().map(|b| b.bytes().len()).sum::<usize>()
        );
        let size = log.size();
        log.compact();
        assert_eq!((offsets(&log), log.size()), (vec![1, 4, 5], size));
    }
}
