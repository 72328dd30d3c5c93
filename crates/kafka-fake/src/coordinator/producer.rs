//! One producer: its epochs, and what is in its transaction.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::{Duration, Instant};

use crate::{ErrorCode, batch::Ending, groups::Committed};

/// Who a request says it comes from: an id, and one of its epochs.
pub(crate) type Identity = (i64, i16);

/// A producer that has a transactional id.
#[derive(Debug)]
pub(crate) struct TransactionalProducer {
    id: i64,
    epoch: i16,
    /// The epoch before, if who had it may not have heard of the one that follows.
    previous_epoch: i16,
    /// How long a transaction may take, in milliseconds.
    timeout: i32,
    status: Status,
    /// When the last transaction began, in milliseconds since 1970; -1 if there was none since the
    /// producer began.
    started: i64,
    /// Whether the last transaction ended with an epoch of its own (KIP-890).
    is_renewed: bool,
    partitions: BTreeSet<(String, i32)>,
    offsets: BTreeMap<PendingKey, Committed>,
}

/// Group, topic and partition.
type PendingKey = (String, String, i32);

/// Where a producer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Complete(Ending),
    Empty,
    Ongoing { deadline: Instant },
}

impl Status {
    /// As Kafka calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Complete(Ending::Abort) => "CompleteAbort",
            Self::Complete(Ending::Commit) => "CompleteCommit",
            Self::Empty => "Empty",
            Self::Ongoing { .. } => "Ongoing",
        }
    }
}

/// A transaction that has ended, except that nobody has been told yet.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) ending: Ending,
    /// Who the markers are of.
    pub(crate) producer: Identity,
    pub(crate) partitions: BTreeSet<(String, i32)>,
    pub(crate) offsets: BTreeMap<PendingKey, Committed>,
}

/// What becomes of a producer that begins anew.
#[derive(Debug)]
pub(crate) enum Initialized {
    /// Its transaction was aborted; it asks again.
    Fenced(Ended),
    Ready(Identity),
}

impl TransactionalProducer {
    pub(crate) fn new(id: i64) -> Self {
        Self {
            id,
            epoch: NONE,
            previous_epoch: NONE,
            timeout: 0,
            status: Status::Empty,
            started: NEVER,
            is_renewed: false,
            partitions: BTreeSet::new(),
            offsets: BTreeMap::new(),
        }
    }

    pub(crate) fn identity(&self) -> Identity {
        (self.id, self.epoch)
    }

    pub(crate) fn timeout(&self) -> i32 {
        self.timeout
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }

    pub(crate) fn started(&self) -> i64 {
        self.started
    }

    pub(crate) fn partitions(&self) -> &BTreeSet<(String, i32)> {
        &self.partitions
    }

    pub(crate) fn offsets(&self) -> &BTreeMap<PendingKey, Committed> {
        &self.offsets
    }

    /// Whether its transaction takes longer than allowed.
    pub(crate) fn is_late(&self, now: Instant) -> bool {
        matches!(self.status, Status::Ongoing { deadline } if deadline <= now)
    }

    /// Begins anew, and fences whoever has an epoch from before. A producer may say who it was
    /// (KIP-360).
    pub(crate) fn initialize(
        &mut self,
        was: Option<Identity>,
        timeout: i32,
        new_id: impl FnOnce() -> i64,
    ) -> Result<Initialized, ErrorCode> {
        let is_new = self.epoch == NONE;
        if !is_new && was.is_some_and(|(id, _)| id != self.id) {
            return Err(ErrorCode::PRODUCER_FENCED);
        }
        if matches!(self.status, Status::Ongoing { .. }) {
            return Ok(Initialized::Fenced(self.fence()));
        }
        match was {
            Some((_, epoch)) if !is_new && epoch == self.previous_epoch => {}
            Some((_, epoch)) if !is_new && epoch != self.epoch => {
                return Err(ErrorCode::PRODUCER_FENCED);
            }
            _ => {
                self.previous_epoch = was.map_or(NONE, |_| self.epoch);
                self.renew(new_id);
            }
        }
        self.timeout = timeout;
        self.status = Status::Empty;
        self.started = NEVER;
        Ok(Initialized::Ready(self.identity()))
    }

    /// Checks who asks.
    pub(crate) fn check(&self, (id, epoch): Identity) -> Result<(), ErrorCode> {
        if id != self.id {
            return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
        }
        if epoch != self.epoch {
            return Err(ErrorCode::PRODUCER_FENCED);
        }
        Ok(())
    }

    /// Adds partitions to the transaction, which begins with the first.
    pub(crate) fn add(&mut self, partitions: impl IntoIterator<Item = (String, i32)>, now: i64) {
        if !matches!(self.status, Status::Ongoing { .. }) {
            let timeout = u64::try_from(self.timeout).unwrap_or_default();
            self.status = Status::Ongoing {
                deadline: Instant::now() + Duration::from_millis(timeout),
            };
            self.started = now;
        }
        self.partitions.extend(partitions);
    }

    /// Keeps an offset until the transaction is committed.
    pub(crate) fn commit_later(
        &mut self,
        key: PendingKey,
        committed: Committed,
    ) -> Result<(), ErrorCode> {
        if self.offsets.len() >= MAX_OFFSETS && !self.offsets.contains_key(&key) {
            return Err(ErrorCode::POLICY_VIOLATION);
        }
        self.offsets.insert(key, committed);
        Ok(())
    }

    /// Forgets the offsets for what is deleted.
    pub(crate) fn forget(&mut self, is_deleted: impl Fn(&str, &str, i32) -> bool) {
        self.offsets
            .retain(|(group, topic, partition), _| !is_deleted(group, topic, *partition));
    }

    /// Ends the transaction; `None` if that was done before. With `renews` the next one has an
    /// epoch of its own, so that nothing late can get into it (KIP-890).
    pub(crate) fn end(
        &mut self,
        producer: Identity,
        ending: Ending,
        renews: bool,
        new_id: impl FnOnce() -> i64,
    ) -> Result<Option<Ended>, ErrorCode> {
        let (id, epoch) = producer;
        let is_again = renews
            && self.is_renewed
            && matches!(self.status, Status::Complete(_))
            && (id, epoch.checked_add(1)) == (self.id, Some(self.epoch));
        if !is_again {
            self.check(producer)?;
        }
        match self.status {
            Status::Ongoing { .. } => Ok(Some(self.finish(ending, renews, new_id))),
            Status::Complete(done) if done == ending && (is_again || !renews) => Ok(None),
            // There is nothing to abort, but perhaps something late.
            _ if renews && !is_again && ending == Ending::Abort => {
                Ok(Some(self.finish(ending, renews, new_id)))
            }
            _ => Err(ErrorCode::INVALID_TXN_STATE),
        }
    }

    /// Aborts the transaction against the will of whoever is in it.
    pub(crate) fn fence(&mut self) -> Ended {
        self.epoch = self.epoch.saturating_add(1);
        self.previous_epoch = NONE;
        let id = self.id;
        let ended = self.finish(Ending::Abort, false, || id);
        // Whoever was in it may abort it as well, and gets the epoch that there is now.
        self.is_renewed = true;
        ended
    }

    fn finish(&mut self, ending: Ending, renews: bool, new_id: impl FnOnce() -> i64) -> Ended {
        let mut producer = self.identity();
        if renews {
            producer.1 = producer.1.saturating_add(1);
            self.previous_epoch = self.epoch;
            self.renew(new_id);
        }
        self.is_renewed = renews;
        self.status = Status::Complete(ending);
        Ended {
            ending,
            producer,
            partitions: std::mem::take(&mut self.partitions),
            offsets: std::mem::take(&mut self.offsets),
        }
    }

    /// Moves on to the next epoch, or to another id when they are used up.
    fn renew(&mut self, new_id: impl FnOnce() -> i64) {
        if self.epoch >= LAST_EPOCH {
            self.id = new_id();
            self.epoch = 0;
        } else {
            self.epoch += 1;
        }
    }
}

const NONE: i16 = -1;

const NEVER: i64 = -1;

/// The last epoch that a producer gets; the one after it is for fencing.
const LAST_EPOCH: i16 = i16::MAX - 1;

/// The most offsets in a transaction, so that no client can fill the memory with them.
const MAX_OFFSETS: usize = 10_000;

#[cfg(test)]
mod tests;
