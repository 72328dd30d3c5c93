//! The error of a call, as a model reads it. The one place where errors become answers.

use kafka_tools::{Error, GroupId, PartialFailure, TopicName};
use rmcp::{
    ErrorData,
    model::{CallToolResult, ErrorCode},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::text;

/// The error of a call: what happened, whether to try again, and what would help.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    code: Code,
    kafka_error: Option<&'static str>,
    message: String,
    retriable: bool,
    hint: Option<String>,
    did_you_mean: Vec<String>,
    needed_acl: Option<String>,
}

/// What kind of failure it is: the words that scripts and models branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    AccessDenied,
    AuthenticationFailed,
    AuthorizationFailed,
    BrokerError,
    Cancelled,
    InvalidArgument,
    KafkaUnavailable,
    MaybeWritten,
    OffsetOutOfRange,
    ProtocolError,
    ReadOnly,
    RecordTooLarge,
    ShuttingDown,
    Timeout,
    TlsFailed,
    UnknownArgument,
    UnknownBroker,
    UnknownConfigResource,
    UnknownGroup,
    UnknownPartition,
    UnknownPrompt,
    UnknownResource,
    UnknownTool,
    UnknownTopic,
    Unsupported,
}

impl Code {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::AuthenticationFailed => "authentication_failed",
            Self::AuthorizationFailed => "authorization_failed",
            Self::BrokerError => "broker_error",
            Self::Cancelled => "cancelled",
            Self::InvalidArgument => "invalid_argument",
            Self::KafkaUnavailable => "kafka_unavailable",
            Self::MaybeWritten => "maybe_written",
            Self::OffsetOutOfRange => "offset_out_of_range",
            Self::ProtocolError => "protocol_error",
            Self::ReadOnly => "read_only",
            Self::RecordTooLarge => "record_too_large",
            Self::ShuttingDown => "shutting_down",
            Self::Timeout => "timeout",
            Self::TlsFailed => "tls_failed",
            Self::UnknownArgument => "unknown_argument",
            Self::UnknownBroker => "unknown_broker",
            Self::UnknownConfigResource => "unknown_config_resource",
            Self::UnknownGroup => "unknown_group",
            Self::UnknownPartition => "unknown_partition",
            Self::UnknownPrompt => "unknown_prompt",
            Self::UnknownResource => "unknown_resource",
            Self::UnknownTool => "unknown_tool",
            Self::UnknownTopic => "unknown_topic",
            Self::Unsupported => "unsupported",
        }
    }
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            kafka_error: None,
            message: message.into(),
            retriable: false,
            hint: None,
            did_you_mean: Vec::new(),
            needed_acl: None,
        }
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

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn suggest(mut self, names: Vec<String>) -> Self {
        self.did_you_mean = names;
        self
    }

    pub(crate) fn retriable(mut self) -> Self {
        self.retriable = true;
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn kafka_error(&self) -> Option<&'static str> {
        self.kafka_error
    }

    fn structured(&self) -> Value {
        json!(self)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (code, hint) = classify(&error);
        Self {
            code,
            kafka_error: error.kafka_code().map(|code| code.name()),
            message: message(&error),
            retriable: error.is_retriable(),
            hint: hint.map(str::to_owned),
            did_you_mean: known_ids(&error),
            needed_acl: error.needed_acl(),
        }
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
        let code = match failure.code {
            Code::UnknownResource => ErrorCode::RESOURCE_NOT_FOUND,
            Code::InvalidArgument | Code::UnknownArgument | Code::UnknownPrompt => {
                ErrorCode::INVALID_PARAMS
            }
            _ => ErrorCode::INTERNAL_ERROR,
        };
        Self::new(code, failure.message.clone(), Some(failure.structured()))
    }
}

/// One part of an answer that is missing from it, and why.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PartialError {
    /// What could not be answered, such as `broker 3` or `orders-7`.
    subject: String,
    code: &'static str,
    kafka_error: Option<&'static str>,
    message: String,
}

impl From<PartialFailure> for PartialError {
    fn from(PartialFailure { subject, error, .. }: PartialFailure) -> Self {
        let Failure {
            code,
            kafka_error,
            message,
            ..
        } = error.into();
        Self {
            subject: text::visible(&subject).into_owned(),
            code: code.as_str(),
            kafka_error,
            message,
        }
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
        Error::Protocol { .. } => (Code::ProtocolError, None),
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
            Some("the cluster is down or unreachable; try again later"),
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
        _ => (Code::BrokerError, None),
    }
}

/// What the error says of itself; for an unreachable cluster the last failure belongs to it.
fn message(error: &Error) -> String {
    let message = match error {
        Error::Unavailable { source, .. } => format!("{error}: {source}"),
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
