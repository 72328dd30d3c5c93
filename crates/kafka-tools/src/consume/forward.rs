//! Reading from a position towards the end of the log.

use std::collections::{BTreeMap, BTreeSet};

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
    bounds: &Bounds,
) -> Result<ConsumeReport, Error> {
    let spans = plan
        .partitions
        .iter()
        .map(|(partition, progress)| {
            let end = bounds.wait_until.map_or(progress.end_offset, |_| i64::MAX);
            (
                partition.clone(),
                Span {
                    next: progress.next_offset,
                    end,
                },
            )
        })
        .collect();
    let scan = Scan::run(engine, spans, bounds, bounds.max_messages, bounds.max_bytes).await?;

    let partitions = plan
        .partitions
        .into_iter()
        .map(|(partition, progress)| PartitionProgress {
            next_offset: scan
                .spans
                .get(&partition)
                .map_or(progress.next_offset, |span| span.next),
            ..progress
        });
    let mut failures = plan.failures;
    failures.extend(scan.failures);
    Ok(ConsumeReport {
        partitions: partitions.collect(),
        stopped: scan.stopped,
        scanned_records: scan.scanned_records,
        scanned_bytes: scan.scanned_bytes,
        records: merge::by_time(scan.records),
        failures,
    })
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
        bounds: &Bounds,
        max_records: usize,
        max_bytes: usize,
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
            max_records: max_records.min(MAX_BATCH),
            max_bytes,
        };
        let opened = timeout_at(bounds.deadline, engine.open_reader(&starts, options)).await;
        let Ok(opened) = opened else {
            scan.stopped = StopReason::Timeout;
            return Ok(scan);
        };
        scan.drain(&mut *opened?, open, bounds, max_records, max_bytes)
            .await?;
        Ok(scan)
    }

    async fn drain(
        &mut self,
        reader: &mut dyn Reader,
        mut open: BTreeSet<(TopicName, i32)>,
        bounds: &Bounds,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<(), Error> {
        let until = bounds
            .wait_until
            .map_or(bounds.deadline, |wait| wait.min(bounds.deadline));
        while !open.is_empty() {
            if Instant::now() >= until {
                let waited = bounds.wait_until.is_some_and(|wait| wait < bounds.deadline);
                self.stopped = if waited {
                    StopReason::EndOfLog
                } else {
                    StopReason::Timeout
                };
                return Ok(());
            }
            let batch = match timeout_at(until, reader.next(MAX_WAIT)).await {
                Ok(Ok(batch)) => batch,
                Ok(Err(failure)) => {
                    self.fail(reader, &mut open, failure).await?;
                    continue;
                }
                Err(_) => continue,
            };
            let mut cut = BTreeSet::new();
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
const MAX_WAIT: std::time::Duration = std::time::Duration::from_millis(100);

/// The most records taken from the engine at once.
const MAX_BATCH: usize = 500;
