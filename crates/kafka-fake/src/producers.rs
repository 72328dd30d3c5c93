//! What a partition remembers of the idempotent producers that wrote to it (KIP-98).

use std::collections::{BTreeMap, VecDeque};

use crate::{ErrorCode, batch::Batch};

/// The last batches of each producer.
#[derive(Debug, Default)]
pub(crate) struct Producers {
    by_id: BTreeMap<i64, Producer>,
}

#[derive(Debug)]
struct Producer {
    epoch: i16,
    /// The time of the latest record of the last batch.
    last_timestamp: i64,
    /// That of the coordinator who ended the last transaction.
    coordinator_epoch: i32,
    /// First and last sequence number, and the offset of the first record.
    batches: VecDeque<(i32, i32, i64)>,
}

/// What can be told of a producer (KIP-664).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ActiveProducer {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
    pub(crate) last_sequence: i32,
    pub(crate) last_timestamp: i64,
    pub(crate) coordinator_epoch: i32,
    /// Where its transaction begins.
    pub(crate) transaction_start: i64,
}

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is written.
    Append,
    /// It was written before, at this offset.
    Duplicate(i64),
}

impl Producers {
    /// Looks at a batch that is to be written.
    pub(crate) fn judge(&self, batch: &Batch) -> Result<Verdict, ErrorCode> {
        let Some(producer) = self.by_id.get(&batch.producer_id) else {
            // It may have been here before, and been forgotten; but not within a transaction.
            return match batch.is_transactional() && batch.base_sequence != 0 {
                true => Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
                false => Ok(Verdict::Append),
            };
        };
        if batch.producer_epoch < producer.epoch {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        if batch.producer_epoch > producer.epoch {
            return match first {
                0 => Ok(Verdict::Append),
                _ => Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
            };
        }
        let known = |(a, b, _): &&(i32, i32, i64)| (*a, *b) == (first, last);
        if let Some((_, _, offset)) = producer.batches.iter().find(known) {
            return Ok(Verdict::Duplicate(*offset));
        }
        // The first of an epoch is 0.
        let next = producer.last_sequence().checked_add(1).unwrap_or(0);
        if first != next {
            return Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
        Ok(Verdict::Append)
    }

    /// Remembers a batch that was written.
    pub(crate) fn remember(&mut self, batch: &Batch) {
        if batch.producer_id < 0 {
            return;
        }
        let producer = self.renew(batch);
        if producer.batches.len() == MAX_BATCHES {
            producer.batches.pop_front();
        }
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        producer
            .batches
            .push_back((first, last, batch.base_offset()));
    }

    /// Remembers that a transaction was ended by this marker.
    pub(crate) fn end_transaction(&mut self, marker: &Batch) {
        self.renew(marker).coordinator_epoch = COORDINATOR_EPOCH;
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = ActiveProducer> {
        self.by_id.iter().map(|(id, producer)| ActiveProducer {
            id: *id,
            epoch: producer.epoch,
            last_sequence: producer.last_sequence(),
            last_timestamp: producer.last_timestamp,
            coordinator_epoch: producer.coordinator_epoch,
            transaction_start: -1,
        })
    }

    /// The producer of a batch; if the epoch is new, its sequence numbers begin again.
    fn renew(&mut self, batch: &Batch) -> &mut Producer {
        let is_known = self.by_id.contains_key(&batch.producer_id);
        if !is_known && self.by_id.len() >= MAX_PRODUCERS {
            // Ids are given out in ascending order.
            self.by_id.pop_first();
        }
        let producer = self.by_id.entry(batch.producer_id).or_insert(Producer {
            epoch: batch.producer_epoch,
            last_timestamp: -1,
            coordinator_epoch: -1,
            batches: VecDeque::new(),
        });
        if producer.epoch != batch.producer_epoch {
            producer.epoch = batch.producer_epoch;
            producer.batches.clear();
        }
        producer.last_timestamp = batch.max_timestamp;
        producer
    }

    /// Forgets the batches from `offset` on, which are no longer there.
    pub(crate) fn forget_from(&mut self, offset: i64) {
        self.by_id.retain(|_, producer| {
            let before = producer.batches.len();
            producer.batches.retain(|(_, _, first)| *first < offset);
            !producer.batches.is_empty() || before == 0
        });
    }
}

impl Producer {
    fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |(_, last, _)| *last)
    }
}

/// The coordinator is always the first.
const COORDINATOR_EPOCH: i32 = 0;

/// How many batches Kafka remembers of a producer, which may have as many on their way.
const MAX_BATCHES: usize = 5;

const MAX_PRODUCERS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::tests::batch;

    #[test]
    fn the_last_five_batches_are_recognised_and_older_ones_are_out_of_order() {
        let mut producers = Producers::default();
        for n in 0..7 {
            assert_eq!(write(&mut producers, (9, 0, n), n), Ok(Verdict::Append));
        }
        for n in 2..7 {
            let again = producers.judge(&at((9, 0, n), 0));
            assert_eq!(again, Ok(Verdict::Duplicate(i64::from(n))));
        }
        for n in [0, 1, 8] {
            let verdict = producers.judge(&at((9, 0, n), 0));
            assert_eq!(verdict, Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER), "{n}");
        }
    }

    #[test]
    fn a_new_epoch_begins_at_zero_and_ends_the_one_before() {
        let mut producers = Producers::default();
        write(&mut producers, (9, 0, 0), 0).unwrap();
        for (producer, verdict) in [
            ((9, 1, 1), Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER)),
            ((9, 1, 0), Ok(Verdict::Append)),
        ] {
            assert_eq!(producers.judge(&at(producer, 0)), verdict);
        }
        write(&mut producers, (9, 1, 0), 1).unwrap();
        let late = producers.judge(&at((9, 0, 1), 0));
        assert_eq!(late, Err(ErrorCode::INVALID_PRODUCER_EPOCH));
    }

    #[test]
    fn a_producer_that_is_not_known_may_begin_anywhere() {
        let producers = Producers::default();
        assert_eq!(producers.judge(&at((9, 3, 42), 0)), Ok(Verdict::Append));
    }

    #[test]
    fn the_oldest_producers_are_forgotten() {
        let mut producers = Producers::default();
        for id in 0..=1000 {
            write(&mut producers, (id, 0, 0), 0).unwrap();
        }
        assert_eq!(producers.by_id.len(), MAX_PRODUCERS);
        assert!(!producers.by_id.contains_key(&0));
    }

    fn write(
        producers: &mut Producers,
        producer: (i64, i16, i32),
        offset: i32,
    ) -> Result<Verdict, ErrorCode> {
        let batch = at(producer, offset);
        let verdict = producers.judge(&batch)?;
        producers.remember(&batch);
        Ok(verdict)
    }

    fn at(producer: (i64, i16, i32), offset: i32) -> Batch {
        let batch = Batch::parse(batch(&[1], producer)).unwrap();
        batch.placed(offset.into(), 0)
    }
}
