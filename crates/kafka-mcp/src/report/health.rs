//! The health check, area by area.

use jiff::Timestamp;
use kafka_tools::{HealthReport, LagReport};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Coverage, Label, Status, Threshold, advice::count, vitals::Vitals};
use crate::{failure::Failure, moment, view::View};

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
    pub(crate) status: Status,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct ControllerStatus {
    pub(crate) controller_id: Option<i32>,
    pub(crate) status: Status,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct PartitionStatus {
    pub(crate) total_partitions: usize,
    pub(crate) under_replicated_partitions: usize,
    pub(crate) offline_partitions: usize,
    pub(crate) status: Status,
}

/// `null` counts were not measured.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct ConsumerStatus {
    pub(crate) total_groups: Option<usize>,
    pub(crate) groups_with_high_lag: Option<usize>,
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
    behind.map(|group| group.group_id.to_string()).collect()
}

const MOST_GROUPS: usize = 5;

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A healthy cluster of three brokers.
    pub(crate) fn healthy() -> Health {
        Health {
            timestamp: "2026-03-01T12:00:00Z".to_owned(),
            broker_status: BrokerStatus {
                total_brokers: 3,
                offline_brokers: 0,
                offline_broker_ids: Vec::new(),
                status: Status::Healthy,
            },
            controller_status: ControllerStatus {
                controller_id: Some(1),
                status: Status::Healthy,
            },
            partition_status: PartitionStatus {
                total_partitions: 40,
                under_replicated_partitions: 0,
                offline_partitions: 0,
                status: Status::Healthy,
            },
            consumer_status: ConsumerStatus {
                total_groups: Some(4),
                groups_with_high_lag: Some(0),
                status: Status::Healthy,
                error: None,
            },
            overall_status: Status::Healthy,
            advice: Advice::default(),
            coverage: Coverage::full(),
        }
    }

    /// The same cluster with a broker gone, a group behind and the groups in part unmeasured.
    pub(crate) fn troubled() -> Health {
        let mut health = healthy();
        health.broker_status.offline_brokers = 1;
        health.broker_status.offline_broker_ids = vec![3];
        health.broker_status.status = Status::Critical;
        health.partition_status.under_replicated_partitions = 12;
        health.partition_status.status = Status::Warning;
        health.consumer_status.groups_with_high_lag = Some(1);
        health.consumer_status.status = Status::Warning;
        health.overall_status = Status::Critical;
        health.advise(&["billing".to_owned()]);
        health
    }

    #[test]
    fn the_json_has_the_documented_fields() {
        let mut health = healthy();
        health.advise(&[]);
        assert_eq!(
            serde_json::to_value(&health).unwrap(),
            json!({
                "timestamp": "2026-03-01T12:00:00Z",
                "broker_status": {
                    "total_brokers": 3,
                    "offline_brokers": 0,
                    "offline_broker_ids": [],
                    "status": "healthy",
                },
                "controller_status": { "controller_id": 1, "status": "healthy" },
                "partition_status": {
                    "total_partitions": 40,
                    "under_replicated_partitions": 0,
                    "offline_partitions": 0,
                    "status": "healthy",
                },
                "consumer_status": {
                    "total_groups": 4,
                    "groups_with_high_lag": 0,
                    "status": "healthy",
                    "error": null,
                },
                "overall_status": "healthy",
                "likely_causes": [],
                "recommendations": [],
                "complete": true,
                "not_measured": 0,
                "partial_errors": [],
                "truncated": false,
                "omitted": 0,
            })
        );
    }

    #[test]
    fn each_fault_gets_its_own_step_the_worst_first() {
        let steps = troubled().advice.recommendations;
        assert_eq!(steps.len(), 3);
        assert!(steps[0].starts_with("Check broker 3"), "{steps:?}");
        assert!(
            steps[1].starts_with("See under_replicated_partitions"),
            "{steps:?}"
        );
        assert!(
            steps[2].starts_with("See consumer_lag with threshold 10000"),
            "{steps:?}"
        );
    }

    #[test]
    fn only_the_worst_groups_are_named_and_the_others_counted() {
        let mut health = healthy();
        health.advise(&(0..7).map(|n| format!("g{n}")).collect::<Vec<_>>());
        let cause = &health.advice.likely_causes[0];
        assert!(
            cause.contains("7 groups") && cause.ends_with("g3, g4 and 2 more."),
            "{cause}"
        );
    }
}
