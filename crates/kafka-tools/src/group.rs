//! Consumer groups, classic and KIP-848.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Client, Error, GroupId, Isolation, PartialFailure, TopicName,
    engine::{CommittedOffsets, OffsetAnswers, OffsetQuery},
};

impl Client {
    /// Lists all consumer groups, asking every broker.
    ///
    /// # Errors
    ///
    /// If no broker answers; brokers that fail beside others are in the listing.
    pub async fn list_groups(&self) -> Result<GroupListing, Error> {
        let listing = self.engine.list_groups();
        let mut listing = self
            .within("listing consumer groups", None, listing)
            .await?;
        self.complete_parts(&mut listing.failures);
        Ok(listing)
    }

    /// Describes a group with its members and, where asked for, its committed offsets and lag.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownGroup`] if there is none of this id.
    pub async fn describe_group(
        &self,
        group: &GroupId,
        include_offsets: bool,
    ) -> Result<GroupDescription, Error> {
        let work = async {
            let groups = std::slice::from_ref(group);
            let mut described = self.engine.describe_groups(groups).await?;
            let unknown = || {
                Err(Error::UnknownGroup {
                    group_id: group.to_string(),
                })
            };
            let mut description = described.remove(group).unwrap_or_else(unknown)?;
            if include_offsets {
                let committed = self.engine.committed_offsets(group).await?;
                let partitions = description.partitions(&committed);
                let ends = self.end_offsets(partitions.iter().cloned()).await?;
                description.offsets = Some(join_offsets(partitions, committed, ends));
            }
            Ok(description)
        };
        let mut description = self
            .within("describing the consumer group", None, work)
            .await?;
        let offsets = description.offsets.iter_mut().flatten();
        offsets
            .filter_map(|offset| offset.error.as_mut())
            .for_each(|error| self.complete(error));
        Ok(description)
    }

    /// The high watermarks, with one ListOffsets request per leader.
    pub(crate) async fn end_offsets(
        &self,
        partitions: impl Iterator<Item = (TopicName, i32)>,
    ) -> Result<OffsetAnswers, Error> {
        let mut queries: BTreeMap<_, _> = partitions
            .map(|partition| (partition, OffsetQuery::End))
            .collect();
        // Waiting for a leader that is not there would cost the whole deadline.
        let mut refused = OffsetAnswers::new();
        for partition in self.engine.metadata().await?.leaderless() {
            if queries.remove(&partition).is_some() {
                refused.insert(
                    partition,
                    Err(Error::leader_not_available("reading offsets")),
                );
            }
        }
        if queries.is_empty() {
            return Ok(refused);
        }
        let mut answers = self
            .engine
            .list_offsets(&queries, Isolation::ReadUncommitted)
            .await?;
        answers.append(&mut refused);
        Ok(answers)
    }
}

impl GroupDescription {
    /// The partitions that have a committed offset or belong to a member.
    pub(crate) fn partitions(&self, committed: &CommittedOffsets) -> BTreeSet<(TopicName, i32)> {
        let assignments = self
            .members
            .iter()
            .filter_map(|member| member.assignments.as_ref());
        let assigned = assignments.flatten().flat_map(|assignment| {
            assignment
                .partitions
                .iter()
                .map(|partition| (assignment.topic.clone(), *partition))
        });
        assigned.chain(committed.keys().cloned()).collect()
    }
}

/// Puts commits beside ends of logs.
fn join_offsets(
    partitions: BTreeSet<(TopicName, i32)>,
    mut committed: CommittedOffsets,
    mut ends: OffsetAnswers,
) -> Vec<CommittedOffset> {
    let join = |(topic, partition): (TopicName, i32)| {
        let key = (topic, partition);
        let mut error = None;
        let (offset, metadata) = match committed.remove(&key) {
            Some(Ok(commit)) => commit,
            Some(Err(failure)) => {
                error = Some(failure);
                (None, None)
            }
            None => (None, None),
        };
        let end_offset = match ends.remove(&key) {
            Some(Ok(end)) => end,
            Some(Err(failure)) => {
                error = error.or(Some(failure));
                None
            }
            None => None,
        };
        let lag = offset
            .zip(end_offset)
            .map(|(offset, end)| (end - offset).max(0));
        let (topic, partition) = key;
        CommittedOffset {
            topic,
            partition,
            offset,
            end_offset,
            lag,
            metadata,
            error,
        }
    };
    partitions.into_iter().map(join).collect()
}

/// All consumer groups of a cluster, sorted by id.
#[derive(Debug)]
#[non_exhaustive]
pub struct GroupListing {
    /// The groups.
    pub groups: Vec<GroupSummary>,
    /// The brokers that did not answer: groups they coordinate are missing.
    pub failures: Vec<PartialFailure>,
}

/// A group in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupSummary {
    /// The id.
    pub group_id: GroupId,
    /// The state in Kafka's words: `Stable`, `Empty`, `PreparingRebalance`, ...
    pub state: String,
    /// `consumer` for consumer groups; empty for groups that only commit offsets.
    pub protocol_type: String,
    /// `classic` or `consumer` (KIP-848), where the broker tells.
    pub group_type: Option<String>,
}

/// A group with its members.
#[derive(Debug)]
#[non_exhaustive]
pub struct GroupDescription {
    /// The id.
    pub group_id: GroupId,
    /// The state in Kafka's words.
    pub state: String,
    /// `consumer` for consumer groups.
    pub protocol_type: String,
    /// The assignor.
    pub protocol: String,
    /// `classic` or `consumer` (KIP-848).
    pub group_type: String,
    /// The members, sorted by id.
    pub members: Vec<GroupMember>,
    /// The committed offsets and lags, where asked for: every partition that has a committed
    /// offset or is assigned to a member.
    pub offsets: Option<Vec<CommittedOffset>>,
}

/// A member of a group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupMember {
    /// The id that the coordinator gave it.
    pub member_id: String,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// The client id.
    pub client_id: String,
    /// Where it connects from.
    pub client_host: String,
    /// The partitions it owns; `None` where the group's protocol is not a consumer's.
    pub assignments: Option<Vec<GroupAssignment>>,
}

/// The partitions of one topic that a member owns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupAssignment {
    /// The topic.
    pub topic: TopicName,
    /// The partitions, sorted.
    pub partitions: Vec<i32>,
}

/// Where a group stands in a partition.
#[derive(Debug)]
#[non_exhaustive]
pub struct CommittedOffset {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The committed offset: the next one to be read. `None` if the group never committed.
    pub offset: Option<i64>,
    /// The end of the log (high watermark), where it could be read.
    pub end_offset: Option<i64>,
    /// How many offsets the group is behind; `None` is not zero, it is unknown.
    pub lag: Option<i64>,
    /// The metadata stored with the commit.
    pub metadata: Option<String>,
    /// Why this partition could not be read in full.
    pub error: Option<Error>,
}
