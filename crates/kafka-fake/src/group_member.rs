//! Members of groups that are there without a client.

use std::collections::BTreeMap;

/// How the members of a group find out which partitions are theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupProtocol {
    /// One of the members assigns the partitions: JoinGroup and SyncGroup.
    #[default]
    Classic,
    /// The coordinator assigns the partitions (KIP-848): ConsumerGroupHeartbeat.
    Consumer,
}

/// A member of a group that [`Cluster::add_member`](crate::Cluster::add_member) puts there. It has
/// no client, sends no heartbeats, and stays.
///
/// A member of the classic protocol knows the assignor `range` only: clients whose assignors are
/// others cannot join its group (`INCONSISTENT_GROUP_PROTOCOL`).
///
/// ```
/// use kafka_fake::{GroupMember, GroupProtocol};
///
/// let classic = GroupMember::new("billing-1").host("10.0.0.7").assigned("orders", [0, 1, 2]);
/// let modern = GroupMember::new("audit-1").assigned("orders", 0..6).protocol(GroupProtocol::Consumer);
/// ```
#[derive(Clone, Debug)]
pub struct GroupMember {
    pub(crate) client_id: String,
    pub(crate) host: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) protocol: GroupProtocol,
    pub(crate) assigned: BTreeMap<String, Vec<i32>>,
}

impl GroupMember {
    /// A member of the classic protocol whose client says that this is its id. It subscribes to
    /// nothing yet.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            host: "127.0.0.1".to_owned(),
            instance_id: None,
            protocol: GroupProtocol::default(),
            assigned: BTreeMap::new(),
        }
    }

    /// The address that the client connects from; 127.0.0.1 by default. Kafka shows it behind a
    /// slash.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Makes it a static member (KIP-345).
    #[must_use]
    pub fn instance_id(mut self, id: impl Into<String>) -> Self {
        self.instance_id = Some(id.into());
        self
    }

    /// The protocol, which is the same for all members of a group.
    #[must_use]
    pub fn protocol(mut self, protocol: GroupProtocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Subscribes to a topic, and has these partitions of it, which may be none.
    #[must_use]
    pub fn assigned(
        mut self,
        topic: impl Into<String>,
        partitions: impl IntoIterator<Item = i32>,
    ) -> Self {
        let kept = self.assigned.entry(topic.into()).or_default();
        kept.extend(partitions);
        kept.sort_unstable();
        kept.dedup();
        self
    }
}
