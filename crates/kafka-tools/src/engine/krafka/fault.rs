//! krafka's errors, translated into ours in one place.

use krafka::error::{ErrorCode, KrafkaError};

use crate::{Error, GroupId, KafkaCode, TopicName, engine::foreign::unreadable};

/// What was being done, and to what.
pub(super) struct Context {
    operation: &'static str,
    topic: Option<String>,
    partition: Option<i32>,
    group: Option<String>,
    acl_operation: &'static str,
}

impl Context {
    pub(super) fn new(operation: &'static str) -> Self {
        Self {
            operation,
            topic: None,
            partition: None,
            group: None,
            acl_operation: "Describe",
        }
    }

    pub(super) fn topic(mut self, topic: &TopicName, acl_operation: &'static str) -> Self {
        self.topic = Some(topic.to_string());
        self.acl_operation = acl_operation;
        self
    }

    pub(super) fn partition(mut self, topic: &TopicName, partition: i32) -> Self {
        self.partition = Some(partition);
        self.topic(topic, "Describe")
    }

    pub(super) fn group(mut self, group: &GroupId) -> Self {
        self.group = Some(group.to_string());
        self
    }

    pub(super) fn cluster(mut self, acl_operation: &'static str) -> Self {
        self.acl_operation = acl_operation;
        self
    }

    fn refused_resource(&self, code: ErrorCode) -> String {
        match (&self.group, &self.topic) {
            // KIP-848: a group is described to who may see all of its topics; the broker names none.
            (Some(group), _) if code == ErrorCode::TopicAuthorizationFailed => {
                format!("the topics of Group:{group}")
            }
            (Some(group), _) => format!("Group:{group}"),
            (None, Some(topic)) => format!("Topic:{topic}"),
            (None, None) => "Cluster".to_owned(),
        }
    }
}

pub(super) fn translate(error: KrafkaError, context: &Context) -> Error {
    match error {
        KrafkaError::Auth { message, source } => {
            let tls = source.as_ref().is_some_and(|source| is_tls(source.inner()));
            let reason = match &source {
                Some(source) if !message.contains(&source.inner().to_string()) => {
                    format!("{message}: {}", source.inner())
                }
                _ => message,
            };
            if tls || reason.to_lowercase().contains("certificate") {
                Error::Tls { reason }
            } else {
                Error::Authentication { reason }
            }
        }
        KrafkaError::Broker { code, message } => broker_error(code, message, context),
        KrafkaError::Config { message } => Error::invalid("request", "", message),
        KrafkaError::DeliveryTimeout {
            possibly_written: true,
            message,
        } => Error::MaybeWritten {
            topic: context.topic.clone().unwrap_or_default(),
            reason: message,
        },
        KrafkaError::DeliveryTimeout { message, .. } => unavailable(message),
        KrafkaError::Network(source) if is_tls(&*source) => Error::Tls {
            reason: deepest(&*source),
        },
        KrafkaError::Network(source) => match misunderstood(&source.to_string()) {
            Some(reason) => unreadable(reason),
            None => Error::Unavailable {
                brokers: String::new(),
                source: Box::new(source),
            },
        },
        KrafkaError::Timeout { operation } => match misunderstood(&operation) {
            Some(reason) => unreadable(reason),
            None => unavailable(format!("timed out: {operation}")),
        },
        KrafkaError::Protocol { message, .. } => unreadable(message),
        KrafkaError::UnknownTopic { topic } => Error::UnknownTopic { topic },
        other => Error::Protocol {
            reason: other.to_string(),
        },
    }
}

fn broker_error(code: ErrorCode, message: String, context: &Context) -> Error {
    let wire = KafkaCode::new(code.to_i16());
    match code {
        ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId => Error::UnknownTopic {
            topic: context.topic.clone().unwrap_or_default(),
        },
        ErrorCode::GroupIdNotFound => Error::UnknownGroup {
            group_id: context.group.clone().unwrap_or_default(),
        },
        ErrorCode::TopicAuthorizationFailed
        | ErrorCode::GroupAuthorizationFailed
        | ErrorCode::ClusterAuthorizationFailed => Error::Authorization {
            operation: context.acl_operation,
            resource: context.refused_resource(code),
            principal: String::new(),
            code: wire,
        },
        ErrorCode::SaslAuthenticationFailed => Error::Authentication { reason: message },
        ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge => Error::RecordTooLarge {
            topic: context.topic.clone().unwrap_or_default(),
            reason: "it exceeds the topic's max.message.bytes or the broker's message.max.bytes"
                .to_owned(),
        },
        // The leader wrote the record and then could not replicate it.
        ErrorCode::NotEnoughReplicasAfterAppend => Error::MaybeWritten {
            topic: context.topic.clone().unwrap_or_default(),
            reason: wire.to_string(),
        },
        _ => Error::Broker {
            operation: context.operation,
            code: wire,
            // Without a message of the broker, krafka puts the Rust name of the code there.
            message: if message == format!("{code:?}") {
                String::new()
            } else {
                message
            },
            retriable: code.is_retriable(),
        },
    }
}

fn unavailable(reason: String) -> Error {
    Error::Unavailable {
        brokers: String::new(),
        source: Box::new(std::io::Error::new(std::io::ErrorKind::TimedOut, reason)),
    }
}

/// What was wrong with the last answer before krafka gave up: after its retries, and between two
/// attempts to connect, it says so in the text of another error alone.
fn misunderstood(text: &str) -> Option<String> {
    let (_, error) = text.split_once("protocol error (")?;
    let (_, reason) = error.split_once("): ")?;
    Some(reason.to_owned())
}

/// Whether a rustls error is among the causes.
fn is_tls(error: &dyn std::error::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("invalid peer certificate") || text.contains("received fatal alert") {
            return true;
        }
        cause = error.source();
    }
    false
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use super::*;

    #[test]
    fn an_answer_that_krafka_could_not_read_is_found_behind_its_retries() {
        let nonsense = KrafkaError::protocol_kind(
            krafka::error::ProtocolErrorKind::Malformed,
            "a frame of 7 bytes",
        );
        let behind = io::Error::new(
            io::ErrorKind::NotConnected,
            format!("could not connect to any of [a:1]; last error: {nonsense}"),
        );
        for error in [
            nonsense.clone(),
            KrafkaError::Network(Arc::new(behind)),
            KrafkaError::timeout(format!(
                "ListOffsets did not complete; last error: {nonsense}"
            )),
        ] {
            let translated = translate(error.clone(), &Context::new("reading"));
            let Error::Protocol { reason } = translated else {
                panic!("{error:?} became {translated:?}")
            };
            assert_eq!(reason, "a frame of 7 bytes");
        }
    }

    #[test]
    fn a_broker_that_does_not_answer_is_unavailable() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        for error in [
            KrafkaError::Network(Arc::new(refused)),
            KrafkaError::timeout("Metadata did not complete"),
        ] {
            let translated = translate(error, &Context::new("reading"));
            assert!(matches!(translated, Error::Unavailable { .. }));
        }
    }
}
