//! The cluster without its consumers.

use futures_util::future::try_join;
use kafka_tools::OfflinePartition;
use serde::Serialize;

use super::super::{BrokerRow, Overview, Replication, Status, replication::UnderReplicated};
use crate::{failure::Failure, page::Budget, view::View};

#[derive(Debug, Serialize)]
pub(super) struct Cluster {
    cluster_id: Option<String>,
    controller_id: Option<i32>,
    health_status: Status,
    broker_count: usize,
    brokers: Vec<BrokerRow>,
    offline_broker_ids: Vec<i32>,
    topic_count: usize,
    partition_count: usize,
    offline_partitions_count: usize,
    offline_partitions: Vec<OfflineRow>,
    under_replicated_partitions_count: usize,
    under_replicated_partitions: Vec<UnderReplicated>,
    /// Counted, and not listed because the policy hides their topics.
    hidden_partition_count: usize,
}

#[derive(Debug, Serialize)]
struct OfflineRow {
    topic: String,
    partition: i32,
    replicas: Vec<i32>,
}

/// Both answers come from the same metadata, which is at most half a second old.
pub(super) async fn measure(view: View<'_>) -> Result<Cluster, Failure> {
    let client = view.client();
    let (mut overview, mut replication) =
        try_join(client.overview(), client.under_replicated()).await?;
    let visible = |topic: &_| view.topic_visible(topic, false);
    let brokers = std::mem::take(&mut overview.brokers);
    let mut offline = std::mem::take(&mut replication.offline);
    let offline_count = offline.len();
    offline.retain(|partition| visible(&partition.topic));

    let replication = Replication::from_parts(replication, view.now(), visible);
    let broker_count = brokers.len();
    let overview = Overview::from_parts(overview, view.now());
    Ok(Cluster {
        cluster_id: overview.cluster_id,
        controller_id: overview.controller_id,
        health_status: overview.health_status,
        broker_count,
        brokers: brokers.into_iter().map(BrokerRow::from).collect(),
        offline_broker_ids: overview.offline_broker_ids,
        topic_count: overview.topic_count,
        partition_count: overview.partition_count,
        offline_partitions_count: offline_count,
        hidden_partition_count: replication.hidden_partition_count + offline_count - offline.len(),
        offline_partitions: offline.into_iter().map(OfflineRow::from).collect(),
        under_replicated_partitions_count: replication.under_replicated_partition_count,
        under_replicated_partitions: replication.details,
    })
}

impl Cluster {
    /// Leaves out the last rows of each list, as many as it takes, and says how many.
    pub(super) fn fit(mut self, budget: &mut Budget) -> (Self, usize) {
        let (brokers, brokers_omitted) = budget.half().rows(self.brokers);
        budget.take(&brokers);
        let (offline, offline_omitted) = budget.half().rows(self.offline_partitions);
        budget.take(&offline);
        let (behind, behind_omitted) = budget.rows(self.under_replicated_partitions);
        self.brokers = brokers;
        self.offline_partitions = offline;
        self.under_replicated_partitions = behind;
        (self, brokers_omitted + offline_omitted + behind_omitted)
    }
}

impl From<OfflinePartition> for OfflineRow {
    fn from(offline: OfflinePartition) -> Self {
        Self {
            topic: offline.topic.to_string(),
            partition: offline.partition,
            replicas: offline.replicas,
        }
    }
}
