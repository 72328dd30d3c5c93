//! Topics that are to be created.

use std::collections::BTreeMap;

use crate::{ErrorCode, state::State, topic::refuse_name, topic_config};

/// A topic that somebody asks for, in the terms of a CreateTopics request.
#[derive(Clone, Debug)]
pub(crate) struct NewTopic {
    pub(crate) name: String,
    /// -1 is the default, and needed with `assignments`.
    pub(crate) partitions: i32,
    /// -1 is the default, and needed with `assignments`.
    pub(crate) replication_factor: i16,
    /// The replicas of each partition, chosen by hand.
    pub(crate) assignments: Vec<(i32, Vec<i32>)>,
    pub(crate) configs: Vec<(String, Option<String>)>,
}

/// What a topic that may be created looks like.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) assignment: Vec<Vec<i32>>,
    pub(crate) configs: BTreeMap<String, String>,
}

impl NewTopic {
    pub(crate) fn new(name: String, partitions: i32, replication_factor: i16) -> Self {
        Self {
            name,
            partitions,
            replication_factor,
            assignments: Vec::new(),
            configs: Vec::new(),
        }
    }

    /// Checks the topic as a controller does.
    pub(crate) fn plan(&self, state: &State) -> Result<Plan, (ErrorCode, String)> {
        if let Some(reason) = refuse_name(&self.name) {
            return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, reason));
        }
        if state.topic(&self.name).is_ok() {
            let reason = format!("topic {} exists", self.name);
            return Err((ErrorCode::TOPIC_ALREADY_EXISTS, reason));
        }
        // Kafka's metrics cannot tell such names apart.
        let metric = self.name.replace('.', "_");
        if let Some((other, _)) = state
            .topics()
            .find(|(name, _)| name.replace('.', "_") == metric)
        {
            let reason = format!("topic {} collides with {other}", self.name);
            return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, reason));
        }
        let assignment = if self.assignments.is_empty() {
            self.spread(state)?
        } else {
            self.assigned(state)?
        };
        if state.partition_count() + assignment.len() > MAX_PARTITIONS {
            let reason = format!("a cluster has no more than {MAX_PARTITIONS} partitions");
            return Err((ErrorCode::POLICY_VIOLATION, reason));
        }
        Ok(Plan {
            assignment,
            configs: self.configs()?,
        })
    }

    fn spread(&self, state: &State) -> Result<Vec<Vec<i32>>, (ErrorCode, String)> {
        let partitions = match self.partitions {
            -1 => 1,
            count => usize::try_from(count).unwrap_or_default(),
        };
        if partitions == 0 {
            let reason = "a topic has at least one partition".to_owned();
            return Err((ErrorCode::INVALID_PARTITIONS, reason));
        }
        if partitions > MAX_PARTITIONS {
            let reason = format!("a topic has no more than {MAX_PARTITIONS} partitions");
            return Err((ErrorCode::POLICY_VIOLATION, reason));
        }
        let live = state.live().count();
        let replicas = match self.replication_factor {
            -1 => live.min(DEFAULT_REPLICATION_FACTOR),
            count => usize::try_from(count).unwrap_or_default(),
        };
        if replicas == 0 || replicas > live {
            let count = self.replication_factor;
            let reason = format!("a replication factor of {count} with {live} nodes that are up");
            return Err((ErrorCode::INVALID_REPLICATION_FACTOR, reason));
        }
        Ok(state.spread(partitions, replicas))
    }

    fn assigned(&self, state: &State) -> Result<Vec<Vec<i32>>, (ErrorCode, String)> {
        if self.partitions != -1 || self.replication_factor != -1 {
            let reason = "replicas are assigned by hand, and counted".to_owned();
            return Err((ErrorCode::INVALID_REQUEST, reason));
        }
        let invalid = |reason: String| (ErrorCode::INVALID_REPLICA_ASSIGNMENT, reason);
        let by_id: BTreeMap<i32, &Vec<i32>> = self
            .assignments
            .iter()
            .map(|(id, replicas)| (*id, replicas))
            .collect();
        let is_numbered = (0..).zip(by_id.keys()).all(|(n, id)| n == *id);
        if by_id.len() != self.assignments.len() || !is_numbered {
            return Err(invalid("partitions are not numbered from 0".to_owned()));
        }
        let width = by_id.values().next().map_or(0, |replicas| replicas.len());
        for (id, replicas) in &by_id {
            let mut distinct = (*replicas).clone();
            distinct.sort_unstable();
            distinct.dedup();
            let all_known = distinct.iter().all(|id| state.brokers.contains_key(id));
            if width == 0 || replicas.len() != width || distinct.len() != width || !all_known {
                return Err(invalid(format!("partition {id} cannot be on {replicas:?}")));
            }
        }
        Ok(by_id.into_values().cloned().collect())
    }

    fn configs(&self) -> Result<BTreeMap<String, String>, (ErrorCode, String)> {
        let mut configs = BTreeMap::new();
        for (name, value) in &self.configs {
            let Some(value) = value else {
                let reason = format!("{name} has no value");
                return Err((ErrorCode::INVALID_CONFIG, reason));
            };
            topic_config::check(name, value)
                .map_err(|reason| (ErrorCode::INVALID_CONFIG, reason))?;
            configs.insert(name.clone(), value.clone());
        }
        Ok(configs)
    }
}

/// The most partitions that a cluster has, so that no client can fill the memory by asking.
pub(crate) const MAX_PARTITIONS: usize = 10_000;

/// The replicas of a topic for which no number is given, where there are as many nodes.
const DEFAULT_REPLICATION_FACTOR: usize = 3;
