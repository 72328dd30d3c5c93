//! The cluster at a glance.

use crate::{Broker, Client, Error};

impl Client {
    /// Describes the cluster at a glance.
    ///
    /// # Errors
    ///
    /// If no broker answers.
    pub async fn overview(&self) -> Result<ClusterOverview, Error> {
        let work = async {
            let (metadata, cluster) =
                futures_util::future::try_join(self.engine.metadata(), self.engine.cluster())
                    .await?;
            Ok(ClusterOverview {
                cluster_id: cluster.cluster_id,
                controller_id: cluster.controller_id,
                brokers: metadata.brokers.clone(),
                topic_count: metadata
                    .topics
                    .iter()
                    .filter(|topic| !topic.is_internal)
                    .count(),
                partition_count: metadata.partitions().count(),
                under_replicated_partitions: metadata
                    .partitions()
                    .filter(|partition| partition.is_under_replicated())
                    .count(),
                offline_partitions: metadata
                    .partitions()
                    .filter(|partition| partition.is_offline())
                    .count(),
                offline_broker_ids: metadata.offline_brokers(),
            })
        };
        self.within("describing the cluster", None, work).await
    }
}

/// The cluster at a glance.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClusterOverview {
    /// The cluster's id.
    pub cluster_id: Option<String>,
    /// The controller; `None` while there is none.
    pub controller_id: Option<i32>,
    /// The brokers that are alive, sorted by id.
    pub brokers: Vec<Broker>,
    /// How many topics there are, internal ones not counted.
    pub topic_count: usize,
    /// How many partitions there are, internal topics included.
    pub partition_count: usize,
    /// How many partitions have fewer replicas in sync than they should.
    pub under_replicated_partitions: usize,
    /// How many partitions have no leader.
    pub offline_partitions: usize,
    /// Brokers that hold replicas and are missing from the cluster's metadata, sorted.
    pub offline_broker_ids: Vec<i32>,
}
