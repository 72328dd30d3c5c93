//! Reading from a position towards the end of the log.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use super::{Bounds, ConsumeReport, PartitionProgress, StopReason, merge, plan::Plan};
use crate::{
    Error, PartialFailure, Record, TopicName,
    engine::{Engine, ReadFailure, ReadOptions, Reader},
};

/// Reads from where the plan begins.
pub(super) async fn read(
    engine: &dyn Engine,
    plan: Plan,
    bounds: Bounds,
) -> Result<ConsumeReport, Error> {
    let mut report = ConsumeReport {
        records: Vec::new(),
        stopped: StopReason::EndOfLog,
        partitions: plan.partitions.into_values().collect(),
        scanned_records: 0,
        scanned_bytes: 0,
        failures: plan.failures,
    };
    report
        .go_on(engine, bounds, |progress| progress.end_offset)
        .await?;
    Ok(report)
}

/// Waits at the end of the log for new records, until there are enough or `wait` is over.
pub(super) async fn wait(
    engine: &dyn Engine,
    report: &mut ConsumeReport,
    bounds: Bounds,
    wait: Duration,
) -> Result<(), Error> {
    let over = Instant::now() + wait;
    let rest = Bounds {
        max_messages: bounds.max_messages.saturating_sub(report.records.len()),
        max_bytes: bounds.max_bytes.saturating_sub(report.scanned_bytes),
        deadline: over.min(bounds.deadline),
        ..bounds
    };
    if rest.max_messages == 0 || rest.max_bytes == 0 {
        return Ok(());
    }
    report.go_on(engine, rest, |_| i64::MAX).await?;
    if report.stopped == StopReason::Timeout && over <= bounds.deadline {
        report.stopped = StopReason::EndOfLog;
    }
    Ok(())
}

impl ConsumeReport {
    /// Reads every partition from where it stands to `end`.
    async fn go_on(
        &mut self,
        engine: &dyn Engine,
        bounds: Bounds,
        end: impl Fn(&PartitionProgress) -> i64,
    ) -> Result<(), Error> {
        let spans = self.partitions.iter().map(|progress| {
            let partition = (progress.topic.clone(), progress.partition);
            let next = progress.next_offset;
            (
                partition,
                Span {
                    next,
                    end: end(progress),
                },
            )
        });
        let scan = Scan::run(engine, spans.collect(), bounds).await?;
        for progress in &mut self.partitions {
            let partition = (progress.topic.clone(), progress.partition);
            if let Some(span) = scan.spans.get(&partition) {
                progress.next_offset = span.next;
                progress.end_offset = progress.end_offset.max(span.next);
            }
        }
        self.records.extend(merge::by_time(scan.records));
        self.stopped = scan.stopped;
        self.scanned_records += scan.scanned_records;
        self.scanned_bytes += scan.scanned_bytes;
        self.failures.extend(scan.failures);
        Ok(())
    }
}

/// What remains to be read of a partition: `next..end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) next: i64,
    pub(super) end: i64,
}

/// One pass over spans of several partitions.
pub(super) struct Scan {
    pub(super) records: BTreeMap<(TopicName, i32), Vec<Record>>,
    pub(super) spans: BTreeMap<(TopicName, i32), Span>,
    pub(super) stopped: StopReason,
    pub(super) scanned_records: usize,
    pub(super) scanned_bytes: usize,
    pub(super) failures: Vec<PartialFailure>,
}

impl Scan {
    /// Reads `spans` until they or the bounds are exhausted.
    pub(super) async fn run(
        engine: &dyn Engine,
        spans: BTreeMap<(TopicName, i32), Span>,
        bounds: Bounds,
    ) -> Result<Self, Error> {
        let open: BTreeSet<_> = spans
            .iter()
            .filter(|(_, span)| span.next < span.end)
            .map(|(partition, _)| partition.clone())
            .collect();
        let mut scan = Self {
            records: BTreeMap::new(),
            spans,
            stopped: StopReason::EndOfLog,
            scanned_records: 0,
            scanned_bytes: 0,
            failures: Vec::new(),
        };
        if open.is_empty() {
            return Ok(scan);
        }
        let starts = scan
            .spans
            .iter()
            .filter(|(partition, _)| open.contains(*partition))
            .map(|(partition, span)| (partition.clone(), span.next))
            .collect();
        let options = ReadOptions {
            isolation: bounds.isolation,
            max_records: bounds.max_messages.min(MAX_BATCH),
            max_bytes: bounds.max_bytes,
        };
        let opened = timeout_at(bounds.deadline, engine.open_reader(&starts, options)).await;
        let Ok(opened) = opened else {
            scan.stopped = StopReason::Timeout;
            return Ok(scan);
        };
        let count = open.len();
        scan.drain(engine, &mut *opened?, open, bounds).await?;
        // A read that was refused altogether has no result.
        let refused =
            |failure: &PartialFailure| matches!(failure.error, Error::Authorization { .. });
        if scan.scanned_records == 0
            && scan.failures.len() == count
            && scan.failures.iter().all(refused)
            && let Some(failure) = scan.failures.pop()
        {
            return Err(failure.error);
        }
        Ok(scan)
    }

    async fn drain(
        &mut self,
        engine: &dyn Engine,
        reader: &mut dyn Reader,
        mut open: BTreeSet<(TopicName, i32)>,
        bounds: Bounds,
    ) -> Result<(), Error> {
        let Bounds {
            max_messages: max_records,
            max_bytes,
            deadline,
            ..
        } = bounds;
        let mut look = Instant::now();
        while !open.is_empty() {
            let stood = self.stands(&open);
            if Instant::now() >= deadline {
                self.stopped = StopReason::Timeout;
                return Ok(());
            }
            let batch = match timeout_at(deadline, reader.next(MAX_WAIT)).await {
                Ok(Ok(batch)) => batch,
                Ok(Err(failure)) => {
                    self.fail(reader, &mut open, failure).await?;
                    continue;
                }
                Err(_) => continue,
            };
            let mut cut = BTreeSet::new();
            let is_idle = batch.is_empty();
            for record in batch {
                self.accept(record, max_records, max_bytes, &mut cut);
            }
            let mut done = Vec::new();
            for partition in &open {
                let position = reader.position(partition).await;
                let Some(span) = self.spans.get_mut(partition) else {
                    continue;
                };
                // Where records were left over, the read stands before the first of them.
                if !cut.contains(partition) {
                    span.next = position.unwrap_or(span.next).clamp(span.next, span.end);
                }
                if span.next >= span.end {
                    done.push(partition.clone());
                }
            }
            for partition in done {
                reader.pause(&partition).await;
                open.remove(&partition);
            }
            if is_idle && self.stands(&open) == stood && Instant::now() >= look {
                self.give_up_refused(engine, reader, &mut open, deadline)
                    .await?;
                look = Instant::now() + LOOK_AGAIN;
            }
            if self.scanned_records >= max_records && !open.is_empty() {
                self.stopped = StopReason::MaxMessages;
                return Ok(());
            }
            if self.scanned_bytes >= max_bytes && !open.is_empty() {
                self.stopped = StopReason::MaxBytes;
                return Ok(());
            }
        }
        Ok(())
    }

    /// How far the partitions are together.
    fn stands(&self, open: &BTreeSet<(TopicName, i32)>) -> i64 {
        let spans = open
            .iter()
            .filter_map(|partition| self.spans.get(partition));
        spans.fold(0, |sum, span| sum.wrapping_add(span.next))
    }

    /// Gives up partitions of which records are known to be there, and that may not be read: an
    /// engine may take a fetch that is refused for a pause.
    async fn give_up_refused(
        &mut self,
        engine: &dyn Engine,
        reader: &mut dyn Reader,
        open: &mut BTreeSet<(TopicName, i32)>,
        deadline: Instant,
    ) -> Result<(), Error> {
        let is_owed = |partition: &&(TopicName, i32)| {
            let span = self.spans.get(*partition);
            span.is_some_and(|span| span.end != i64::MAX)
        };
        let owed: Vec<_> = open.iter().filter(is_owed).cloned().collect();
        let topics: BTreeSet<&TopicName> = owed.iter().map(|(topic, _)| topic).collect();
        for topic in topics {
            let deadline = deadline.min(Instant::now() + LOOK_AGAIN);
            let may_read = match timeout_at(deadline, engine.describe_topic(topic)).await {
                Ok(Ok(described)) => described.may_read != Some(false),
                Ok(Err(Error::Authorization { .. })) => false,
                Ok(Err(_)) | Err(_) => true,
            };
            if may_read {
                continue;
            }
            for partition in owed.iter().filter(|(name, _)| name == topic) {
                let failure = ReadFailure {
                    partition: Some(partition.clone()),
                    error: Error::may_not_read(topic),
                };
                self.fail(reader, open, failure).await?;
            }
        }
        Ok(())
    }

    /// Keeps a record, or notes its partition as cut where a bound leaves no room for it.
    fn accept(
        &mut self,
        record: Record,
        max_records: usize,
        max_bytes: usize,
        cut: &mut BTreeSet<(TopicName, i32)>,
    ) {
        let partition = (record.topic.clone(), record.partition);
        let Some(span) = self.spans.get_mut(&partition) else {
            return;
        };
        // It was written after the read began.
        if record.offset >= span.end {
            return;
        }
        let full = self.scanned_records >= max_records || self.scanned_bytes >= max_bytes;
        if full || cut.contains(&partition) {
            cut.insert(partition);
            return;
        }
        span.next = record.offset + 1;
        self.scanned_records += 1;
        self.scanned_bytes += record.size();
        self.records.entry(partition).or_default().push(record);
    }

    /// Gives up the partition that failed, or everything if nobody knows which one.
    async fn fail(
        &mut self,
        reader: &mut dyn Reader,
        open: &mut BTreeSet<(TopicName, i32)>,
        failure: ReadFailure,
    ) -> Result<(), Error> {
        let ReadFailure { partition, error } = failure;
        if self.scanned_records == 0 && self.failures.is_empty() && open.len() <= 1 {
            return Err(error);
        }
        self.stopped = StopReason::Failed;
        match partition {
            Some(partition) => {
                reader.pause(&partition).await;
                open.remove(&partition);
                let subject = format!("{}-{}", partition.0, partition.1);
                self.failures.push(PartialFailure::new(subject, error));
            }
            None if self.scanned_records == 0 => return Err(error),
            None => {
                open.clear();
                self.failures
                    .push(PartialFailure::new("the rest of the read", error));
            }
        }
        Ok(())
    }
}

/// How long to wait for records before the bounds are looked at again.
const MAX_WAIT: Duration = Duration::from_millis(100);

/// How long to wait before rights are looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The most records taken from the engine at once.
const MAX_BATCH: usize = 500;
