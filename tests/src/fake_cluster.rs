//! kafka-fake, with what tests need to use it.

use std::ops::Deref;

use kafka_fake::Cluster;

use crate::KafkaAccess;

/// A cluster in this process, which is gone when this value is.
#[derive(Debug)]
pub struct FakeCluster {
    access: KafkaAccess,
    cluster: Cluster,
}

impl FakeCluster {
    /// A cluster of this many nodes.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    pub async fn start(nodes: usize) -> Self {
        let cluster = Cluster::builder().nodes(nodes).start().await;
        let cluster = cluster.expect("ports");
        Self {
            access: KafkaAccess::open(cluster.bootstrap_servers()).await,
            cluster,
        }
    }

    /// The cluster, to be told how to behave.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }
}

impl Deref for FakeCluster {
    type Target = KafkaAccess;

    fn deref(&self) -> &KafkaAccess {
        &self.access
    }
}
