//! Errors of the methods that run a cluster.

use std::io;

use crate::{Acl, ErrorCode};

/// Why a cluster could not do what its owner asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The ACL was refused, as the request of a client would be.
    #[error("an ACL is refused with {code}: {reason}: {acl:?}")]
    AclRefused {
        /// The ACL.
        acl: Box<Acl>,
        /// The code.
        code: ErrorCode,
        /// The reason.
        reason: String,
    },
    /// A node found no place to listen on.
    #[error("node {node} cannot listen on the loopback")]
    Bind {
        /// The node.
        node: i32,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The group was refused, as the request of a client would be.
    #[error("group {group} is refused with {code}: {reason}")]
    GroupRefused {
        /// The group.
        group: String,
        /// The code.
        code: ErrorCode,
        /// The reason.
        reason: String,
    },
    /// A cluster has between 1 and 100 nodes.
    #[error("a cluster has 1 to 100 nodes, and not {count}")]
    NodeCount {
        /// How many were asked for.
        count: usize,
    },
    /// The node is not among the replicas of the partition, or is not up.
    #[error("node {node} cannot lead partition {partition} of {topic}")]
    NotAReplica {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The node that was to lead it.
        node: i32,
    },
    /// The node is down, or there is none of this number.
    #[error("node {node} is not up")]
    NotUp {
        /// The number.
        node: i32,
    },
    /// Records were refused, as those of a client would be.
    #[error("records for partition {partition} of {topic} are refused with {code}")]
    RecordsRefused {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The code.
        code: ErrorCode,
    },
    /// A batch is compressed or malformed, and nobody but a client can tell what is in it.
    #[error(
        "the batch at offset {offset} of partition {partition} of {topic} is compressed or malformed: read it with a client"
    )]
    RecordsUnreadable {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// Where the batch begins.
        offset: i64,
    },
    /// The topic was refused, as the request of a client would be.
    #[error("topic {topic} is refused with {code}: {reason}")]
    TopicRefused {
        /// The topic.
        topic: String,
        /// The code.
        code: ErrorCode,
        /// The reason.
        reason: String,
    },
    /// No node has this number.
    #[error("the cluster has no node {node}")]
    UnknownNode {
        /// The number.
        node: i32,
    },
    /// The topic does not exist, or has no such partition.
    #[error("there is no partition {partition} of {topic}")]
    UnknownPartition {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
    },
}
