//! What can go wrong, and whose fault it is.

use std::time::Duration;

use crate::{KafkaCode, TopicName};

/// The error of every operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A broker refused the credentials, or their mechanism.
    #[error("authentication failed: {reason}")]
    Authentication {
        /// What the broker or the handshake said; holds no secret.
        reason: String,
    },
    /// The principal lacks an ACL.
    #[error("not authorized to {operation} {resource}")]
    Authorization {
        /// The ACL operation that is needed, such as `Read` or `Describe`.
        operation: &'static str,
        /// The ACL resource, such as `Topic:orders`.
        resource: String,
        /// The principal as this client knows it, such as `User:alice`; empty where it does not.
        principal: String,
        /// The broker's error code.
        code: KafkaCode,
    },
    /// A broker answered with an error that has no variant of its own.
    #[error("{operation} failed with {code}: {message}")]
    Broker {
        /// What was being done.
        operation: &'static str,
        /// The broker's error code.
        code: KafkaCode,
        /// The broker's explanation, or the meaning of the code.
        message: String,
        /// Whether the same call may succeed a moment later.
        retriable: bool,
    },
    /// The request or the configuration makes no sense.
    #[error("invalid {what} '{value}': {reason}")]
    Invalid {
        /// The name of the argument or setting.
        what: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        reason: String,
    },
    /// A produce failed after the record was sent: it may have been written, or not.
    #[error("the record for topic {topic} may have been written, or not: {reason}")]
    MaybeWritten {
        /// The topic.
        topic: String,
        /// What happened.
        reason: String,
    },
    /// An offset outside the log.
    #[error(
        "offset {offset} of {topic}-{partition} is outside the log, which holds {start} to {end}"
    )]
    OffsetOutOfRange {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The offset asked for.
        offset: i64,
        /// The first offset of the log.
        start: i64,
        /// The end of the log: the offset after its last record.
        end: i64,
    },
    /// A broker said something that is not the Kafka protocol, or not a part of it that is known.
    #[error("the broker's answer could not be understood: {reason}")]
    Protocol {
        /// What was wrong.
        reason: String,
    },
    /// A record exceeds what the broker or the topic accepts.
    #[error("the record is too large for topic {topic}: {reason}")]
    RecordTooLarge {
        /// The topic.
        topic: String,
        /// The limit, and where it is set.
        reason: String,
    },
    /// The call did not end in time.
    #[error("{operation} did not finish within {after:?} (brokers: {brokers})")]
    Timeout {
        /// What was being done.
        operation: &'static str,
        /// The deadline that passed.
        after: Duration,
        /// The bootstrap brokers.
        brokers: String,
    },
    /// The TLS handshake failed.
    #[error("the TLS handshake failed: {reason}")]
    Tls {
        /// What the handshake said.
        reason: String,
    },
    /// No broker could be reached.
    #[error("no broker could be reached at {brokers}")]
    Unavailable {
        /// The bootstrap brokers.
        brokers: String,
        /// The last failure.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A broker id that the cluster does not have.
    #[error("broker {id} does not exist")]
    UnknownBroker {
        /// The id asked for.
        id: i32,
        /// The ids that exist.
        known: Vec<i32>,
    },
    /// A consumer group that the cluster does not have.
    #[error("consumer group {group_id} does not exist")]
    UnknownGroup {
        /// The id asked for.
        group_id: String,
    },
    /// A partition that the topic does not have.
    #[error("topic {topic} has no partition {partition}; it has {count}, numbered from 0")]
    UnknownPartition {
        /// The topic.
        topic: String,
        /// The partition asked for.
        partition: i32,
        /// How many partitions the topic has.
        count: usize,
    },
    /// A topic that the cluster does not have.
    #[error("topic {topic} does not exist")]
    UnknownTopic {
        /// The name asked for.
        topic: String,
    },
    /// The selected engine cannot do this.
    #[error("the {engine} engine cannot {operation}")]
    Unsupported {
        /// The engine.
        engine: &'static str,
        /// What it lacks.
        operation: &'static str,
    },
}

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The caller: the request has to change.
    Caller,
    /// The cluster, or the network on the way to it.
    Cluster,
    /// The operator of this program: its configuration, or its rights on the cluster.
    Operator,
}

impl Error {
    /// Who has to act.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Invalid { .. }
            | Self::OffsetOutOfRange { .. }
            | Self::RecordTooLarge { .. }
            | Self::UnknownBroker { .. }
            | Self::UnknownGroup { .. }
            | Self::UnknownPartition { .. }
            | Self::UnknownTopic { .. } => Fault::Caller,
            Self::Authentication { .. }
            | Self::Authorization { .. }
            | Self::Tls { .. }
            | Self::Unsupported { .. } => Fault::Operator,
            Self::Broker { .. }
            | Self::MaybeWritten { .. }
            | Self::Protocol { .. }
            | Self::Timeout { .. }
            | Self::Unavailable { .. } => Fault::Cluster,
        }
    }

    /// Whether the same call may succeed a moment later, without doing harm.
    ///
    /// [`Error::MaybeWritten`] is not retriable: a second try can write the record twice.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Unavailable { .. } => true,
            Self::Broker { retriable, .. } => *retriable,
            _ => false,
        }
    }

    /// The Kafka error code behind this error, where a broker sent one.
    #[must_use]
    pub fn kafka_code(&self) -> Option<KafkaCode> {
        match self {
            Self::Authorization { code, .. } | Self::Broker { code, .. } => Some(*code),
            Self::OffsetOutOfRange { .. } => Some(KafkaCode::new(1)),
            Self::RecordTooLarge { .. } => Some(KafkaCode::new(10)),
            Self::UnknownGroup { .. } => Some(KafkaCode::new(69)),
            Self::UnknownTopic { .. } | Self::UnknownPartition { .. } => Some(KafkaCode::new(3)),
            _ => None,
        }
    }

    /// The ACL that is missing, as `OPERATION on RESOURCE`, for an [`Error::Authorization`].
    #[must_use]
    pub fn needed_acl(&self) -> Option<String> {
        match self {
            Self::Authorization {
                operation,
                resource,
                ..
            } => Some(format!("{operation} on {resource}")),
            _ => None,
        }
    }

    /// A timeout whose brokers are filled in by [`Client`](crate::Client).
    pub(crate) fn timeout(operation: &'static str, after: Duration) -> Self {
        Self::Timeout {
            operation,
            after,
            brokers: String::new(),
        }
    }

    pub(crate) fn leader_not_available(operation: &'static str) -> Self {
        Self::Broker {
            operation,
            code: KafkaCode::new(5),
            message: "the partition has no leader".to_owned(),
            retriable: true,
        }
    }

    /// Whether a broker was there and ended the connection: it is going down, or the client speaks
    /// to it in another way than its listener expects, as without TLS or SASL.
    #[must_use]
    pub fn is_hang_up(&self) -> bool {
        match self {
            // The engines know what ended an attempt by its text only.
            Self::Unavailable { source, .. } => {
                let reason = source.to_string();
                ["closed", "early eof", "reset"]
                    .iter()
                    .any(|word| reason.contains(word))
            }
            _ => false,
        }
    }

    /// A refusal that the broker has only hinted at.
    pub(crate) fn may_not_read(topic: &TopicName) -> Self {
        Self::Authorization {
            operation: "Read",
            resource: format!("Topic:{topic}"),
            principal: String::new(),
            code: KafkaCode::new(29),
        }
    }

    pub(crate) fn invalid(
        what: &'static str,
        value: impl ToString,
        reason: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            what,
            value: value.to_string(),
            reason: reason.into(),
        }
    }
}
