//! The records of a read that fit into a result.

use jiff::Timestamp;
use kafka_tools::{ConsumeReport, Record, StopReason};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    bookmark::Bookmarks,
    message::{self, Message},
    progress::Progress,
};
use crate::{
    failure::PartialErrors,
    moment,
    page::{Budget, Page, json_len},
};

#[derive(Serialize, JsonSchema)]
pub(in crate::tools) struct Transcript {
    as_of: String,
    messages: Vec<Message>,
    /// How many records were looked at; more than there are messages where the read stepped back
    /// from the end, or some are left out.
    scanned_records: usize,
    stopped: Stopped,
    has_more: bool,
    partitions: Vec<Progress>,
    #[serde(skip_serializing_if = "message::is_zero")]
    partitions_omitted: usize,
    #[serde(flatten)]
    page: Page,
    #[serde(flatten)]
    coverage: PartialErrors,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stopped {
    EndOfLog,
    Failed,
    MaxBytes,
    MaxMessages,
    Timeout,
    Unknown,
}

/// How much of a read is shown.
pub(super) struct Preview<'a> {
    pub(super) bookmarks: Bookmarks<'a>,
    /// The bytes of each value, if the caller says how many.
    pub(super) value_bytes: Option<usize>,
    /// Of the most recent records the newest matter; other reads go on behind the last one.
    pub(super) is_recent: bool,
    pub(super) budget: Budget,
}

impl Preview<'_> {
    pub(super) fn show(mut self, report: ConsumeReport, now: Timestamp) -> Transcript {
        let ConsumeReport {
            mut records,
            stopped,
            partitions,
            scanned_records,
            failures,
            ..
        } = report;
        let mut partitions: Vec<_> = partitions.into_iter().map(Progress::from).collect();
        let coverage = PartialErrors::from(failures);
        self.budget.take(&coverage);
        let mut progress_budget = self.budget.quarter().at_most(PROGRESS_BYTES);
        let progress_bytes = progress_budget.fitting(json_len(&partitions));
        // Once for the list, and once for the cursor, which says less.
        self.budget.reserve(2 * progress_bytes);

        let cursor_bytes = progress_budget.fitting(CURSOR_BYTES);

        if self.is_recent {
            records.reverse();
        }
        let mut messages = self.messages(&records);
        let omitted = records.get(messages.len()..).unwrap_or_default();
        if self.is_recent {
            messages.reverse();
        } else {
            for Record {
                topic,
                partition,
                offset,
                ..
            } in omitted
            {
                partitions
                    .iter_mut()
                    .for_each(|p| p.step_back(topic.as_str(), *partition, *offset));
            }
        }

        let has_more = partitions.iter().any(Progress::has_more);
        let page = Page {
            truncated: !omitted.is_empty(),
            omitted: omitted.len(),
            next_cursor: self.bookmarks.write(&partitions, cursor_bytes),
            hint: None,
        };
        let (partitions, partitions_omitted) = progress_budget.rows(partitions);
        let mut transcript = Transcript {
            as_of: moment::stamp(now),
            messages,
            scanned_records,
            stopped: stopped.into(),
            has_more,
            partitions,
            partitions_omitted,
            page,
            coverage,
        };
        transcript.page.hint = transcript.hint(self.is_recent);
        transcript
    }

    /// The first of `records`, as many as fit.
    fn messages(&mut self, records: &[Record]) -> Vec<Message> {
        let value_bytes = self.value_bytes.unwrap_or(match records {
            [_] => SINGLE_VALUE_BYTES,
            _ => VALUE_BYTES,
        });
        let mut messages = Vec::new();
        for record in records {
            let message = Message::new(record, value_bytes);
            if self.budget.take(&message) {
                messages.push(message);
            } else {
                if messages.is_empty() {
                    // A read gets on, whatever a record holds.
                    messages.push(self.cut(record));
                }
                break;
            }
        }
        messages
    }

    /// A record that does not fit, as much of it as does.
    fn cut(&mut self, record: &Record) -> Message {
        let message = Message::new(record, VALUE_BYTES);
        if self.budget.take(&message) {
            return message;
        }
        Message::brief(record)
    }
}

impl Transcript {
    /// What is missing from the answer, and how to get it.
    fn hint(&self, is_recent: bool) -> Option<String> {
        let is_early = !matches!(self.stopped, Stopped::EndOfLog | Stopped::MaxMessages);
        let has_gaps = is_early || !self.coverage.is_complete();
        let mut hints = Vec::new();
        if is_recent && has_gaps {
            hints.push(
                "the newest records of some partitions may be missing: narrow with partitions or \
                 max_messages, or raise max_bytes",
            );
        } else if !self.coverage.is_complete() {
            hints.push("some partitions could not be read: partial_errors says why");
        }
        hints.extend(self.next_step(is_recent, has_gaps));
        let omitted = self.partitions_omitted;
        let omitted = (omitted > 0).then(|| {
            format!("{omitted} entries of partitions are left out for size: narrow with partitions")
        });
        hints.extend(omitted.as_deref());
        (!hints.is_empty()).then(|| hints.join("; "))
    }

    fn next_step(&self, is_recent: bool, has_gaps: bool) -> Option<&'static str> {
        if self.page.truncated && is_recent {
            return Some(
                "older records are left out for size: ask for fewer, or read them by offset",
            );
        }
        if self.has_more && self.page.next_cursor.is_none() {
            return Some("too many partitions for a cursor: narrow with partitions");
        }
        if self.has_more {
            return Some("pass next_cursor as cursor to go on");
        }
        let waited_in_vain = self.stopped == Stopped::Timeout && self.coverage.is_complete();
        if self.messages.is_empty() && waited_in_vain && !is_recent {
            return Some("nothing came before the deadline; pass next_cursor as cursor to wait on");
        }
        if self.messages.is_empty() {
            return (self.stopped == Stopped::EndOfLog && !has_gaps)
                .then_some("there are no records here yet; next_cursor reads those to come");
        }
        let is_cut = self.messages.iter().any(Message::is_cut);
        is_cut.then_some("values are cut: max_value_bytes shows more of them")
    }
}

impl From<StopReason> for Stopped {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::EndOfLog => Self::EndOfLog,
            StopReason::Failed => Self::Failed,
            StopReason::MaxBytes => Self::MaxBytes,
            StopReason::MaxMessages => Self::MaxMessages,
            StopReason::Timeout => Self::Timeout,
            _ => Self::Unknown,
        }
    }
}

const VALUE_BYTES: usize = 512;
const SINGLE_VALUE_BYTES: usize = 4_096;
/// The longest list of where the read stands, and the longest cursor.
const PROGRESS_BYTES: usize = 4_096;
const CURSOR_BYTES: usize = 4_096;

#[cfg(test)]
mod tests;
