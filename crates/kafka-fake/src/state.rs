//! What a cluster knows. All nodes share it, as if metadata and records were replicated at once.

mod transactions;

use std::{collections::BTreeMap, net::SocketAddr};

use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    ErrorCode,
    batch::{Batch, MARKER_BYTES},
    clock::Clock,
    coordinator::Coordinator,
    groups::{Committer, Groups, Topics},
    partition::Partition,
    topic::Topic,
};

/// Nodes, topics and groups.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) cluster_id: String,
    pub(crate) brokers: BTreeMap<i32, Broker>,
    pub(crate) groups: Groups,
    pub(crate) clock: Clock,
    /// The nodes that roles were moved to; for as long as they are up.
    moved: Roles,
    pub(crate) transactions: Coordinator,
    topics: BTreeMap<String, Topic>,
    created: u64,
    producers: i64,
    max_log_bytes: usize,
}

/// What nodes do beside leading partitions.
#[derive(Debug, Default)]
struct Roles {
    controller: Option<i32>,
    coordinators: BTreeMap<String, i32>,
}

/// A node as the others see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broker {
    pub(crate) address: SocketAddr,
    pub(crate) is_up: bool,
}

impl State {
    pub(crate) fn new(cluster_id: String, max_log_bytes: usize, clock: Clock) -> Self {
        Self {
            cluster_id,
            brokers: BTreeMap::new(),
            groups: Groups::default(),
            clock,
            moved: Roles::default(),
            transactions: Coordinator::default(),
            topics: BTreeMap::new(),
            created: 0,
            producers: 0,
            max_log_bytes,
        }
    }

    /// The nodes that are up.
    pub(crate) fn live(&self) -> impl Iterator<Item = (i32, SocketAddr)> {
        let up = self.brokers.iter().filter(|(_, broker)| broker.is_up);
        up.map(|(id, broker)| (*id, broker.address))
    }

    /// Where a node listens, if it is up.
    pub(crate) fn live_node(&self, node: i32) -> Option<(i32, SocketAddr)> {
        self.live().find(|(id, _)| *id == node)
    }

    /// The controller: the node that was chosen, or else the first that is up.
    pub(crate) fn controller(&self) -> Option<i32> {
        let chosen = self.moved.controller.and_then(|node| self.live_node(node));
        chosen.or_else(|| self.live().next()).map(|(id, _)| id)
    }

    /// Chooses a controller.
    pub(crate) fn move_controller(&mut self, node: i32) {
        self.moved.controller = Some(node);
    }

    /// Chooses the coordinator of a group.
    pub(crate) fn move_coordinator(&mut self, group: &str, node: i32) {
        self.handing_over(|state| {
            state.moved.coordinators.insert(group.to_owned(), node);
        });
    }

    /// Does what may give groups other coordinators. To a new one all members have just been heard
    /// from.
    fn handing_over(&mut self, change: impl FnOnce(&mut Self)) {
        let groups = self.groups.all();
        let before = groups.map(|(group, _)| (group.to_owned(), self.coordinator(group)));
        let before: Vec<_> = before.collect();
        change(self);
        for (group, coordinator) in before {
            if self.coordinator(&group) != coordinator {
                self.groups.refresh(&group, Instant::now());
            }
        }
    }

    /// The coordinator of a group: the node that was chosen, or else always the same one while the
    /// same nodes are up.
    pub(crate) fn coordinator(&self, group: &str) -> Option<(i32, SocketAddr)> {
        let chosen = self.moved.coordinators.get(group);
        if let Some(found) = chosen.and_then(|node| self.live_node(*node)) {
            return Some(found);
        }
        let sum = group.bytes().fold(0_usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        });
        let first = sum % self.brokers.len().max(1);
        let all = self.brokers.iter().cycle().skip(first);
        let mut live = all
            .take(self.brokers.len())
            .filter(|(_, broker)| broker.is_up);
        live.next().map(|(id, broker)| (*id, broker.address))
    }

    /// Checks that a group is coordinated by `node`.
    pub(crate) fn check_coordinator(&self, group: &str, node: i32) -> Result<(), ErrorCode> {
        match self.coordinator(group) {
            Some((coordinator, _)) if coordinator == node => Ok(()),
            _ => Err(ErrorCode::NOT_COORDINATOR),
        }
    }

    pub(crate) fn topics(&self) -> impl Iterator<Item = (&str, &Topic)> {
        self.topics
            .iter()
            .map(|(name, topic)| (name.as_str(), topic))
    }

    pub(crate) fn topic(&self, name: &str) -> Result<&Topic, ErrorCode> {
        self.topics
            .get(name)
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    pub(crate) fn topic_mut(&mut self, name: &str) -> Result<&mut Topic, ErrorCode> {
        self.topics
            .get_mut(name)
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    /// What groups know of the topics.
    pub(crate) fn topics_by_name(&self) -> Topics {
        let topics = self.topics.iter().map(|(name, topic)| {
            let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
            (name.clone(), (topic.id, count))
        });
        topics.collect()
    }

    /// The name of the topic that has this id.
    pub(crate) fn name_of(&self, id: Uuid) -> Result<&str, ErrorCode> {
        let found = self.topics.iter().find(|(_, topic)| topic.id == id);
        found
            .map(|(name, _)| name.as_str())
            .ok_or(ErrorCode::UNKNOWN_TOPIC_ID)
    }

    pub(crate) fn partition(&self, topic: &str, id: i32) -> Result<&Partition, ErrorCode> {
        let partition = self.topic(topic)?.partition(id);
        partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    pub(crate) fn partition_mut(
        &mut self,
        topic: &str,
        id: i32,
    ) -> Result<&mut Partition, ErrorCode> {
        let topic = self.topics.get_mut(topic);
        topic
            .and_then(|topic| topic.partition_mut(id))
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    /// Checks that a group lets somebody commit the offset of a partition that there is.
    pub(crate) fn check_commit_of(
        &self,
        group: &str,
        by: &Committer<'_>,
        (topic, partition): (&str, i32),
    ) -> Result<(), ErrorCode> {
        self.partition(topic, partition)?;
        let id = self.topic(topic)?.id;
        match self.groups.find(group) {
            Some(group) => group.check_partition(by, (id, partition)),
            None => Ok(()),
        }
    }

    /// The name of the topic that a request means, by id where it has one.
    pub(crate) fn resolve(&self, name: &str, id: Uuid) -> Result<String, ErrorCode> {
        if id.is_nil() {
            return Ok(name.to_owned());
        }
        self.name_of(id).map(str::to_owned)
    }

    /// How many bytes of records are kept at most.
    pub(crate) fn max_log_bytes(&self) -> usize {
        self.max_log_bytes
    }

    /// How many bytes of records can be kept beside those that there are, and still the markers of
    /// all transactions that are to end: without its marker nobody could ever read on.
    pub(crate) fn room(&self) -> usize {
        let partitions = self.topics.values().flat_map(|topic| &topic.partitions);
        let kept: usize = partitions.map(|partition| partition.log.size()).sum();
        let markers = self.transactions.open_partitions() * MARKER_BYTES;
        let taken = kept.saturating_add(markers);
        self.max_log_bytes.saturating_sub(taken)
    }

    /// Writes a batch, wherever it comes from; the offset of its first record, and the time if the
    /// topic stamps its records.
    pub(crate) fn append(
        &mut self,
        topic: &str,
        partition: i32,
        batch: &Batch,
    ) -> Result<(i64, Option<i64>), ErrorCode> {
        let settings = self.topic(topic)?;
        if batch.bytes().len() > settings.setting("max.message.bytes") {
            return Err(ErrorCode::MESSAGE_TOO_LARGE);
        }
        let stamp = settings.stamps().then(|| self.clock.now());
        if batch.bytes().len() > self.room() {
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
        let found = self.partition_mut(topic, partition)?;
        let offset = match stamp {
            Some(now) => found.log.append(&batch.stamped(now), found.leader_epoch),
            None => found.log.append(batch, found.leader_epoch),
        };
        Ok((offset?, stamp))
    }

    /// An id for a producer.
    pub(crate) fn new_producer(&mut self) -> i64 {
        self.producers += 1;
        self.producers
    }

    /// How many partitions there are.
    pub(crate) fn partition_count(&self) -> usize {
        self.topics
            .values()
            .map(|topic| topic.partitions.len())
            .sum()
    }

    /// Adds a topic whose partitions have these replicas; the first of each that is up leads it.
    pub(crate) fn add_topic(
        &mut self,
        name: String,
        assignment: Vec<Vec<i32>>,
        configs: BTreeMap<String, String>,
    ) -> Uuid {
        self.created += 1;
        // Ids are never used twice, so that a topic that is created again can be told from the
        // one before; all zeros and a few low ones have a meaning in Kafka.
        let id = Uuid::from_u64_pair(0x6b61_666b_6120_4661, self.created);
        let partitions = assignment.into_iter().map(|replicas| {
            let mut partition = Partition::new(replicas);
            partition.elect(&self.brokers);
            partition
        });
        let topic = Topic {
            id,
            partitions: partitions.collect(),
            configs,
        };
        self.topics.insert(name, topic);
        id
    }

    /// Adds partitions to a topic, if there is one.
    pub(crate) fn add_partitions(&mut self, name: &str, assignment: Vec<Vec<i32>>) {
        if let Some(topic) = self.topics.get_mut(name) {
            let partitions = assignment.into_iter().map(|replicas| {
                let mut partition = Partition::new(replicas);
                partition.elect(&self.brokers);
                partition
            });
            topic.partitions.extend(partitions);
        }
    }

    pub(crate) fn remove_topic(&mut self, name: &str) -> Result<Topic, ErrorCode> {
        self.groups.forget_topic(name);
        self.transactions.forget(|_, topic, _| topic == name);
        self.topics
            .remove(name)
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    /// Replicas for a new topic, spread over the nodes that are up.
    pub(crate) fn spread(&self, partitions: usize, replication_factor: usize) -> Vec<Vec<i32>> {
        let live: Vec<i32> = self.live().map(|(id, _)| id).collect();
        // Topics begin at different nodes, so that small ones do not all fall on the first.
        let first = usize::try_from(self.created).unwrap_or_default();
        (0..partitions)
            .map(|partition| {
                let from = first.wrapping_add(partition);
                let turns = (0..replication_factor).map(|replica| from.wrapping_add(replica));
                turns
                    .filter_map(|turn| live.get(turn % live.len().max(1)).copied())
                    .collect()
            })
            .collect()
    }

    /// Marks a node as up or down, and elects leaders where that makes a difference.
    pub(crate) fn set_up(&mut self, node: i32, is_up: bool) {
        self.handing_over(|state| {
            if let Some(broker) = state.brokers.get_mut(&node) {
                broker.is_up = is_up;
            }
        });
        for topic in self.topics.values_mut() {
            for partition in &mut topic.partitions {
                partition.elect(&self.brokers);
            }
        }
    }
}

#[cfg(test)]
mod tests;
