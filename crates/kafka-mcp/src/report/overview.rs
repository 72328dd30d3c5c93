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
