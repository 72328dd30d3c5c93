//! What clients ask to do something to.

use crate::{
    AclOperation, ErrorCode, ResourceType,
    acl::{CLUSTER, Code as _},
};

/// A resource.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resource<'a> {
    Cluster,
    Group(&'a str),
    Topic(&'a str),
    TransactionalId(&'a str),
}

impl Resource<'_> {
    pub(crate) fn kind(self) -> ResourceType {
        match self {
            Self::Cluster => ResourceType::Cluster,
            Self::Group(_) => ResourceType::Group,
            Self::Topic(_) => ResourceType::Topic,
            Self::TransactionalId(_) => ResourceType::TransactionalId,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Cluster => CLUSTER,
            Self::Group(name) | Self::Topic(name) | Self::TransactionalId(name) => name,
        }
    }

    /// How clients are told that they may not.
    pub(crate) fn refusal(self) -> ErrorCode {
        match self {
            Self::Cluster => ErrorCode::CLUSTER_AUTHORIZATION_FAILED,
            Self::Group(_) => ErrorCode::GROUP_AUTHORIZATION_FAILED,
            Self::Topic(_) => ErrorCode::TOPIC_AUTHORIZATION_FAILED,
            Self::TransactionalId(_) => ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        }
    }

    /// All that can be done with it (KIP-430).
    pub(crate) fn operations(self) -> &'static [AclOperation] {
        use AclOperation::{
            Alter, AlterConfigs, ClusterAction, Create, Delete, Describe, DescribeConfigs,
            IdempotentWrite, Read, TwoPhaseCommit, Write,
        };
        match self {
            Self::Cluster => &[
                Create,
                Alter,
                Describe,
                ClusterAction,
                DescribeConfigs,
                AlterConfigs,
                IdempotentWrite,
            ],
            Self::Group(_) => &[Read, Delete, Describe, DescribeConfigs, AlterConfigs],
            Self::Topic(_) => &[
                Read,
                Write,
                Create,
                Delete,
                Alter,
                Describe,
                DescribeConfigs,
                AlterConfigs,
            ],
            Self::TransactionalId(_) => &[Describe, Write, TwoPhaseCommit],
        }
    }
}

/// A set of operations as answers have it: a bit for each.
pub(crate) fn bits(operations: impl Iterator<Item = AclOperation>) -> i32 {
    operations.fold(0, |set, operation| set | 1 << operation.code())
}
