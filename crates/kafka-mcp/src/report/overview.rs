//! The cluster at a glance.

use jiff::Timestamp;
use kafka_tools::ClusterOverview;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Status, vitals::Vitals};
use crate::{failure::Failure, moment, view::View};

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Overview {
    pub(crate) timestamp: String,
    pub(crate) cluster_id: Option<String>,
    pub(crate) broker_count: usize,
    pub(crate) controller_id: Option<i32>,
    pub(crate) topic_count: usize,
    pub(crate) partition_count: usize,
    pub(crate) under_replicated_partitions: usize,
    pub(crate) offline_partitions: usize,
    pub(crate) offline_broker_ids: Vec<i32>,
    pub(crate) health_status: Status,
}

impl Overview {
    pub(crate) async fn measure(view: View<'_>) -> Result<Self, Failure> {
        let overview = view.client().overview().await?;
        Ok(Self::from_parts(overview, view.now()))
    }

    pub(crate) fn from_parts(overview: ClusterOverview, as_of: Timestamp) -> Self {
        let mut report = Self {
            timestamp: moment::stamp(as_of),
            cluster_id: overview.cluster_id,
            broker_count: overview.brokers.len(),
            controller_id: overview.controller_id,
            topic_count: overview.topic_count,
            partition_count: overview.partition_count,
            under_replicated_partitions: overview.under_replicated_partitions,
            offline_partitions: overview.offline_partitions,
            offline_broker_ids: overview.offline_broker_ids,
            health_status: Status::Unknown,
        };
        report.health_status = report.vitals().status();
        report
    }

    pub(crate) fn advice(&self) -> Advice {
        self.vitals().advice()
    }

    fn vitals(&self) -> Vitals<'_> {
        Vitals {
            controller_id: self.controller_id,
            offline_broker_ids: &self.offline_broker_ids,
            offline_partitions: self.offline_partitions,
            under_replicated_partitions: self.under_replicated_partitions,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_json_has_the_documented_fields() {
        let overview = Overview {
            timestamp: "2026-03-01T12:00:00Z".to_owned(),
            cluster_id: None,
            broker_count: 3,
            controller_id: None,
            topic_count: 12,
            partition_count: 90,
            under_replicated_partitions: 4,
            offline_partitions: 1,
            offline_broker_ids: vec![3],
            health_status: Status::Critical,
        };
        assert_eq!(
            serde_json::to_value(overview).unwrap(),
            json!({
                "timestamp": "2026-03-01T12:00:00Z",
                "cluster_id": null,
                "broker_count": 3,
                "controller_id": null,
                "topic_count": 12,
                "partition_count": 90,
                "under_replicated_partitions": 4,
                "offline_partitions": 1,
                "offline_broker_ids": [3],
                "health_status": "critical",
            })
        );
    }
}
