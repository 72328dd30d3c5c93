//! Partitions whose replicas are behind.

mod advice;

use jiff::Timestamp;
use kafka_tools::{ReplicationReport, TopicName, UnderReplicatedPartition};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Coverage, fit};
use crate::{failure::Failure, moment, page::json_len, view::View};

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Replication {
    pub(crate) timestamp: String,
    pub(crate) under_replicated_partition_count: usize,
    /// Without a leader; not in the details.
    pub(crate) offline_partition_count: usize,
    /// Counted, and not in the details because the policy hides their topics.
    pub(crate) hidden_partition_count: usize,
    /// Fewest in sync first.
    pub(crate) details: Vec<UnderReplicated>,
    #[serde(flatten)]
    pub(crate) advice: Advice,
    #[serde(flatten)]
    pub(crate) coverage: Coverage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct UnderReplicated {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) leader: i32,
    pub(crate) replica_count: usize,
    pub(crate) isr_count: usize,
    pub(crate) replicas: Vec<i32>,
    pub(crate) isr: Vec<i32>,
    pub(crate) missing_replicas: Vec<i32>,
}

impl Replication {
    pub(crate) async fn measure(view: View<'_>) -> Result<Self, Failure> {
        let report = view.client().under_replicated().await?;
        Ok(Self::from_parts(report, view.now(), |topic| {
            view.topic_visible(topic, false)
        }))
    }

    /// Lists what is `visible`, and counts the rest.
    pub(crate) fn from_parts(
        report: ReplicationReport,
        as_of: Timestamp,
        visible: impl Fn(&TopicName) -> bool,
    ) -> Self {
        let offline = report.offline.len();
        let rows = report
            .under_replicated
            .into_iter()
            .map(|partition| (visible(&partition.topic), partition.into()))
            .collect();
        Self::from_rows(rows, offline, as_of)
    }

    /// Takes every partition, with whether it may be listed.
    fn from_rows(rows: Vec<(bool, UnderReplicated)>, offline: usize, as_of: Timestamp) -> Self {
        let advice = advice::advise(rows.iter().map(|(_, row)| row), offline);
        let total = rows.len();
        let details: Vec<_> = rows
            .into_iter()
            .filter_map(|(visible, row)| visible.then_some(row))
            .collect();
        Self {
            timestamp: moment::stamp(as_of),
            under_replicated_partition_count: total,
            offline_partition_count: offline,
            hidden_partition_count: total.saturating_sub(details.len()),
            details,
            advice,
            coverage: Coverage::full(),
        }
    }

    /// Leaves out the last rows, as many as it takes to stay within `max_bytes` of JSON.
    pub(crate) fn fit(mut self, max_bytes: usize) -> Self {
        let bytes = json_len(&self);
        if bytes <= max_bytes {
            return self;
        }
        let taken = fit::taken_by(&self.details);
        let frame = bytes.saturating_sub(taken).saturating_add(fit::HINT_BYTES);
        let (omitted, _) = fit::retain(&mut self.details, max_bytes.saturating_sub(frame));
        self.coverage.omit(omitted, HINT);
        self
    }
}

impl From<UnderReplicatedPartition> for UnderReplicated {
    fn from(partition: UnderReplicatedPartition) -> Self {
        Self {
            topic: partition.topic.to_string(),
            partition: partition.partition,
            leader: partition.leader,
            replica_count: partition.replicas.len(),
            isr_count: partition.isr.len(),
            replicas: partition.replicas,
            isr: partition.isr,
            missing_replicas: partition.missing_replicas,
        }
    }
}

const HINT: &str = "the partitions with the fewest replicas in sync are listed; describe_topic \
                    shows all of one topic";

#[cfg(test)]
pub(crate) mod tests;
