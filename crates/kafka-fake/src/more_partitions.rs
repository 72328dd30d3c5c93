//! Partitions that are to be added to a topic.

use crate::{ErrorCode, new_topic::MAX_PARTITIONS, state::State};

/// A wish for more partitions, in the terms of a CreatePartitions request.
#[derive(Debug)]
pub(crate) struct MorePartitions<'a> {
    pub(crate) topic: &'a str,
    /// How many there are to be in the end.
    pub(crate) count: i32,
    /// The replicas of each new partition, chosen by hand.
    pub(crate) assignments: Option<Vec<Vec<i32>>>,
}

impl MorePartitions<'_> {
    /// Checks the wish as a controller does; the replicas of the new partitions.
    pub(crate) fn plan(self, state: &State) -> Result<Vec<Vec<i32>>, (ErrorCode, String)> {
        let name = self.topic;
        let topic = state.topic(name);
        let topic = topic.map_err(|code| (code, format!("there is no topic {name}")))?;
        let now = topic.partitions.len();
        let wanted = usize::try_from(self.count).unwrap_or_default();
        let more = wanted.saturating_sub(now);
        if more == 0 {
            let reason = format!("topic {name} has {now} partitions, and not less than {wanted}");
            return Err((ErrorCode::INVALID_PARTITIONS, reason));
        }
        if state.partition_count().saturating_add(more) > MAX_PARTITIONS {
            let reason = format!("a cluster has no more than {MAX_PARTITIONS} partitions");
            return Err((ErrorCode::POLICY_VIOLATION, reason));
        }
        let replicas = topic.partitions.first();
        let replicas = replicas.map_or(1, |partition| partition.replicas.len());
        let Some(assignments) = self.assignments else {
            if replicas > state.live().count() {
                let reason = format!("not all of {replicas} nodes are up");
                return Err((ErrorCode::INVALID_REPLICATION_FACTOR, reason));
            }
            return Ok(state.spread(more, replicas));
        };
        let is_possible = |ids: &Vec<i32>| {
            let mut distinct = ids.clone();
            distinct.sort_unstable();
            distinct.dedup();
            ids.len() == replicas
                && distinct.len() == replicas
                && distinct.iter().all(|id| state.brokers.contains_key(id))
        };
        if assignments.len() != more || !assignments.iter().all(is_possible) {
            let reason = format!("{more} new partitions cannot be on {assignments:?}");
            return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, reason));
        }
        Ok(assignments)
    }
}
