//! Partitions whose replicas are behind.

use crate::{Client, Error, TopicName};

impl Client {
    /// Lists the partitions with fewer replicas in sync than they should have.
    ///
    /// # Errors
    ///
    /// If no broker answers.
    pub async fn under_replicated(&self) -> Result<ReplicationReport, Error> {
        let metadata = self
            .within(
                "reading the cluster's metadata",
                None,
                self.engine.metadata(),
            )
            .await?;
        let partitions = metadata.topics.iter().flat_map(|topic| {
            topic
                .partitions
                .iter()
                .map(move |partition| (topic, partition))
        });
        let offline = partitions
            .clone()
            .filter(|(_, partition)| partition.is_offline())
            .map(|(topic, partition)| OfflinePartition {
                topic: topic.name.clone(),
                partition: partition.id,
                replicas: partition.replicas.clone(),
            })
            .collect();
        let mut under_replicated: Vec<_> = partitions
            .filter(|(_, partition)| partition.is_under_replicated())
            .filter_map(|(topic, partition)| {
                Some(UnderReplicatedPartition {
                    topic: topic.name.clone(),
                    partition: partition.id,
                    leader: partition.leader?,
                    replicas: partition.replicas.clone(),
                    isr: partition.isr.clone(),
                    missing_replicas: partition.missing_replicas(),
                })
            })
            .collect();
        under_replicated.sort_by(|a, b| {
            (a.isr.len(), &a.topic, a.partition).cmp(&(b.isr.len(), &b.topic, b.partition))
        });
        Ok(ReplicationReport {
            under_replicated,
            offline,
        })
    }
}

/// The partitions with fewer replicas in sync than they should have.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReplicationReport {
    /// The partitions, the most endangered first: fewest in sync, then topic and partition.
    pub under_replicated: Vec<UnderReplicatedPartition>,
    /// The partitions without a leader, by topic and partition; they are not among the others.
    pub offline: Vec<OfflinePartition>,
}

/// An under-replicated partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnderReplicatedPartition {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The leader.
    pub leader: i32,
    /// The brokers that hold a replica.
    pub replicas: Vec<i32>,
    /// The replicas in sync.
    pub isr: Vec<i32>,
    /// The replicas not in sync.
    pub missing_replicas: Vec<i32>,
}

/// A partition that can be neither read nor written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OfflinePartition {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The brokers that hold a replica; empty where the brokers do not tell.
    pub replicas: Vec<i32>,
}
