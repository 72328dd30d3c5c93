//! Reading records.

mod forward;
mod merge;
mod plan;
mod recent;

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use self::plan::Plan;
use crate::{Client, Error, PartialFailure, Record, TopicName};

impl Client {
    /// Reads records by assignment: no consumer group is joined, nothing is committed, and no
    /// topic is created.
    ///
    /// The read ends at the end that each partition has at the start, which it judges by position
    /// and not by records received, so that open transactions, control records and gaps left by
    /// compaction never hang it. When the deadline passes after some records were read, these are
    /// returned, with [`StopReason::Timeout`].
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTopic`], [`Error::UnknownPartition`], [`Error::OffsetOutOfRange`], or any
    /// failure before the first record. Failures of single partitions beside others are in the
    /// report.
    pub async fn consume(&self, request: ConsumeRequest) -> Result<ConsumeReport, Error> {
        let after = self.deadline(request.timeout);
        let started = Instant::now();
        // What was read has to reach the caller before its own deadline.
        let bounds = Bounds {
            max_messages: request.max_messages.min(self.config().limits.max_records),
            max_bytes: request
                .max_bytes
                .unwrap_or(usize::MAX)
                .min(self.config().limits.max_scan_bytes),
            isolation: request.isolation,
            deadline: started + after - (after / 10).min(MAX_MARGIN),
        };
        let engine = &*self.engine;
        let plan = Plan::make(engine, &request);
        let plan = self
            .within("reading offsets", request.timeout, plan)
            .await?;
        let report = if request.position == Position::Recent {
            recent::read(engine, plan, bounds).await
        } else {
            forward::read(engine, plan, bounds).await
        };
        let mut report = report.map_err(|error| self.failed(error))?;
        let reached_end = report.stopped == StopReason::EndOfLog;
        if reached_end && !request.wait.is_zero() {
            let waited = forward::wait(engine, &mut report, bounds, request.wait).await;
            waited.map_err(|error| self.failed(error))?;
        }
        // Where all that was there has been read, it is no failure that nothing came.
        if report.stopped == StopReason::Timeout && !reached_end && !report.got_anywhere() {
            return Err(self.failed(Error::timeout("reading records", after)));
        }
        self.complete_parts(&mut report.failures);
        Ok(report)
    }
}

/// What ends a read.
#[derive(Clone, Copy)]
struct Bounds {
    max_messages: usize,
    max_bytes: usize,
    isolation: Isolation,
    deadline: Instant,
}

/// How long before the deadline a read ends at most.
const MAX_MARGIN: Duration = Duration::from_millis(500);

/// Which records to read. Reading joins no consumer group and commits nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConsumeRequest {
    /// The topics; they have to exist.
    pub topics: Vec<TopicName>,
    /// Only these partitions (of every topic); empty means all.
    pub partitions: Vec<i32>,
    /// Where to start.
    pub position: Position,
    /// The most records to return. Default: 10.
    pub max_messages: usize,
    /// The most bytes of records to scan; at most
    /// [`Limits::max_scan_bytes`](crate::Limits::max_scan_bytes), which is the default.
    pub max_bytes: Option<usize>,
    /// Whether records of open and aborted transactions are read.
    pub isolation: Isolation,
    /// How long to wait for new records once the end of the log is reached. Default: not at all.
    pub wait: Duration,
    /// A deadline shorter than [`KafkaConfig::timeout`](crate::KafkaConfig::timeout).
    pub timeout: Option<Duration>,
}

impl ConsumeRequest {
    /// Reads the ten most recent records of `topics`.
    #[must_use]
    pub fn new(topics: Vec<TopicName>) -> Self {
        Self {
            topics,
            partitions: Vec::new(),
            position: Position::default(),
            max_messages: 10,
            max_bytes: None,
            isolation: Isolation::default(),
            wait: Duration::ZERO,
            timeout: None,
        }
    }
}

/// Where to start reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// The first record of the log.
    Earliest,
    /// The end of the log: only records written from now on. Useful with
    /// [`ConsumeRequest::wait`], or to learn where to go on later.
    Latest,
    /// This offset, in every partition that is read.
    Offset(i64),
    /// These offsets; other partitions are not read. This is how a read goes on where one stopped.
    Offsets(BTreeMap<(TopicName, i32), i64>),
    /// The most recent `max_messages` records over all partitions, merged by time.
    #[default]
    Recent,
    /// The first record whose timestamp is at or after this, in milliseconds since the Unix epoch.
    Timestamp(i64),
}

/// Whether records of open and aborted transactions are read (`isolation.level`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// Only committed records, up to the last stable offset.
    #[default]
    ReadCommitted,
    /// All records, up to the high watermark.
    ReadUncommitted,
}

/// The records, and how the read went.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConsumeReport {
    /// The records in the order of their timestamps; those of one partition in order of offset.
    pub records: Vec<Record>,
    /// Why the read ended.
    pub stopped: StopReason,
    /// Every partition that was read, sorted by topic and partition.
    pub partitions: Vec<PartitionProgress>,
    /// How many records were looked at, more than were returned where the read stepped back.
    pub scanned_records: usize,
    /// How many bytes of keys, values and headers these had.
    pub scanned_bytes: usize,
    /// Partitions that could not be read, or not to the end.
    pub failures: Vec<PartialFailure>,
}

impl ConsumeReport {
    /// Whether the read found a record, or at least that there is none where it looked.
    fn got_anywhere(&self) -> bool {
        let moved = |progress: &PartitionProgress| progress.next_offset > progress.first_offset;
        self.scanned_records > 0 || self.partitions.iter().any(moved)
    }
}

/// Why a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// Every partition was read to the end that it had at the start.
    EndOfLog,
    /// The byte limit was reached.
    MaxBytes,
    /// Some partitions could not be read to the end; the failures say why.
    Failed,
    /// The record limit was reached.
    MaxMessages,
    /// The deadline passed.
    Timeout,
}

/// Where a read stands in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionProgress {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The first offset of the log at the start of the read.
    pub log_start_offset: i64,
    /// The end of the readable log at the start of the read: the last stable offset or the high
    /// watermark.
    pub end_offset: i64,
    /// Where the read began.
    pub first_offset: i64,
    /// Where to go on: the offset after the last one that was returned or skipped.
    pub next_offset: i64,
}

impl PartitionProgress {
    /// Whether records remain between here and the end of the log.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.next_offset < self.end_offset
    }
}
