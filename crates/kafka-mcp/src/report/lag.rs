//! How far consumer groups are behind.

mod advice;

use jiff::Timestamp;
use kafka_tools::{Error, Filter, GroupId, GroupLag, LagQuery, LagReport, PartitionLag, TopicName};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Coverage, Threshold, fit};
use crate::{failure::Failure, moment, page::json_len, text, view::View};

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Lag {
    pub(crate) timestamp: String,
    /// A partition is listed when its lag is strictly above this.
    pub(crate) lag_threshold: i64,
    pub(crate) group_count: usize,
    /// Largest total lag first.
    pub(crate) group_summary: Vec<GroupRow>,
    /// Largest lag first.
    pub(crate) high_lag_details: Vec<PartitionRow>,
    pub(crate) groups_with_high_lag: usize,
    #[serde(flatten)]
    pub(crate) advice: Advice,
    #[serde(flatten)]
    pub(crate) coverage: Coverage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct GroupRow {
    pub(crate) group_id: String,
    pub(crate) state: String,
    pub(crate) member_count: usize,
    pub(crate) topics: Vec<String>,
    /// `null`: nothing is committed, so it is unknown.
    pub(crate) total_lag: Option<i64>,
    pub(crate) has_high_lag: bool,
    /// Assigned partitions without a committed offset; not in the total.
    pub(crate) uncommitted_partitions: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct PartitionRow {
    pub(crate) group_id: String,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) current_offset: i64,
    pub(crate) log_end_offset: i64,
    pub(crate) lag: i64,
}

/// What a lag report covers. The default is everything that is visible.
#[derive(Clone, Debug, Default)]
pub(crate) struct LagScope {
    pub(crate) threshold: Threshold,
    pub(crate) group_id: Option<GroupId>,
    pub(crate) topic: Option<TopicName>,
}

impl LagScope {
    /// Narrows a query down to this scope.
    pub(super) fn narrow(&self, mut query: LagQuery) -> LagQuery {
        if let Some(wanted) = self.group_id.clone() {
            let visible = query.groups;
            query.groups = Filter::new(move |id| *id == wanted && visible.matches(id));
        }
        if let Some(wanted) = self.topic.clone() {
            let visible = query.topics;
            query.topics = Filter::new(move |topic| *topic == wanted && visible.matches(topic));
        }
        query
    }
}

impl Lag {
    pub(crate) async fn measure(view: View<'_>, scope: &LagScope) -> Result<Self, Failure> {
        let query = scope.narrow(view.lag_query(scope.threshold.get()));
        let mut report = view.client().lag(query).await?;

        if let (Some(group_id), true) = (&scope.group_id, report.groups.is_empty())
            && report.failures.is_empty()
        {
            // Groups that this principal may not see are not listed: the coordinator says so.
            view.client().describe_group(group_id, false).await?;
            return Err(Error::UnknownGroup {
                group_id: group_id.to_string(),
            }
            .into());
        }
        if let Some(topic) = &scope.topic {
            report.groups.retain(|group| group.topics.contains(topic));
            if report.groups.is_empty() {
                // Nobody reads it; or there is no such topic, which is an error.
                view.client().describe_topic(topic).await?;
            }
        }
        Ok(Self::from_parts(report, view.now()))
    }

    pub(crate) fn from_parts(report: LagReport, as_of: Timestamp) -> Self {
        let groups: Vec<_> = report.groups.into_iter().map(GroupRow::from).collect();
        let high_lag: Vec<_> = report
            .high_lag
            .into_iter()
            .map(PartitionRow::from)
            .collect();
        let coverage = Coverage::except(report.failures);
        Self::from_rows(groups, high_lag, report.threshold, coverage, as_of)
    }

    fn from_rows(
        groups: Vec<GroupRow>,
        high_lag: Vec<PartitionRow>,
        lag_threshold: i64,
        coverage: Coverage,
        as_of: Timestamp,
    ) -> Self {
        Self {
            timestamp: moment::stamp(as_of),
            lag_threshold,
            group_count: groups.len(),
            groups_with_high_lag: groups.iter().filter(|group| group.has_high_lag).count(),
            advice: advice::advise(&groups, &high_lag),
            group_summary: groups,
            high_lag_details: high_lag,
            coverage,
        }
    }

    /// Leaves out the last rows, as many as it takes to stay within `max_bytes` of JSON.
    ///
    /// Either list may take half of the room, and what the other one does not need.
    pub(crate) fn fit(mut self, max_bytes: usize) -> Self {
        let bytes = json_len(&self);
        if bytes <= max_bytes {
            return self;
        }
        let groups_take = fit::taken_by(&self.group_summary);
        let details_take = fit::taken_by(&self.high_lag_details);
        let frame = bytes
            .saturating_sub(groups_take)
            .saturating_sub(details_take)
            .saturating_add(fit::HINT_BYTES);
        let room = max_bytes.saturating_sub(frame);

        let details_room = room.saturating_sub(groups_take).max(room / 2);
        let (details, used) = fit::retain(&mut self.high_lag_details, details_room);
        let (groups, _) = fit::retain(&mut self.group_summary, room.saturating_sub(used));
        self.coverage.omit(details, HINT);
        self.coverage.omit(groups, HINT);
        self
    }
}

impl From<GroupLag> for GroupRow {
    fn from(group: GroupLag) -> Self {
        Self {
            group_id: text::name(group.group_id.as_str()),
            state: group.state,
            member_count: group.member_count,
            topics: group.topics.iter().map(ToString::to_string).collect(),
            total_lag: group.total_lag,
            has_high_lag: group.has_high_lag,
            uncommitted_partitions: group.uncommitted_partitions,
        }
    }
}

impl From<PartitionLag> for PartitionRow {
    fn from(partition: PartitionLag) -> Self {
        Self {
            group_id: text::name(partition.group_id.as_str()),
            topic: partition.topic.to_string(),
            partition: partition.partition,
            current_offset: partition.current_offset,
            log_end_offset: partition.log_end_offset,
            lag: partition.lag,
        }
    }
}

const HINT: &str = "the largest lags are listed; ask consumer_lag for one group_id or topic, or \
                    with a higher threshold";

#[cfg(test)]
pub(crate) mod tests;
