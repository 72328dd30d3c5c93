//! The records of a partition.

mod compact;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::{
    ErrorCode,
    batch::{Batch, Ending},
    producers::{ActiveProducer, Producers, Verdict},
    transaction_index::{Aborted, TransactionIndex},
};

/// Batches in the order of their offsets. All replicas have all of them at once, so the end of the
/// log is the high watermark as well.
#[derive(Debug, Default)]
pub(crate) struct Log {
    start: i64,
    end: i64,
    batches: VecDeque<Batch>,
    size: usize,
    producers: Producers,
    transactions: TransactionIndex,
}

/// What was read of a log.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) records: Bytes,
    /// The transactions among them that nobody is to see.
    pub(crate) aborted: Vec<Aborted>,
}

impl Log {
    /// The first offset.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// The offset that the next record gets.
    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    /// The last stable offset: no transaction that is open has a record before it.
    pub(crate) fn stable_end(&self) -> i64 {
        let first_open = self.transactions.first_open();
        first_open.map_or(self.end, |offset| offset.max(self.start))
    }

    /// Writes a batch, unless its producer has sent it before; the offset of its first record.
    pub(crate) fn append(&mut self, batch: &Batch, leader_epoch: i32) -> Result<i64, ErrorCode> {
        if let Verdict::Duplicate(offset) = self.producers.judge(batch)? {
            return Ok(offset);
        }
        let placed = batch.placed(self.end, leader_epoch);
        self.producers.remember(&placed);
        if placed.is_transactional() {
            self.transactions
                .write(placed.producer_id, placed.base_offset());
        }
        Ok(self.push(placed))
    }

    /// Ends the transaction of the producer that the marker is for.
    pub(crate) fn end_transaction(&mut self, ending: Ending, marker: &Batch, leader_epoch: i32) {
        let placed = marker.placed(self.end, leader_epoch);
        self.producers.end_transaction(&placed);
        match ending {
            Ending::Abort => self
                .transactions
                .abort(placed.producer_id, placed.base_offset()),
            Ending::Commit => self.transactions.commit(placed.producer_id),
        }
        self.push(placed);
    }

    fn push(&mut self, placed: Batch) -> i64 {
        let offset = placed.base_offset();
        self.end = placed.last_offset() + 1;
        self.size += placed.bytes().len();
        self.batches.push_back(placed);
        offset
    }

    /// Whole batches from the one that has `offset` on, before `end` and up to `max_bytes`; the
    /// first in any case if `at_least_one`, or a record that is larger could never be read
    /// (KIP-74).
    pub(crate) fn read(
        &self,
        offset: i64,
        end: i64,
        max_bytes: usize,
        at_least_one: bool,
    ) -> Reading {
        let first = self.position(offset);
        let mut room = max_bytes;
        let mut records = BytesMut::new();
        let mut next = offset;
        let stable = |batch: &&Batch| batch.base_offset() < end;
        for batch in self.batches.range(first..).take_while(stable) {
            let bytes = batch.bytes();
            if bytes.len() > room && !(at_least_one && records.is_empty()) {
                break;
            }
            room = room.saturating_sub(bytes.len());
            records.extend_from_slice(bytes);
            next = batch.last_offset() + 1;
        }
        Reading {
            records: records.freeze(),
            aborted: self.transactions.aborted(offset, next).collect(),
        }
    }

    /// The batches of records, without markers, that have a record from the start of the log on.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &Batch> {
        let first = self.position(self.start);
        let batches = self.batches.range(first..);
        batches.filter(|batch| !batch.is_control())
    }

    /// Offset, time and epoch of the first record that is as late as `time`.
    pub(crate) fn first_since(&self, time: i64) -> Option<(i64, i64, i32)> {
        self.batches.iter().find_map(|batch| {
            let (offset, time) = batch.first_since(time, self.start)?;
            Some((offset, time, batch.leader_epoch))
        })
    }

    /// Offset, time and epoch of the first of the latest records (KIP-734).
    pub(crate) fn latest(&self) -> Option<(i64, i64, i32)> {
        let latest = self.batches.iter().map(|batch| batch.max_timestamp).max()?;
        self.first_since(latest)
    }

    /// Forgets the records before `offset`; -1 is the end.
    pub(crate) fn delete_before(&mut self, offset: i64) -> Result<(), ErrorCode> {
        let offset = if offset == -1 { self.end } else { offset };
        if !(0..=self.end).contains(&offset) {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        self.start = self.start.max(offset);
        // A batch of which one record is left stays whole; clients skip the others.
        for batch in self.batches.drain(..self.position(self.start)) {
            self.size -= batch.bytes().len();
        }
        self.transactions.forget_before(self.start);
        Ok(())
    }

    /// Loses the batches that reach `end`, and all after them. Their offsets are given again.
    pub(crate) fn truncate(&mut self, end: i64) {
        let lost = self.position(end);
        if lost == self.batches.len() {
            return;
        }
        for batch in self.batches.drain(lost..) {
            self.size -= batch.bytes().len();
        }
        let last = self.batches.back();
        self.end = last.map_or(self.start, |batch| batch.last_offset() + 1);
        self.producers.forget_from(self.end);
        self.transactions.forget_from(self.end);
    }

    /// The epochs of the leaders that have written, and their first offsets.
    pub(crate) fn epoch_starts(&self) -> Vec<(i32, i64)> {
        let mut starts: Vec<(i32, i64)> = Vec::new();
        for batch in &self.batches {
            if starts
                .last()
                .is_none_or(|(epoch, _)| *epoch != batch.leader_epoch)
            {
                starts.push((batch.leader_epoch, batch.base_offset().max(self.start)));
            }
        }
        starts
    }

    /// The producers that have written and are not forgotten.
    pub(crate) fn active_producers(&self) -> impl Iterator<Item = ActiveProducer> {
        self.producers.all().map(|active| ActiveProducer {
            transaction_start: self.transactions.opened_by(active.id).unwrap_or(-1),
            ..active
        })
    }

    /// How many bytes the records take.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The index of the batch that has `offset`, or of the first one after it.
    fn position(&self, offset: i64) -> usize {
        self.batches
            .partition_point(|batch| batch.last_offset() < offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::tests::{NOBODY, batch};

    #[test]
    fn records_are_numbered_and_read_in_whole_batches() {
        let log = log(&[&[1, 2], &[3], &[4, 5]]);
        assert_eq!((log.start(), log.end()), (0, 5));
        let size = log.size() / 5;
        let all = read(&log, 0, usize::MAX, false);
        assert_eq!(read(&log, 1, usize::MAX, false), all);
        assert_eq!(read(&log, 5, usize::MAX, true), Bytes::new());
        let two = read(&log, 2, usize::MAX, false);
        assert_eq!(two[..8], 2_i64.to_be_bytes());
        assert!(read(&log, 0, size, false).is_empty());
        let first = read(&log, 0, 1, true);
        assert_eq!(first, all.slice(..first.len()));
        assert!(!first.is_empty());
    }

    #[test]
    fn records_are_found_by_time() {
        let log = log(&[&[10, 30], &[20], &[40, 25]]);
        for (time, found) in [
            (0, Some((0, 10, 2))),
            (11, Some((1, 30, 2))),
            (31, Some((3, 40, 2))),
            (41, None),
        ] {
            assert_eq!(log.first_since(time), found, "{time}");
        }
        assert_eq!(log.latest(), Some((3, 40, 2)));
        assert_eq!(Log::default().latest(), None);
    }

    #[test]
    fn deleting_moves_the_start_and_keeps_a_batch_of_which_a_record_is_left() {
        let mut log = log(&[&[1, 2], &[3], &[4, 5]]);
        log.delete_before(1).unwrap();
        assert_eq!((log.start(), log.batches.len()), (1, 3));
        log.delete_before(3).unwrap();
        assert_eq!((log.start(), log.batches.len()), (3, 1));
        log.delete_before(2).unwrap();
        assert_eq!(log.start(), 3);
        for offset in [-2, 6] {
            let error = log.delete_before(offset).unwrap_err();
            assert_eq!(error, ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        log.delete_before(-1).unwrap();
        assert_eq!((log.start(), log.end(), log.size()), (5, 5, 0));
    }

    #[test]
    fn a_log_that_is_truncated_loses_whole_batches_and_gives_their_offsets_again() {
        let mut log = log(&[&[1, 2], &[3], &[4, 5]]);
        let size = log.size();
        log.truncate(5);
        assert_eq!((log.end(), log.size()), (5, size));
        log.truncate(4);
        assert_eq!((log.end(), log.batches.len()), (3, 2));
        assert_eq!(log.append(&log.batches[1].clone(), 3), Ok(3));
        log.delete_before(3).unwrap();
        log.truncate(0);
        assert_eq!((log.start(), log.end(), log.size()), (3, 3, 0));
    }

    #[test]
    fn what_was_lost_can_be_sent_again() {
        let mut log = Log::default();
        let send = |sequence| Batch::parse(batch(&[1], (7, 0, sequence))).unwrap();
        log.append(&send(0), 0).unwrap();
        log.append(&send(1), 0).unwrap();
        log.truncate(1);
        assert_eq!((log.append(&send(0), 0), log.end()), (Ok(0), 1));
        assert_eq!((log.append(&send(1), 0), log.end()), (Ok(1), 2));
    }

    #[test]
    fn what_was_sent_twice_is_written_once() {
        let mut log = Log::default();
        let batch = Batch::parse(batch(&[1, 2], (7, 0, 0))).unwrap();
        assert_eq!(log.append(&batch, 0), Ok(0));
        assert_eq!(log.append(&batch, 0), Ok(0));
        assert_eq!(log.end(), 2);
    }

    fn read(log: &Log, offset: i64, max_bytes: usize, at_least_one: bool) -> Bytes {
        log.read(offset, log.end(), max_bytes, at_least_one).records
    }

    fn log(batches: &[&[i64]]) -> Log {
        let mut log = Log::default();
        for times in batches {
            let batch = Batch::parse(batch(times, NOBODY)).unwrap();
            log.append(&batch, 2).unwrap();
        }
        log
    }
}
