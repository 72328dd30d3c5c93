//! Where consumer groups stand, partition by partition.

use std::cmp::Reverse;

use kafka_tools::{CommittedOffset, Error, GroupDescription, GroupLag, PartitionLag};
use serde::Serialize;

use super::super::LagScope;
use crate::{failure::PartialError, page::Budget, text, view::View};

/// One group with all its partitions, or the groups that are furthest behind.
#[derive(Debug, Serialize)]
pub(super) struct Standing {
    group_count: usize,
    groups_behind: usize,
    groups_with_unknown_lag: usize,
    /// Of all groups whose lag is known.
    total_lag: Option<i64>,
    /// Largest total lag first, then those whose lag is unknown.
    groups: Vec<GroupRow>,
    /// How many partitions the group has; of all groups, how many are behind.
    partition_count: usize,
    partitions_with_unknown_lag: usize,
    /// Largest lag first, then those whose lag is unknown.
    partitions: Vec<PartitionRow>,
}

#[derive(Debug, Serialize)]
struct GroupRow {
    group_id: String,
    state: String,
    member_count: usize,
    /// `null` is unknown: nothing is committed.
    total_lag: Option<i64>,
    uncommitted_partitions: usize,
}

/// Nulls are unknown: nothing is committed, or it could not be measured.
#[derive(Debug, Serialize)]
struct PartitionRow {
    group_id: String,
    topic: String,
    partition: i32,
    current_offset: Option<i64>,
    log_end_offset: Option<i64>,
    lag: Option<i64>,
}

/// Measures what is in `scope`. What fails beside the rest comes back too.
pub(super) async fn measure(
    view: View<'_>,
    scope: &LagScope,
) -> Result<(Standing, Vec<PartialError>), Error> {
    let Some(group_id) = &scope.group_id else {
        let query = scope.narrow(view.lag_query(CAUGHT_UP));
        let mut report = view.client().lag(query).await?;
        if let Some(topic) = &scope.topic {
            report.groups.retain(|group| group.topics.contains(topic));
        }
        let errors = report.failures.into_iter().map(PartialError::from);
        let standing = Standing::of_all(report.groups, report.high_lag);
        return Ok((standing, errors.collect()));
    };
    let mut group = view.client().describe_group(group_id, true).await?;
    let mut offsets = group.offsets.take().unwrap_or_default();
    offsets.retain(|offset| {
        view.topic_visible(&offset.topic, false)
            && scope
                .topic
                .as_ref()
                .is_none_or(|only| *only == offset.topic)
    });
    let errors = offsets.iter_mut().filter_map(|offset| {
        let error = offset.error.take()?;
        let subject = format!("group {group_id} on {}-{}", offset.topic, offset.partition);
        Some(PartialError::new(&subject, error))
    });
    let errors = errors.collect();
    Ok((Standing::of_one(group, offsets), errors))
}

impl Standing {
    fn of_all(groups: Vec<GroupLag>, partitions: Vec<PartitionLag>) -> Self {
        let groups: Vec<_> = groups.into_iter().map(GroupRow::from).collect();
        let unknown = groups.iter().map(|group| group.uncommitted_partitions);
        let unknown = unknown.sum();
        let partitions = partitions.into_iter().map(PartitionRow::from).collect();
        Self::new(groups, partitions, unknown)
    }

    fn of_one(group: GroupDescription, offsets: Vec<CommittedOffset>) -> Self {
        let group_id = text::exact_name(group.group_id.as_str());
        let mut partitions: Vec<_> = offsets
            .into_iter()
            .map(|offset| PartitionRow::new(&group_id, offset))
            .collect();
        // They are sorted by name, which decides between equals. None is less than any lag.
        partitions.sort_by_key(|partition| Reverse(partition.lag));
        let lags = partitions.iter().filter_map(|row| row.lag);
        let uncommitted = partitions.iter().filter(|row| row.current_offset.is_none());
        let row = GroupRow {
            group_id,
            state: group.state,
            member_count: group.members.len(),
            total_lag: lags.reduce(i64::saturating_add),
            uncommitted_partitions: uncommitted.count(),
        };
        let unknown = partitions.iter().filter(|row| row.lag.is_none()).count();
        Self::new(vec![row], partitions, unknown)
    }

    fn new(groups: Vec<GroupRow>, partitions: Vec<PartitionRow>, unknown: usize) -> Self {
        let lags: Vec<_> = groups.iter().filter_map(|group| group.total_lag).collect();
        Self {
            group_count: groups.len(),
            groups_behind: lags.iter().filter(|lag| **lag > 0).count(),
            groups_with_unknown_lag: groups.len() - lags.len(),
            total_lag: lags.into_iter().reduce(i64::saturating_add),
            groups,
            partition_count: partitions.len(),
            partitions_with_unknown_lag: unknown,
            partitions,
        }
    }

    /// Leaves out the last rows of each list, as many as it takes, and says how many.
    pub(super) fn fit(mut self, budget: &mut Budget) -> (Self, usize) {
        let measured = self.groups.len() + self.partitions.len();
        let groups = std::mem::take(&mut self.groups).into_iter();
        (self.groups, _) = budget.half().rows(groups.take(MOST_GROUPS));
        budget.take(&self.groups);
        let partitions = std::mem::take(&mut self.partitions).into_iter();
        (self.partitions, _) = budget.rows(partitions.take(MOST_PARTITIONS));
        let listed = self.groups.len() + self.partitions.len();
        (self, measured - listed)
    }
}

impl From<GroupLag> for GroupRow {
    fn from(group: GroupLag) -> Self {
        Self {
            group_id: text::exact_name(group.group_id.as_str()),
            state: group.state,
            member_count: group.member_count,
            total_lag: group.total_lag,
            uncommitted_partitions: group.uncommitted_partitions,
        }
    }
}

impl PartitionRow {
    fn new(group_id: &str, committed: CommittedOffset) -> Self {
        Self {
            group_id: group_id.to_owned(),
            topic: committed.topic.to_string(),
            partition: committed.partition,
            current_offset: committed.offset,
            log_end_offset: committed.end_offset,
            lag: committed.lag,
        }
    }
}

impl From<PartitionLag> for PartitionRow {
    fn from(behind: PartitionLag) -> Self {
        Self {
            group_id: text::exact_name(behind.group_id.as_str()),
            topic: behind.topic.to_string(),
            partition: behind.partition,
            current_offset: Some(behind.current_offset),
            log_end_offset: Some(behind.log_end_offset),
            lag: Some(behind.lag),
        }
    }
}

/// The threshold above which every partition is that is behind.
const CAUGHT_UP: i64 = 0;

const MOST_GROUPS: usize = 25;
const MOST_PARTITIONS: usize = 100;
