//! Where a read stands.

use kafka_tools::PartitionProgress;
use schemars::JsonSchema;
use serde::Serialize;

/// Where a read stands in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Progress {
    topic: String,
    partition: i32,
    log_start_offset: i64,
    end_offset: i64,
    next_offset: i64,
}

impl Progress {
    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    pub(super) fn partition(&self) -> i32 {
        self.partition
    }

    pub(super) fn next_offset(&self) -> i64 {
        self.next_offset
    }

    pub(super) fn has_more(&self) -> bool {
        self.next_offset < self.end_offset
    }

    /// Goes on at `offset` if that is a record of this partition before where the read stands.
    pub(super) fn step_back(&mut self, topic: &str, partition: i32, offset: i64) {
        if self.topic == topic && self.partition == partition {
            self.next_offset = self.next_offset.min(offset);
        }
    }
}

impl From<PartitionProgress> for Progress {
    fn from(progress: PartitionProgress) -> Self {
        Self {
            topic: progress.topic.to_string(),
            partition: progress.partition,
            log_start_offset: progress.log_start_offset,
            end_offset: progress.end_offset,
            next_offset: progress.next_offset,
        }
    }
}

#[cfg(test)]
impl Progress {
    /// At `next_offset` of a log that ends at 10.
    pub(super) fn at(topic: &str, partition: i32, next_offset: i64) -> Self {
        Self {
            topic: topic.to_owned(),
            partition,
            log_start_offset: 0,
            end_offset: 10,
            next_offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_goes_on_at_the_first_record_that_was_left_out() {
        let mut partition = Progress::at("t", 1, 8);
        for (topic, number, offset) in [("t", 1, 6), ("t", 1, 7), ("t", 0, 2), ("u", 1, 2)] {
            partition.step_back(topic, number, offset);
        }
        assert_eq!(partition.next_offset, 6);
    }
}
