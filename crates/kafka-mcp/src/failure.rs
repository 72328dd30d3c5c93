//! The error of a call, as a model reads it. The one place where errors become answers.

mod code;
mod partial_error;

use kafka_tools::{Error, GroupId, KafkaCode, TopicName};
use rmcp::{
    ErrorData,
    model::{CallToolResponse, CallToolResult, ErrorCode},
};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use self::{
    code::Code,
    partial_error::{PartialError, PartialErrors},
};
use crate::text;

/// The error of a call: what happened, whether to try again, and what would help.
#[derive(Clone, Debug)]
pub(crate) struct Failure(Box<Answer>);

/// The structure that a caller gets.
#[derive(Clone, Debug, Serialize)]
struct Answer {
    code: Code,
    kafka_error: Option<&'static str>,
    message: String,
    retriable: bool,
    /// Left out rather than null: some clients hold failures against the output schema of the tool
    /// too, and where a result has a hint, that is a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    did_you_mean: Vec<String>,
    needed_acl: Option<String>,
    /// Of a resource that does not exist: clients match errors with what they asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip)]
    missing: Option<Missing>,
}

/// What a caller asked for that does not exist, but may resemble something that does.
#[derive(Clone, Debug)]
pub(crate) enum Missing {
    ConfigKey { topic: String, key: String },
    Group(String),
    Topic(String),
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Answer {
            code,
            kafka_error: None,
            message: message.into(),
            retriable: false,
            hint: None,
            did_you_mean: Vec::new(),
            needed_acl: None,
            uri: None,
            missing: None,
        }))
    }

    /// An argument whose value is not allowed.
    pub(crate) fn invalid(argument: &str, value: &Value, allowed: &str) -> Self {
        let value = text::excerpt(&value.to_string());
        Self::new(
            Code::InvalidArgument,
            format!("invalid {argument} {value}: {allowed}"),
        )
    }

    /// An argument that the library refused, under the name the caller knows it by.
    pub(crate) fn argument(argument: &str, error: Error) -> Self {
        match error {
            Error::Invalid { value, reason, .. } => Self::invalid(argument, &json!(value), &reason),
            error => error.into(),
        }
    }

    pub(crate) fn hidden_topic(topic: &TopicName) -> Self {
        Self::new(
            Code::AccessDenied,
            format!("the server's policy gives no access to topic {topic}"),
        )
        .hint("list_topics shows the topics that are open")
    }

    pub(crate) fn hidden_group(group_id: &GroupId) -> Self {
        let id = text::excerpt(group_id.as_str());
        Self::new(
            Code::AccessDenied,
            format!("the server's policy gives no access to group {id}"),
        )
        .hint("list_consumer_groups shows the groups that are open")
    }

    /// A setting that a topic does not have.
    pub(crate) fn unknown_config_key(topic: &str, key: &str) -> Self {
        let shown = text::excerpt(key);
        let mut failure = Self::new(
            Code::UnknownConfigKey,
            format!("topic {topic} has no setting {shown}"),
        )
        .hint("describe_configs shows the settings that there are");
        failure.0.missing = Some(Missing::ConfigKey {
            topic: topic.to_owned(),
            key: key.to_owned(),
        });
        failure
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn suggest(mut self, names: Vec<String>) -> Self {
        self.0.did_you_mean = names;
        self
    }

    /// Repeats a URI as it was asked for, unless it is none that anybody would ask for.
    pub(crate) fn of_resource(mut self, uri: &str) -> Self {
        self.0.uri = (uri.len() <= MAX_URI_BYTES).then(|| uri.to_owned());
        self
    }

    pub(crate) fn retriable(mut self) -> Self {
        self.0.retriable = true;
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    pub(crate) fn missing(&self) -> Option<&Missing> {
        self.0.missing.as_ref()
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    #[cfg(test)]
    pub(crate) fn did_you_mean(&self) -> &[String] {
        &self.0.did_you_mean
    }

    pub(crate) fn kafka_error(&self) -> Option<&'static str> {
        self.0.kafka_error
    }

    /// How a call of a tool fails: with a result, which models read. What the client itself got
    /// wrong is an error of the protocol.
    pub(crate) fn of_tool(self) -> Result<CallToolResponse, ErrorData> {
        match self.code() {
            Code::InvalidRequestState | Code::UnknownTool => Err(self.into()),
            _ => Ok(CallToolResult::from(self).into()),
        }
    }

    pub(crate) fn structured(&self) -> Value {
        json!(self.0)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (code, hint) = classify(&error);
        Self(Box::new(Answer {
            code,
            kafka_error: error.kafka_code().map(|code| code.name()),
            message: message(&error),
            retriable: error.is_retriable(),
            hint: hint.map(str::to_owned),
            did_you_mean: known_ids(&error),
            needed_acl: error.needed_acl(),
            uri: None,
            missing: missing(&error),
        }))
    }
}

impl From<Failure> for CallToolResult {
    fn from(failure: Failure) -> Self {
        Self::structured_error(failure.structured())
    }
}

/// How resources and prompts fail: as JSON-RPC errors, with the same structure as data.
impl From<Failure> for ErrorData {
    fn from(failure: Failure) -> Self {
        let code = match failure.code() {
            Code::UnknownConfigKey
            | Code::UnknownGroup
            | Code::UnknownResource
            | Code::UnknownTopic => ErrorCode::RESOURCE_NOT_FOUND,
            Code::InvalidArgument
            | Code::InvalidRequestState
            | Code::UnknownArgument
            | Code::UnknownPrompt
            | Code::UnknownTemplate
            | Code::UnknownTool => ErrorCode::INVALID_PARAMS,
            Code::AccessDenied | Code::ReadOnly | Code::TooManyStreams => {
                ErrorCode::INVALID_REQUEST
            }
            // JSON-RPC 2.0 section 5.1: of the server's own making.
            Code::RateLimited => ErrorCode(-32_000),
            _ => ErrorCode::INTERNAL_ERROR,
        };
        // Most clients show the message alone.
        let message = match &failure.0.hint {
            Some(hint) => format!("{}; {hint}", failure.message()),
            None => failure.message().to_owned(),
        };
        Self::new(code, message, Some(failure.structured()))
    }
}

fn classify(error: &Error) -> (Code, Option<&'static str>) {
    match error {
        Error::Authentication { .. } => (
            Code::AuthenticationFailed,
            Some("the server's Kafka credentials are wrong or expired; its operator has to act"),
        ),
        Error::Authorization { .. } => (
            Code::AuthorizationFailed,
            Some("the server's Kafka principal lacks an ACL; its operator has to act"),
        ),
        Error::Invalid { .. } => (Code::InvalidArgument, None),
        Error::MaybeWritten { .. } => (
            Code::MaybeWritten,
            Some("look for the record with consume_messages before writing it again"),
        ),
        Error::OffsetOutOfRange { .. } => (
            Code::OffsetOutOfRange,
            Some("use position earliest, latest or an offset in range"),
        ),
        Error::Protocol { .. } => (
            Code::ProtocolError,
            Some(
                "KAFKA_BROKERS may name something that is no Kafka broker; its operator has to act",
            ),
        ),
        Error::RecordTooLarge { .. } => (
            Code::RecordTooLarge,
            Some("describe_configs shows the topic's max.message.bytes; write a smaller record"),
        ),
        Error::Timeout { .. } => (Code::Timeout, Some("narrow the request, or try again")),
        Error::Tls { .. } => (
            Code::TlsFailed,
            Some("the server's TLS settings do not fit the brokers'; its operator has to act"),
        ),
        Error::Unavailable { .. } => (
            Code::KafkaUnavailable,
            Some(if error.is_hang_up() {
                "the cluster is going down, or its broker wants TLS or SASL that the server does \
                 not use, or none where it does: if it goes on, its operator has to act"
            } else {
                "the cluster is down or unreachable; try again later"
            }),
        ),
        Error::UnknownBroker { .. } => {
            (Code::UnknownBroker, Some("did_you_mean lists all brokers"))
        }
        Error::UnknownGroup { .. } => (
            Code::UnknownGroup,
            Some("list_consumer_groups shows the groups that exist"),
        ),
        Error::UnknownPartition { .. } => (
            Code::UnknownPartition,
            Some("describe_topic shows the partitions"),
        ),
        Error::UnknownTopic { .. } => (
            Code::UnknownTopic,
            Some("list_topics shows the topics that exist"),
        ),
        Error::Unsupported { .. } => (Code::Unsupported, None),
        Error::Broker { code, .. } => (Code::BrokerError, broker_hint(*code)),
        _ => (Code::BrokerError, None),
    }
}

/// What helps against the errors of brokers that a change of the request can avoid.
fn broker_hint(code: KafkaCode) -> Option<&'static str> {
    match code.name() {
        "INVALID_RECORD" => Some("a compacted topic takes records with a key only"),
        "INVALID_TIMESTAMP" => Some("the topic's settings bound how far a timestamp is from now"),
        "NOT_ENOUGH_REPLICAS" | "NOT_ENOUGH_REPLICAS_AFTER_APPEND" => {
            Some("under_replicated_partitions shows which brokers are missing")
        }
        _ => None,
    }
}

/// What the error says of itself; to an unreachable cluster belongs its last failure, and to a
/// refusal who was refused, where that is known.
fn message(error: &Error) -> String {
    let message = match error {
        Error::Unavailable { source, .. } => format!("{error}: {source}"),
        Error::Authorization { principal, .. } if !principal.is_empty() => {
            format!("{error} as {principal}")
        }
        error => error.to_string(),
    };
    text::visible(&message).into_owned()
}

fn known_ids(error: &Error) -> Vec<String> {
    match error {
        Error::UnknownBroker { known, .. } => known.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn missing(error: &Error) -> Option<Missing> {
    match error {
        Error::UnknownGroup { group_id } => Some(Missing::Group(group_id.clone())),
        Error::UnknownTopic { topic } => Some(Missing::Topic(topic.clone())),
        _ => None,
    }
}

const MAX_URI_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(principal: &str) -> Failure {
        Failure::from(Error::Authorization {
            operation: "Read",
            resource: "Topic:orders".to_owned(),
            principal: principal.to_owned(),
            code: KafkaCode::new(29),
        })
    }

    #[test]
    fn a_refusal_names_operation_resource_and_who_was_refused() {
        let message = "not authorized to Read Topic:orders";
        assert_eq!(
            refused("User:alice").message(),
            format!("{message} as User:alice")
        );
        assert_eq!(refused("").message(), message);
    }

    #[test]
    fn a_uri_is_repeated_whole_or_not_at_all() {
        let unknown = |uri: &str| {
            let failure = Failure::new(Code::UnknownResource, "there is none");
            failure.of_resource(uri).structured()
        };
        let long = "a".repeat(MAX_URI_BYTES + 1);
        assert_eq!(unknown("kafka-mcp://none")["uri"], "kafka-mcp://none");
        assert!(unknown(&long).get("uri").is_none());
    }
}
