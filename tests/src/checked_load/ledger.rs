//! What was written, and what an answer may therefore say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What was written, and what became of it.
#[derive(Debug)]
pub(super) struct Ledger {
    partitions: i32,
    /// Records by their number, which is their value too.
    records: BTreeMap<u64, (i32, Fate)>,
    /// Offsets that were acknowledged, with the numbers of the records, by partition.
    acknowledged: BTreeMap<i32, BTreeMap<i64, u64>>,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was acknowledged, at this offset.
    At(i64),
    /// It may have been written, once at most.
    Maybe,
    /// The call has not ended.
    Pending,
    /// It was not written.
    Refused,
    /// It was acknowledged, and is at an offset that nobody knows.
    Somewhere,
}

/// A read, and what was acknowledged before it began.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) partition: i32,
    pub(super) start: Start,
    /// The highest offset that was acknowledged before.
    last: Option<i64>,
}

/// Where a read starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Offset(i64),
    Recent,
}

impl Ledger {
    pub(super) fn new(partitions: i32) -> Self {
        Self {
            partitions,
            records: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
        }
    }

    /// Notes that a record is about to be written, and says to which partition.
    pub(super) fn begin(&mut self, number: u64) -> i32 {
        let partition = self.partition(number);
        self.records.insert(number, (partition, Fate::Pending));
        partition
    }

    /// Notes what became of a record.
    pub(super) fn settle(&mut self, number: u64, fate: Fate) {
        let Some((partition, known)) = self.records.get_mut(&number) else {
            return;
        };
        *known = fate;
        if let Fate::At(offset) = fate {
            let acknowledged = self.acknowledged.entry(*partition).or_default();
            acknowledged.insert(offset, number);
        }
    }

    /// A read near the end of a partition: from an offset, or of the most recent records.
    pub(super) fn plan(&self, number: u64) -> Wanted {
        let partition = self.partition(number);
        let acknowledged = self.acknowledged.get(&partition);
        let last = acknowledged.and_then(|offsets| offsets.keys().next_back().copied());
        let back = i64::try_from(number % 16).unwrap_or_default();
        let start = match last {
            Some(last) if !number.is_multiple_of(3) => Start::Offset((last - back).max(0)),
            Some(_) => Start::Recent,
            None => Start::Offset(0),
        };
        Wanted {
            partition,
            start,
            last,
        }
    }

    /// What an answer says that is not true.
    pub(super) fn judge(&self, wanted: &Wanted, answer: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let partition = wanted.partition;
        let mut offsets = BTreeSet::new();
        let mut before = -1;
        for message in messages(answer) {
            let offset = message["offset"].as_i64().unwrap_or(-1);
            if offset <= before {
                wrong.push(format!("offset {offset} comes after {before}"));
            }
            before = offset;
            offsets.insert(offset);
            if message["partition"] != partition {
                wrong.push(format!("asked for partition {partition}: {message}"));
            }
            wrong.extend(self.judge_record(message));
        }
        let next = answer["partitions"][0]["next_offset"].as_i64();
        let first = match wanted.start {
            Start::Offset(offset) => offset,
            // How far back it goes depends on what else was written.
            Start::Recent => offsets.first().copied().unwrap_or(i64::MAX),
        };
        let next = next.unwrap_or(-1);
        let acknowledged = self.acknowledged.get(&partition).into_iter().flatten();
        let known = acknowledged.filter(|(offset, _)| Some(**offset) <= wanted.last);
        for (offset, number) in known {
            if (first..next).contains(offset) && !offsets.contains(offset) {
                wrong.push(format!("{number} at {partition}-{offset} is left out"));
            }
        }
        let is_at_end = answer["stopped"] == "end_of_log" && answer["complete"] != false;
        if let Some(last) = wanted.last.filter(|last| is_at_end && next <= *last) {
            wrong.push(format!(
                "the end of {partition} is {next}, but {last} was acknowledged"
            ));
        }
        wrong
    }

    /// What the whole topic holds that it should not, or not hold and should.
    pub(super) fn audit(&self, found: &[Value]) -> Vec<String> {
        let mut wrong: Vec<_> = found.iter().flat_map(|m| self.judge_record(m)).collect();
        let mut copies: BTreeMap<u64, usize> = BTreeMap::new();
        for number in found.iter().filter_map(number) {
            *copies.entry(number).or_default() += 1;
        }
        for (number, (partition, fate)) in &self.records {
            let copies = copies.get(number).copied().unwrap_or_default();
            let is_right = match fate {
                Fate::At(_) | Fate::Somewhere => copies == 1,
                Fate::Maybe | Fate::Pending => copies <= 1,
                Fate::Refused => copies == 0,
            };
            if !is_right {
                wrong.push(format!(
                    "{number} in {partition}: {fate:?}, and {copies} copies"
                ));
            }
        }
        wrong
    }

    /// What is wrong with one record of an answer.
    fn judge_record(&self, message: &Value) -> Option<String> {
        let known = number(message).and_then(|number| self.records.get(&number));
        let Some((partition, fate)) = known else {
            return Some(format!("nobody wrote {message}"));
        };
        let is_elsewhere = message["partition"] != *partition
            || matches!(fate, Fate::At(offset) if message["offset"] != *offset);
        (is_elsewhere || *fate == Fate::Refused)
            .then(|| format!("in {partition}, {fate:?}: {message}"))
    }

    /// The partition of a record, or of a read.
    fn partition(&self, number: u64) -> i32 {
        let partitions = u64::try_from(self.partitions).unwrap_or(1).max(1);
        i32::try_from(number / 2 % partitions).unwrap_or_default()
    }
}

fn messages(answer: &Value) -> &[Value] {
    answer["messages"].as_array().map_or(&[], Vec::as_slice)
}

/// The number that a record is about.
fn number(message: &Value) -> Option<u64> {
    message["value"].as_str()?.parse().ok()
}

#[cfg(test)]
mod tests;
