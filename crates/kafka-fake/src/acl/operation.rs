//! What clients do to resources.

use super::code::words;

words! {
    /// What is done to a resource: Kafka's `AclOperation`.
    AclOperation {
        /// Everything.
        All = 2,
        /// Changing topics, groups, or the cluster: its ACLs, for one.
        Alter = 7,
        /// Changing settings.
        AlterConfigs = 11,
        /// What brokers do to each other.
        ClusterAction = 9,
        /// Creating topics.
        Create = 5,
        /// Creating delegation tokens of a user.
        CreateTokens = 13,
        /// Deleting topics, records or groups.
        Delete = 6,
        /// Looking at what there is.
        Describe = 8,
        /// Looking at settings.
        DescribeConfigs = 10,
        /// Looking at delegation tokens of a user.
        DescribeTokens = 14,
        /// Writing with an idempotent producer; who may write to any topic at all may too.
        IdempotentWrite = 12,
        /// Reading records, and being a member of a group.
        Read = 3,
        /// Two-phase commit (KIP-939).
        TwoPhaseCommit = 15,
        /// Writing records, and transactions.
        Write = 4,
    }
}

impl AclOperation {
    /// Whether who is allowed this is allowed the other too. Nothing of the kind holds for what is
    /// denied.
    pub(crate) fn implies(self, other: Self) -> bool {
        match other {
            _ if self == Self::All || self == other => true,
            Self::Describe => {
                matches!(self, Self::Read | Self::Write | Self::Delete | Self::Alter)
            }
            Self::DescribeConfigs => self == Self::AlterConfigs,
            _ => false,
        }
    }
}
