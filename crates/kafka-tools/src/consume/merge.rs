//! One order for the records of several partitions.

use std::collections::BTreeMap;

use crate::{Record, TopicName};

/// Merges the records of several partitions by time, keeping each partition in order of offset.
///
/// Timestamps within a partition may go back. A record counts as at least as new as those before
/// it in its partition, or else time and offset could not both be kept.
pub(super) fn by_time(partitions: BTreeMap<(TopicName, i32), Vec<Record>>) -> Vec<Record> {
    let mut keyed = Vec::new();
    for (index, records) in partitions.into_values().enumerate() {
        let mut newest = i64::MIN;
        for record in records {
            newest = newest.max(record.timestamp.map_or(i64::MIN, |time| time.millis));
            keyed.push(((newest, index, record.offset), record));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, record)| record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, TimestampKind};

    fn record(partition: i32, offset: i64, millis: i64) -> Record {
        Record {
            topic: "t".parse().unwrap(),
            partition,
            offset,
            timestamp: Some(Timestamp::new(millis, TimestampKind::CreateTime)),
            key: None,
            value: None,
            headers: Vec::new(),
        }
    }

    fn merged(records: Vec<Record>) -> Vec<(i32, i64)> {
        let mut partitions: BTreeMap<_, Vec<Record>> = BTreeMap::new();
        for record in records {
            partitions
                .entry((record.topic.clone(), record.partition))
                .or_default()
                .push(record);
        }
        by_time(partitions)
            .iter()
            .map(|record| (record.partition, record.offset))
            .collect()
    }

    #[test]
    fn partitions_interleave_by_time() {
        let records = vec![
            record(0, 0, 10),
            record(0, 1, 30),
            record(1, 0, 20),
            record(1, 1, 40),
        ];
        assert_eq!(merged(records), [(0, 0), (1, 0), (0, 1), (1, 1)]);
    }

    #[test]
    fn a_partition_keeps_its_order_when_time_goes_back() {
        let records = vec![record(0, 0, 50), record(0, 1, 5), record(1, 0, 20)];
        assert_eq!(merged(records), [(1, 0), (0, 0), (0, 1)]);
    }
}
