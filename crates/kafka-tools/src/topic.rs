//! Topics and their partitions.

use std::collections::BTreeSet;

use crate::{Client, Error, KafkaCode, TopicName};

impl Client {
    /// Lists all topics, internal ones included where the engine sees them, with one Metadata
    /// request.
    ///
    /// # Errors
    ///
    /// If no broker answers.
    pub async fn list_topics(&self) -> Result<TopicListing, Error> {
        let topics = self
            .within("listing topics", None, self.engine.list_topics())
            .await?;
        Ok(TopicListing { topics })
    }

    /// Describes a topic with its partitions.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTopic`] if there is none of this name; asking does not create it.
    pub async fn describe_topic(&self, topic: &TopicName) -> Result<TopicDescription, Error> {
        self.within(
            "describing the topic",
            None,
            self.engine.describe_topic(topic),
        )
        .await
    }
}

/// All topics of a cluster, sorted by name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TopicListing {
    /// The topics.
    pub topics: Vec<TopicSummary>,
}

/// A topic in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicSummary {
    /// The name.
    pub name: TopicName,
    /// How many partitions it has.
    pub partition_count: usize,
    /// How many replicas its first partition has; 0 where the engine does not tell.
    pub replication_factor: usize,
    /// Whether Kafka keeps it for itself, as `__consumer_offsets`.
    pub is_internal: bool,
}

/// A topic with its partitions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TopicDescription {
    /// The name.
    pub name: TopicName,
    /// Whether Kafka keeps it for itself.
    pub is_internal: bool,
    /// The partitions, sorted by id.
    pub partitions: Vec<Partition>,
    /// Whether this client's principal may read its records, where the broker tells.
    pub may_read: Option<bool>,
}

impl TopicDescription {
    pub(crate) fn summary(&self) -> TopicSummary {
        TopicSummary {
            name: self.name.clone(),
            partition_count: self.partitions.len(),
            replication_factor: self.partitions.first().map_or(0, |p| p.replicas.len()),
            is_internal: self.is_internal,
        }
    }
}

/// The state of a partition in the cluster's metadata. An engine that does not tell leaders and
/// replicas leaves them empty; such a partition counts neither as offline nor as under-replicated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partition {
    /// The id, from 0.
    pub id: i32,
    /// The broker that leads it; `None` while there is none.
    pub leader: Option<i32>,
    /// The brokers that hold a replica, preferred leader first.
    pub replicas: Vec<i32>,
    /// The replicas in sync with the leader.
    pub isr: Vec<i32>,
    /// The replicas whose broker or disk is offline.
    pub offline_replicas: Vec<i32>,
    /// The error the broker reported for this partition.
    pub error: Option<KafkaCode>,
}

impl Partition {
    /// Whether it can be neither read nor written: no leader, or an error that is not about a
    /// follower.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        // Every partition has replicas: where none are listed, nothing is known of the leader.
        let leaderless = self.leader.is_none() && !self.replicas.is_empty();
        // REPLICA_NOT_AVAILABLE speaks of a follower; the leader still serves.
        leaderless || self.error.is_some_and(|code| code.code() != 9)
    }

    /// Whether fewer replicas are in sync than exist, while it is not offline.
    #[must_use]
    pub fn is_under_replicated(&self) -> bool {
        !self.is_offline() && self.isr.len() < self.replicas.len()
    }

    /// The replicas that are not in sync.
    #[must_use]
    pub fn missing_replicas(&self) -> Vec<i32> {
        let isr: BTreeSet<_> = self.isr.iter().collect();
        self.replicas
            .iter()
            .filter(|id| !isr.contains(id))
            .copied()
            .collect()
    }
}
