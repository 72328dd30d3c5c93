//! The health check.

use crate::{Client, Error, LagQuery, LagReport, PartialFailure};

impl Client {
    /// Checks the health of the cluster. `query` says which lag is worth a warning, and in which
    /// groups; the health check's own threshold is 10,000.
    ///
    /// Consumer groups that cannot be measured do not fail the check: their status is
    /// [`HealthStatus::Unknown`].
    ///
    /// # Errors
    ///
    /// If no broker answers.
    pub async fn health(&self, query: LagQuery) -> Result<HealthReport, Error> {
        let (overview, lag) = tokio::join!(self.overview(), self.lag(query));
        let overview = overview?;

        let brokers = BrokerHealth {
            total: overview.brokers.len() + overview.offline_broker_ids.len(),
            status: HealthStatus::critical_if(!overview.offline_broker_ids.is_empty()),
            offline_ids: overview.offline_broker_ids,
        };
        let controller = ControllerHealth {
            id: overview.controller_id,
            status: HealthStatus::critical_if(overview.controller_id.is_none()),
        };
        let partitions = PartitionHealth {
            total: overview.partition_count,
            under_replicated: overview.under_replicated_partitions,
            offline: overview.offline_partitions,
            status: HealthStatus::critical_if(overview.offline_partitions > 0).max(
                HealthStatus::warning_if(overview.under_replicated_partitions > 0),
            ),
        };
        let mut failures = Vec::new();
        let consumers = match lag {
            Ok(lag) => {
                let complete = lag.failures.is_empty();
                let status = match (lag.high_lag.is_empty(), complete) {
                    (false, _) => HealthStatus::Warning,
                    (true, false) => HealthStatus::Unknown,
                    (true, true) => HealthStatus::Healthy,
                };
                ConsumerHealth {
                    lag: Some(lag),
                    status,
                }
            }
            Err(error) => {
                failures.push(PartialFailure::new("consumer lag", error));
                ConsumerHealth {
                    lag: None,
                    status: HealthStatus::Unknown,
                }
            }
        };
        let statuses = [
            brokers.status,
            controller.status,
            partitions.status,
            consumers.status,
        ];
        let overall = statuses.into_iter().max().unwrap_or(HealthStatus::Unknown);
        Ok(HealthReport {
            brokers,
            controller,
            partitions,
            consumers,
            overall,
            failures,
        })
    }
}

/// The health of a cluster, area by area.
#[derive(Debug)]
#[non_exhaustive]
pub struct HealthReport {
    /// The brokers.
    pub brokers: BrokerHealth,
    /// The controller.
    pub controller: ControllerHealth,
    /// The partitions.
    pub partitions: PartitionHealth,
    /// The consumer groups.
    pub consumers: ConsumerHealth,
    /// The worst of the above.
    pub overall: HealthStatus,
    /// What could not be measured.
    pub failures: Vec<PartialFailure>,
}

/// Good, worrying or broken; ordered from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HealthStatus {
    /// Nothing is wrong.
    Healthy,
    /// It could not be measured.
    Unknown,
    /// Redundancy is lost, or consumers fall behind.
    Warning,
    /// Data cannot be read or written, or a broker is gone.
    Critical,
}

impl HealthStatus {
    fn critical_if(condition: bool) -> Self {
        if condition {
            Self::Critical
        } else {
            Self::Healthy
        }
    }

    fn warning_if(condition: bool) -> Self {
        if condition {
            Self::Warning
        } else {
            Self::Healthy
        }
    }

    /// The word for it, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// The brokers' part of the health check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BrokerHealth {
    /// How many brokers the cluster has, the offline ones included.
    pub total: usize,
    /// The brokers that hold replicas and are gone, sorted.
    pub offline_ids: Vec<i32>,
    /// Critical if one is gone.
    pub status: HealthStatus,
}

/// The controller's part of the health check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ControllerHealth {
    /// The controller; `None` while there is none.
    pub id: Option<i32>,
    /// Critical without a controller.
    pub status: HealthStatus,
}

/// The partitions' part of the health check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PartitionHealth {
    /// How many partitions there are, internal topics included.
    pub total: usize,
    /// How many have fewer replicas in sync than they should.
    pub under_replicated: usize,
    /// How many have no leader.
    pub offline: usize,
    /// Critical with an offline partition, a warning with an under-replicated one.
    pub status: HealthStatus,
}

/// The consumer groups' part of the health check.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConsumerHealth {
    /// The lag of all groups, at the threshold of the health check; `None` if not measured.
    pub lag: Option<LagReport>,
    /// A warning if a partition's lag is above the threshold.
    pub status: HealthStatus,
}
