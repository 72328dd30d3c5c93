//! Where a read stands, and where it goes on.

use kafka_tools::PartitionProgress;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cursor::{self, Offsets};

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

/// Goes on in every partition; where these are so many that the cursor gets long, only in those
/// that hold more.
pub(super) fn next_cursor(partitions: &[Progress]) -> Option<String> {
    let short = |offsets: &Offsets| {
        let cursor = cursor::encode(offsets);
        (!offsets.offsets.is_empty() && cursor.len() <= CURSOR_BYTES).then_some(cursor)
    };
    let all = || short(&offsets(partitions.iter()));
    let unread = || {
        short(&offsets(
            partitions.iter().filter(|partition| partition.has_more()),
        ))
    };
    all().or_else(unread)
}

fn offsets<'p>(partitions: impl Iterator<Item = &'p Progress>) -> Offsets {
    let mut offsets: Vec<(String, Vec<(i32, i64)>)> = Vec::new();
    for progress in partitions {
        let next = (progress.partition, progress.next_offset);
        match offsets.last_mut() {
            Some((topic, partitions)) if *topic == progress.topic => partitions.push(next),
            _ => offsets.push((progress.topic.clone(), vec![next])),
        }
    }
    Offsets { offsets }
}

/// The longest cursor that is handed out.
const CURSOR_BYTES: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(topic: &str, partition: i32, next_offset: i64) -> Progress {
        let topic = topic.to_owned();
        Progress {
            topic,
            partition,
            log_start_offset: 0,
            end_offset: 10,
            next_offset,
        }
    }

    #[test]
    fn a_read_goes_on_at_the_first_record_that_was_left_out() {
        let mut partition = progress("t", 1, 8);
        for (topic, number, offset) in [("t", 1, 6), ("t", 1, 7), ("t", 0, 2), ("u", 1, 2)] {
            partition.step_back(topic, number, offset);
        }
        assert_eq!(partition.next_offset, 6);
    }

    #[test]
    fn a_cursor_goes_on_in_every_partition() {
        let partitions = [
            progress("a", 0, 10),
            progress("a", 1, 5),
            progress("b", 0, 7),
        ];
        let offsets: Offsets = cursor::decode(&next_cursor(&partitions).unwrap()).unwrap();
        let expected = [
            ("a".to_owned(), vec![(0, 10), (1, 5)]),
            ("b".to_owned(), vec![(0, 7)]),
        ];
        assert_eq!(offsets.offsets, expected);
    }

    #[test]
    fn with_many_partitions_a_cursor_goes_on_where_there_is_more_or_is_left_out() {
        let mut partitions: Vec<_> = (0..1_000).map(|n| progress("t", n, 10)).collect();
        assert_eq!(next_cursor(&partitions), None);
        partitions[3].next_offset = 4;
        let offsets: Offsets = cursor::decode(&next_cursor(&partitions).unwrap()).unwrap();
        assert_eq!(offsets.offsets, [("t".to_owned(), vec![(3, 4)])]);
        for partition in &mut partitions {
            partition.next_offset = 4;
        }
        assert_eq!(next_cursor(&partitions), None);
    }
}
