//! rskafka's errors, translated into ours in one place.

use std::error::Error as StdError;

use rskafka::{
    BackoffError,
    client::error::{Error as ClientError, ProtocolError, RequestError},
};

use crate::{Error, KafkaCode, TopicName, engine::foreign::unreadable};

/// What was being done, and to what.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    operation: &'static str,
    acl_operation: &'static str,
    topic: Option<&'a TopicName>,
}

impl<'a> Context<'a> {
    pub(super) const fn new(operation: &'static str) -> Self {
        Self {
            operation,
            acl_operation: "Describe",
            topic: None,
        }
    }

    pub(super) fn topic(mut self, topic: &'a TopicName, acl_operation: &'static str) -> Self {
        self.topic = Some(topic);
        self.acl_operation = acl_operation;
        self
    }

    fn topic_text(&self) -> String {
        self.topic.map(ToString::to_string).unwrap_or_default()
    }
}

/// No broker, or not the one that leads a partition, could be reached.
pub(super) fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::Unavailable {
        brokers: String::new(),
        source: source.into(),
    }
}

pub(super) fn translate(error: &ClientError, context: &Context<'_>) -> Error {
    match cause(error) {
        ClientError::ServerError {
            protocol_error,
            error_message,
            ..
        } => broker_error(*protocol_error, error_message.clone(), context),
        ClientError::Request(error) => request_error(error),
        ClientError::InvalidResponse(reason) => Error::Protocol {
            reason: reason.clone(),
        },
        // What ended an attempt to connect is known by its text only.
        other => connect_error(&innermost(&other.to_string())),
    }
}

/// Whether the connection broke or the leader moved, so that a new connection may help.
pub(super) fn is_stale(error: &ClientError) -> bool {
    match cause(error) {
        ClientError::Connection(_) => true,
        ClientError::Request(error) => connection_broke(error),
        other => is_moved(other),
    }
}

/// Whether the broker that was asked does not lead the partition.
pub(super) fn is_moved(error: &ClientError) -> bool {
    matches!(
        cause(error),
        ClientError::ServerError {
            protocol_error: ProtocolError::LeaderNotAvailable
                | ProtocolError::NotLeaderOrFollower
                | ProtocolError::UnknownTopicOrPartition,
            ..
        }
    )
}

/// Whether the answer came and could not be decoded.
pub(super) fn is_undecodable(error: &ClientError) -> bool {
    matches!(
        cause(error),
        ClientError::InvalidResponse(_)
            | ClientError::Request(
                RequestError::ReadError(_)
                    | RequestError::ReadVersionedError(_)
                    | RequestError::TooMuchData { .. }
            )
    )
}

/// Whether the answer held the marker that ends a transaction, or what compaction left of one.
/// rskafka takes the marker's record for a bare marker, and so understands none that Kafka writes.
pub(super) fn is_transaction_marker(error: &ClientError) -> bool {
    let text = error.to_string();
    is_undecodable(error)
        && ["control batch record", "control record"]
            .iter()
            .any(|phrase| text.contains(phrase))
}

/// What a failed produce means for the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They may have been written.
    Ambiguous,
    /// They were not written, and sending them again would not help.
    Final,
    /// They were not written: the leader is elsewhere, or not known yet.
    Moved,
    /// They were not written: together they are too large.
    TooLarge,
}

impl Verdict {
    pub(super) fn of(error: &ClientError) -> Self {
        match cause(error) {
            ClientError::ServerError { protocol_error, .. } => match protocol_error {
                ProtocolError::MessageTooLarge | ProtocolError::RecordListTooLarge => {
                    Self::TooLarge
                }
                ProtocolError::NotEnoughReplicasAfterAppend | ProtocolError::RequestTimedOut => {
                    Self::Ambiguous
                }
                _ if is_moved(error) => Self::Moved,
                _ => Self::Final,
            },
            // These end a request before its first byte is sent.
            ClientError::Connection(_)
            | ClientError::Request(
                RequestError::NoVersionMatch { .. } | RequestError::WriteError(_),
            ) => Self::Final,
            _ => Self::Ambiguous,
        }
    }
}

fn connection_broke(error: &RequestError) -> bool {
    matches!(
        error,
        RequestError::IO(_) | RequestError::Poisoned(_) | RequestError::ReadFramedMessageError(_)
    )
}

/// The failure that rskafka gave up on, without the wrapping of its retries.
fn cause(error: &ClientError) -> &ClientError {
    match error {
        ClientError::RetryFailed(BackoffError::DeadlineExceded { source, .. }) => {
            source.downcast_ref().map_or(error, cause)
        }
        other => other,
    }
}

/// What rskafka said, without the wrapping of its retries.
pub(super) fn reason(error: &ClientError) -> String {
    cause(error).to_string()
}

/// The text of the last failure, without the wrapping of retries.
fn innermost(text: &str) -> String {
    text.rsplit("Source: ").next().unwrap_or(text).to_owned()
}

fn request_error(error: &RequestError) -> Error {
    let reason = error.to_string();
    if connection_broke(error) && !is_nonsense(&reason) {
        return unavailable(reason);
    }
    unreadable(reason)
}

/// Whether the connection broke because of what the broker said on it.
fn is_nonsense(text: &str) -> bool {
    let phrases = [
        "Cannot read versioned data",
        "Data left at the end",
        "Message too large",
        "Negative message size",
    ];
    phrases.iter().any(|phrase| text.contains(phrase))
}

fn connect_error(text: &str) -> Error {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    if says(&[
        "certificate",
        "fatal alert",
        "corrupt message",
        "Invalid Hostname",
    ]) {
        return Error::Tls {
            reason: text.to_owned(),
        };
    }
    if says(&["Sasl handshake failed", "unsupported sasl mechanism"]) {
        return Error::Authentication {
            reason: text.to_owned(),
        };
    }
    if is_nonsense(text) {
        return unreadable(text.to_owned());
    }
    unavailable(text)
}

fn broker_error(code: ProtocolError, message: Option<String>, context: &Context<'_>) -> Error {
    match code {
        ProtocolError::UnknownTopicOrPartition => Error::UnknownTopic {
            topic: context.topic_text(),
        },
        ProtocolError::TopicAuthorizationFailed => Error::Authorization {
            operation: context.acl_operation,
            resource: format!("Topic:{}", context.topic_text()),
            principal: String::new(),
            code: wire_code(code),
        },
        ProtocolError::ClusterAuthorizationFailed => Error::Authorization {
            operation: context.acl_operation,
            resource: "Cluster".to_owned(),
            principal: String::new(),
            code: wire_code(code),
        },
        ProtocolError::MessageTooLarge | ProtocolError::RecordListTooLarge => {
            Error::RecordTooLarge {
                topic: context.topic_text(),
                reason: "it exceeds the topic's max.message.bytes or the broker's \
                         message.max.bytes"
                    .to_owned(),
            }
        }
        ProtocolError::UnsupportedCompressionType => Error::Protocol {
            reason: format!(
                "this broker does not serve topic {} to rskafka because it is compressed with \
                 zstd; the krafka engine can read it",
                context.topic_text()
            ),
        },
        _ => Error::Broker {
            operation: context.operation,
            code: wire_code(code),
            message: message.unwrap_or_default(),
            retriable: is_retriable(code),
        },
    }
}

fn is_retriable(code: ProtocolError) -> bool {
    matches!(
        code,
        ProtocolError::BrokerNotAvailable
            | ProtocolError::FencedLeaderEpoch
            | ProtocolError::KafkaStorageError
            | ProtocolError::LeaderNotAvailable
            | ProtocolError::NetworkException
            | ProtocolError::NotEnoughReplicas
            | ProtocolError::NotLeaderOrFollower
            | ProtocolError::OffsetNotAvailable
            | ProtocolError::ReplicaNotAvailable
            | ProtocolError::RequestTimedOut
            | ProtocolError::ThrottlingQuotaExceeded
            | ProtocolError::UnknownLeaderEpoch
    )
}

/// The number on the wire. rskafka keeps it to itself, but names its variants as Kafka does.
fn wire_code(code: ProtocolError) -> KafkaCode {
    if let ProtocolError::Unknown(code) = code {
        return KafkaCode::new(code);
    }
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    let named = (-1..=MAX_NAMED_CODE)
        .map(KafkaCode::new)
        .find(|code| code.name() == name);
    named.unwrap_or(KafkaCode::new(-1))
}

/// The last code that rskafka names: TRANSACTIONAL_ID_NOT_FOUND.
const MAX_NAMED_CODE: i16 = 105;

#[cfg(test)]
mod tests;
