//! Stepping back from the end of the log to the most recent records.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::{
    Bounds, ConsumeReport, PartitionProgress, StopReason,
    forward::{Scan, Span},
    merge,
    plan::Plan,
};
use crate::{Error, PartialFailure, Record, TopicName, engine::Engine};

/// Reads the most recent records over all partitions, merged by time.
///
/// Offsets say nothing about how many records lie between them, so windows before the end are
/// read, each twice as far back as the one before, until enough records are there, the log start
/// is reached or a bound is met. A partition is stepped back further only while an older record
/// of it could still belong to the answer.
pub(super) async fn read(
    engine: &dyn Engine,
    plan: Plan,
    bounds: Bounds,
) -> Result<ConsumeReport, Error> {
    let tails = plan.partitions.values().map(|progress| {
        (
            (progress.topic.clone(), progress.partition),
            Tail {
                start: progress.log_start_offset,
                low: progress.end_offset,
                records: vec![],
            },
        )
    });
    let mut search = Search {
        tails: tails.collect(),
        wanted: bounds.max_messages,
        stopped: StopReason::EndOfLog,
        unread: BTreeMap::new(),
        scanned_records: 0,
        scanned_bytes: 0,
    };
    let failures = search.run(engine, bounds).await?;

    let low: BTreeMap<_, _> = search
        .tails
        .iter()
        .map(|(partition, tail)| (partition.clone(), tail.low))
        .collect();
    let exhausted = search.tails.values().all(|tail| tail.low <= tail.start);
    let records = search
        .tails
        .into_iter()
        .map(|(partition, tail)| (partition, tail.records));
    let mut records = merge::by_time(records.collect());
    let surplus = records.len().saturating_sub(search.wanted);
    records.drain(..surplus);
    let stopped = match search.stopped {
        StopReason::EndOfLog if surplus > 0 || !exhausted => StopReason::MaxMessages,
        stopped => stopped,
    };

    let partitions = plan
        .partitions
        .into_iter()
        .map(|(partition, progress)| PartitionProgress {
            first_offset: low.get(&partition).copied().unwrap_or(progress.end_offset),
            // A newest window that was not read to its end is where to go on.
            next_offset: search
                .unread
                .get(&partition)
                .copied()
                .unwrap_or(progress.end_offset),
            ..progress
        });
    Ok(ConsumeReport {
        records,
        stopped,
        partitions: partitions.collect(),
        scanned_records: search.scanned_records,
        scanned_bytes: search.scanned_bytes,
        failures: plan.failures.into_iter().chain(failures).collect(),
    })
}

/// The end of one partition's log, as far as it was read.
struct Tail {
    start: i64,
    /// Everything from here on was read.
    low: i64,
    records: Vec<Record>,
}

struct Search {
    tails: BTreeMap<(TopicName, i32), Tail>,
    wanted: usize,
    stopped: StopReason,
    /// Where the newest windows begin that could not be read to their end.
    unread: BTreeMap<(TopicName, i32), i64>,
    scanned_records: usize,
    scanned_bytes: usize,
}

impl Search {
    async fn run(
        &mut self,
        engine: &dyn Engine,
        bounds: Bounds,
    ) -> Result<Vec<PartialFailure>, Error> {
        let mut failures = Vec::new();
        let share = self.wanted.div_ceil(self.tails.len().max(1)).max(1);
        let mut step = i64::try_from(share).unwrap_or(i64::MAX);
        let mut spent = 0;
        let mut may_retry = true;
        loop {
            let spans = self.next_spans(step);
            if spans.is_empty() {
                return Ok(failures);
            }
            let left = bounds.max_bytes.saturating_sub(spent);
            if left == 0 || Instant::now() >= bounds.deadline {
                self.stopped = if left == 0 {
                    StopReason::MaxBytes
                } else {
                    StopReason::Timeout
                };
                return Ok(failures);
            }
            let lows: BTreeMap<_, _> = spans
                .iter()
                .map(|(partition, span)| (partition.clone(), span.next))
                .collect();
            // A window never holds more records than offsets.
            let offsets: i64 = spans.values().map(|span| span.end - span.next).sum();
            let window = Bounds {
                max_messages: usize::try_from(offsets).unwrap_or(usize::MAX),
                max_bytes: left,
                ..bounds
            };
            let scan = match Scan::run(engine, spans, window).await {
                Ok(scan) => scan,
                Err(error) if self.scanned_records == 0 => return Err(error),
                Err(error) => {
                    failures.push(PartialFailure::new("older records", error));
                    self.stopped = StopReason::Failed;
                    return Ok(failures);
                }
            };
            let cut = scan.stopped != StopReason::EndOfLog || !scan.failures.is_empty();
            let stopped = scan.stopped;
            spent += scan.scanned_bytes;
            let read = scan.records.values().map(Vec::len).max().unwrap_or(0);
            failures.extend(self.absorb(scan, &lows));
            if cut {
                // A window was read in part: its newest records are missing, so it is no use.
                // Where nothing else was found, one more try reads a window that fits.
                let smaller = i64::try_from(read / 2).unwrap_or(1).max(1);
                let found = self.tails.values().any(|tail| !tail.records.is_empty());
                if stopped == StopReason::MaxBytes && !found && may_retry && smaller < step {
                    (step, spent, may_retry) = (smaller, 0, false);
                    self.unread.clear();
                    continue;
                }
                self.stopped = stopped;
                return Ok(failures);
            }
            step = step.saturating_mul(2);
        }
    }

    /// The windows to read next: none if no older record can belong to the answer.
    fn next_spans(&self, step: i64) -> BTreeMap<(TopicName, i32), Span> {
        let mut times: Vec<i64> = self
            .tails
            .values()
            .flat_map(|tail| &tail.records)
            .map(|record| record.timestamp.map_or(i64::MIN, |time| time.millis))
            .collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        // The oldest time that belongs to the answer so far, once there are enough records.
        let cutoff = self
            .wanted
            .checked_sub(1)
            .and_then(|last| times.get(last))
            .copied();
        self.tails
            .iter()
            .filter(|(_, tail)| tail.low > tail.start && tail.may_hold_newer_than(cutoff))
            .map(|(partition, tail)| {
                let next = tail.low.saturating_sub(step).max(tail.start);
                (
                    partition.clone(),
                    Span {
                        next,
                        end: tail.low,
                    },
                )
            })
            .collect()
    }

    /// Takes the windows that were read to their end.
    fn absorb(
        &mut self,
        mut scan: Scan,
        lows: &BTreeMap<(TopicName, i32), i64>,
    ) -> Vec<PartialFailure> {
        self.scanned_records += scan.scanned_records;
        self.scanned_bytes += scan.scanned_bytes;
        for (partition, span) in scan.spans {
            let (Some(tail), Some(low)) = (self.tails.get_mut(&partition), lows.get(&partition))
            else {
                continue;
            };
            if span.next >= span.end {
                let mut records = scan.records.remove(&partition).unwrap_or_default();
                records.append(&mut tail.records);
                tail.records = records;
                tail.low = *low;
            } else if tail.records.is_empty() {
                self.unread.insert(partition, *low);
            }
        }
        scan.failures
    }
}

impl Tail {
    fn may_hold_newer_than(&self, cutoff: Option<i64>) -> bool {
        let Some(cutoff) = cutoff else { return true };
        let oldest = self.records.first();
        // Without a record there is nothing to compare with.
        oldest.is_none_or(|record| record.timestamp.is_none_or(|time| time.millis > cutoff))
    }
}
