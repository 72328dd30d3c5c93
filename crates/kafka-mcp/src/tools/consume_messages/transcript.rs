//! The records of a read that fit into a result.

use jiff::Timestamp;
use kafka_tools::{ConsumeReport, Record, StopReason};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    message::Message,
    progress::{self, Progress},
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
    stopped: Stopped,
    has_more: bool,
    partitions: Vec<Progress>,
    #[serde(flatten)]
    page: Page,
    #[serde(flatten)]
    coverage: PartialErrors,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stopped {
    EndOfLog,
    MaxBytes,
    MaxMessages,
    Timeout,
    Unknown,
}

/// How much of a read is shown.
pub(super) struct Preview {
    /// The bytes of each value, if the caller says how many.
    pub(super) value_bytes: Option<usize>,
    /// Of the most recent records the newest matter; other reads go on behind the last one.
    pub(super) is_recent: bool,
    pub(super) budget: Budget,
}

impl Preview {
    pub(super) fn show(mut self, report: ConsumeReport, now: Timestamp) -> Transcript {
        let ConsumeReport {
            mut records,
            stopped,
            partitions,
            failures,
            ..
        } = report;
        let mut partitions: Vec<_> = partitions.into_iter().map(Progress::from).collect();
        let coverage = PartialErrors::from(failures);
        let mut progress_budget = self.budget.at_most(PROGRESS_BYTES);
        let progress_bytes = json_len(&partitions).min(PROGRESS_BYTES);
        // Once for the list, and once for the cursor, which says less.
        self.budget
            .reserve(json_len(&coverage) + 2 * progress_bytes);

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
        let mut page = Page {
            truncated: !omitted.is_empty(),
            omitted: omitted.len(),
            next_cursor: progress::next_cursor(&partitions),
            hint: None,
        };
        page.hint = self.hint(&messages, has_more, &page).map(str::to_owned);
        let (partitions, _) = progress_budget.rows(partitions);
        let (as_of, stopped) = (moment::stamp(now), stopped.into());
        Transcript {
            as_of,
            messages,
            stopped,
            has_more,
            partitions,
            page,
            coverage,
        }
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
            } else if messages.is_empty() {
                // A read gets on, whatever a record holds.
                return vec![Message::new(record, VALUE_BYTES)];
            } else {
                break;
            }
        }
        messages
    }

    fn hint(&self, messages: &[Message], has_more: bool, page: &Page) -> Option<&'static str> {
        if page.truncated && self.is_recent {
            return Some(
                "older records are left out for size: ask for fewer, or read them by offset",
            );
        }
        if has_more && page.next_cursor.is_none() {
            return Some("too many partitions for a cursor: narrow with partitions");
        }
        if has_more {
            return Some("pass next_cursor as cursor to go on");
        }
        if messages.is_empty() {
            return Some("there are no records here yet; next_cursor reads those to come");
        }
        let is_cut = messages.iter().any(Message::is_cut);
        is_cut.then_some("values are cut: max_value_bytes shows more of them")
    }
}

impl From<StopReason> for Stopped {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::EndOfLog => Self::EndOfLog,
            StopReason::MaxBytes => Self::MaxBytes,
            StopReason::MaxMessages => Self::MaxMessages,
            StopReason::Timeout => Self::Timeout,
            _ => Self::Unknown,
        }
    }
}

const VALUE_BYTES: usize = 512;
const SINGLE_VALUE_BYTES: usize = 4_096;
const PROGRESS_BYTES: usize = 4_096;
