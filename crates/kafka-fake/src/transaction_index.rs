//! The transactions that wrote to a partition (KIP-98).

use std::collections::BTreeMap;

/// Those that are open, and those that were aborted.
#[derive(Debug, Default)]
pub(crate) struct TransactionIndex {
    /// The first offset by the id of the producer, which has one at a time.
    open: BTreeMap<i64, i64>,
    /// In the order in which they ended.
    aborted: Vec<Aborted>,
}

/// A transaction whose records nobody is to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aborted {
    pub(crate) producer_id: i64,
    pub(crate) first_offset: i64,
    /// Where the marker is.
    last_offset: i64,
}

impl TransactionIndex {
    /// A producer wrote at `offset`, which begins a transaction if it has none.
    pub(crate) fn write(&mut self, producer_id: i64, offset: i64) {
        self.open.entry(producer_id).or_insert(offset);
    }

    /// The transaction of a producer was committed.
    pub(crate) fn commit(&mut self, producer_id: i64) {
        self.open.remove(&producer_id);
    }

    /// The transaction of a producer was aborted, by a marker at `offset`.
    pub(crate) fn abort(&mut self, producer_id: i64, offset: i64) {
        if let Some(first_offset) = self.open.remove(&producer_id) {
            self.aborted.push(Aborted {
                producer_id,
                first_offset,
                last_offset: offset,
            });
        }
    }

    /// Where the oldest of the open transactions began.
    pub(crate) fn first_open(&self) -> Option<i64> {
        self.open.values().min().copied()
    }

    /// Where the open transaction of a producer began.
    pub(crate) fn opened_by(&self, producer_id: i64) -> Option<i64> {
        self.open.get(&producer_id).copied()
    }

    /// Those aborted ones that have records from `from` on and before `to`.
    pub(crate) fn aborted(&self, from: i64, to: i64) -> impl Iterator<Item = Aborted> {
        let all = self.aborted.iter().copied();
        all.filter(move |aborted| aborted.last_offset >= from && aborted.first_offset < to)
    }

    /// Forgets what is wholly before `start`.
    pub(crate) fn forget_before(&mut self, start: i64) {
        self.aborted.retain(|aborted| aborted.last_offset >= start);
    }

    /// Forgets what happened from `end` on: one that was aborted there is open again. A commit is
    /// not remembered, and stays one.
    pub(crate) fn forget_from(&mut self, end: i64) {
        self.open.retain(|_, first| *first < end);
        let reopened = self
            .aborted
            .extract_if(.., |aborted| aborted.last_offset >= end);
        let reopened = reopened.filter(|aborted| aborted.first_offset < end);
        let reopened = reopened.map(|aborted| (aborted.producer_id, aborted.first_offset));
        self.open.extend(reopened);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_whose_end_is_lost_is_open_again() {
        let mut index = TransactionIndex::default();
        index.write(7, 10);
        index.abort(7, 12);
        index.write(8, 13);
        index.forget_from(12);
        assert_eq!(index.first_open(), Some(10));
        assert_eq!(index.aborted(0, 100).count(), 0);
        index.forget_from(10);
        assert_eq!(index.first_open(), None);
    }

    #[test]
    fn an_aborted_transaction_concerns_those_who_read_between_its_first_record_and_its_marker() {
        let mut index = TransactionIndex::default();
        index.write(7, 10);
        index.write(7, 12);
        index.write(8, 11);
        assert_eq!(index.first_open(), Some(10));
        index.abort(7, 15);
        assert_eq!(index.first_open(), Some(11));
        index.commit(8);
        assert_eq!(index.first_open(), None);
        for (from, to, concerned) in [
            (0, 10, false),
            (0, 11, true),
            (15, 20, true),
            (16, 20, false),
        ] {
            assert_eq!(
                index.aborted(from, to).count() == 1,
                concerned,
                "{from} {to}"
            );
        }
        index.forget_before(15);
        assert_eq!(index.aborted(0, 20).count(), 1);
        index.forget_before(16);
        assert_eq!(index.aborted(0, 20).count(), 0);
    }

    #[test]
    fn who_wrote_nothing_leaves_nothing_when_it_aborts() {
        let mut index = TransactionIndex::default();
        index.abort(7, 15);
        assert_eq!(index.aborted(0, 20).count(), 0);
    }
}
