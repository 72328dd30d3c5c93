//! The health check, area by area.

use jiff::Timestamp;
use kafka_tools::{HealthReport, LagReport};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Coverage, Label, Status, Threshold, advice::count, vitals::Vitals};
use crate::{failure::Failure, moment, text, view::View};

// The schema spells the words of a status out once, for all of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    pub(crate) timestamp: String,
    pub(crate) broker_status: BrokerStatus,
    pub(crate) controller_status: ControllerStatus,
    pub(crate) partition_status: PartitionStatus,
    pub(crate) consumer_status: ConsumerStatus,
    pub(crate) overall_status: Status,
    #[serde(flatten)]
    pub(crate) advice: Advice,
    #[serde(flatten)]
    pub(crate) coverage: Coverage,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct BrokerStatus {
    pub(crate) total_brokers: usize,
    pub(crate) offline_brokers: usize,
    pub(crate) offline_broker_ids: Vec<i32>,
    #[schemars(with = "String")]
    pub(crate) status: Status,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct ControllerStatus {
    pub(crate) controller_id: Option<i32>,
    #[schemars(with = "String")]
    pub(crate) status: Status,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct PartitionStatus {
    pub(crate) total_partitions: usize,
    pub(crate) under_replicated_partitions: usize,
    pub(crate) offline_partitions: usize,
    #[schemars(with = "String")]
    pub(crate) status: Status,
}

/// `null` counts were not measured.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct ConsumerStatus {
    pub(crate) total_groups: Option<usize>,
    pub(crate) groups_with_high_lag: Option<usize>,
    #[schemars(with = "String")]
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
}

impl Health {
    /// The lag that the health check warns about.
    pub(crate) const THRESHOLD: Threshold = Threshold::HEALTH_CHECK;

    pub(crate) async fn measure(view: View<'_>) -> Result<Self, Failure> {
        let query = view.lag_query(Self::THRESHOLD.get());
        let report = view.client().health(query).await?;
        Ok(Self::from_parts(report, view.now()))
    }

    pub(crate) fn from_parts(report: HealthReport, as_of: Timestamp) -> Self {
        let HealthReport {
            brokers,
            controller,
            partitions,
            consumers,
            mut failures,
            ..
        } = report;
        let (total_groups, high_lag_groups) = match consumers.lag {
            Some(lag) => {
                let behind = groups_with_high_lag(&lag);
                failures.extend(lag.failures);
                (Some(lag.groups.len()), Some(behind))
            }
            None => (None, None),
        };
        // The cluster's own state is measured as a whole or not at all: what failed is the lag.
        let coverage = Coverage::except(failures);
        let error = coverage.partial_errors.first().map(ToString::to_string);
        let mut health = Self {
            timestamp: moment::stamp(as_of),
            broker_status: BrokerStatus {
                total_brokers: brokers.total,
                offline_brokers: brokers.offline_ids.len(),
                offline_broker_ids: brokers.offline_ids,
                status: brokers.status.into(),
            },
            controller_status: ControllerStatus {
                controller_id: controller.id,
                status: controller.status.into(),
            },
            partition_status: PartitionStatus {
                total_partitions: partitions.total,
                under_replicated_partitions: partitions.under_replicated,
                offline_partitions: partitions.offline,
                status: partitions.status.into(),
            },
            consumer_status: ConsumerStatus {
                total_groups,
                groups_with_high_lag: high_lag_groups.as_ref().map(Vec::len),
                status: consumers.status.into(),
                error,
            },
            overall_status: report.overall.into(),
            advice: Advice::default(),
            coverage,
        };
        health.advise(&high_lag_groups.unwrap_or_default());
        health
    }

    /// Makes advice of the numbers, and of the groups that are far behind, the worst first.
    fn advise(&mut self, high_lag_groups: &[String]) {
        self.advice = Vitals {
            controller_id: self.controller_status.controller_id,
            offline_broker_ids: &self.broker_status.offline_broker_ids,
            offline_partitions: self.partition_status.offline_partitions,
            under_replicated_partitions: self.partition_status.under_replicated_partitions,
        }
        .advice();
        if !high_lag_groups.is_empty() {
            let worst: Vec<_> = high_lag_groups
                .iter()
                .take(MOST_GROUPS)
                .map(|id| Label(id).to_string())
                .collect();
            let more = match high_lag_groups.len().saturating_sub(MOST_GROUPS) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let threshold = Self::THRESHOLD;
            self.advice.add(
                format!(
                    "Consumers are down, stuck or too slow: {} more than {threshold} records \
                     behind in a partition: {}{more}.",
                    count(high_lag_groups.len(), "group"),
                    worst.join(", "),
                ),
                format!(
                    "See consumer_lag with threshold {threshold} for the partitions and what each \
                     group needs."
                ),
            );
        }
    }
}

/// The groups with a partition above the threshold, the worst first.
fn groups_with_high_lag(lag: &LagReport) -> Vec<String> {
    let behind = lag.groups.iter().filter(|group| group.has_high_lag);
    let names = behind.map(|group| text::name(group.group_id.as_str()));
    names.collect()
}

const MOST_GROUPS: usize = 5;

#[cfg(test)]
pub(crate) mod tests;
