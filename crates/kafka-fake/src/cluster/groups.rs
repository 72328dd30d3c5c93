//! Groups without a client: making them, and looking at them.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Cluster;
use crate::{Error, ErrorCode, GroupMember, GroupProtocol, groups::Committed, state::State};

impl Cluster {
    /// Commits an offset for a group, whether it has members or not. A group that does not exist
    /// comes into being by this.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// # let cluster = kafka_fake::Cluster::builder().start().await?;
    /// cluster.create_topic("orders", 6)?;
    /// cluster.commit_offset("billing", "orders", 0, 42, "after the outage")?;
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such partition, the metadata is longer than 4096 units of UTF-16, as Kafka counts
    /// characters, or there are too many groups.
    pub fn commit_offset(
        &self,
        group: &str,
        topic: &str,
        partition: i32,
        offset: i64,
        metadata: &str,
    ) -> Result<(), Error> {
        let mut state = self.shared.state();
        check_partition(&state, topic, partition)?;
        let committed = Committed::new(offset, -1, Some(metadata));
        let place = (topic.to_owned(), partition);
        let kept = state.groups.commit(group, place, committed);
        kept.map_err(|code| refused(group, code, "the offset cannot be kept"))
    }

    /// What a group committed for a partition; `None` if that is nothing, or there is no such group.
    /// Offsets that are part of a transaction count when it is committed.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// # let cluster = kafka_fake::Cluster::builder().start().await?;
    /// cluster.create_topic("orders", 6)?;
    /// // Here a consumer that is tested reads something.
    /// # cluster.commit_offset("billing", "orders", 0, 42, "")?;
    /// assert_eq!(cluster.committed_offset("billing", "orders", 0), Some(42));
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn committed_offset(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        let state = self.shared.state();
        let offsets = &state.groups.find(group)?.offsets;
        let committed = offsets.get(&(topic.to_owned(), partition))?;
        Some(committed.offset)
    }

    /// Puts a member into a group, and tells its id. A group that does not exist comes into being by
    /// this; it is `Stable` at once.
    ///
    /// The member takes part in every rebalance without delay, and has what is assigned to it then.
    /// It never leaves.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// # use kafka_fake::GroupMember;
    /// # let cluster = kafka_fake::Cluster::builder().start().await?;
    /// cluster.create_topic("orders", 6)?;
    /// for (client, host, partitions) in [("billing-1", "10.0.0.7", 0..3), ("billing-2", "10.0.0.8", 3..6)] {
    ///     let member = GroupMember::new(client).host(host).assigned("orders", partitions);
    ///     cluster.add_member("billing", member)?;
    /// }
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such partition, the group has members of clients or of another protocol, or
    /// there are too many groups or members.
    pub fn add_member(&self, group: &str, member: GroupMember) -> Result<String, Error> {
        let mut state = self.shared.state();
        let topics = state.topics_by_name();
        let mut partitions = BTreeSet::new();
        for (topic, ids) in &member.assigned {
            let id = topic_id(&state, topic)?;
            for partition in ids {
                check_partition(&state, topic, *partition)?;
                partitions.insert((id, *partition));
            }
        }
        let reason = "the group has members of clients or of another protocol, or too many";
        let failed = |code| refused(group, code, reason);
        let id = state.groups.new_member_id(&member.client_id);
        match member.protocol {
            GroupProtocol::Classic => {
                let classic = state.groups.classic(group).map_err(failed)?;
                classic.place(&id, &member).map_err(failed)?;
            }
            GroupProtocol::Consumer => {
                let consumer = state.groups.consumer(group).map_err(failed)?;
                let placed = consumer.place(&id, &member, partitions, &topics);
                placed.map_err(failed)?;
            }
        }
        Ok(id)
    }
}

fn check_partition(state: &State, topic: &str, partition: i32) -> Result<(), Error> {
    let found = state.partition(topic, partition);
    found.map(|_| ()).map_err(|_| Error::UnknownPartition {
        topic: topic.to_owned(),
        partition,
    })
}

fn topic_id(state: &State, topic: &str) -> Result<Uuid, Error> {
    let found = state.topic(topic);
    found
        .map(|topic| topic.id)
        .map_err(|_| Error::UnknownPartition {
            topic: topic.to_owned(),
            partition: 0,
        })
}

fn refused(group: &str, code: ErrorCode, reason: &str) -> Error {
    Error::GroupRefused {
        group: group.to_owned(),
        code,
        reason: reason.to_owned(),
    }
}
