//! The words for failures.

use serde::Serialize;

/// What kind of failure it is: the words that scripts and models branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    AccessDenied,
    AuthenticationFailed,
    AuthorizationFailed,
    BrokerError,
    Cancelled,
    ConfirmationUsed,
    Declined,
    InvalidArgument,
    InvalidRequestState,
    KafkaUnavailable,
    MaybeWritten,
    OffsetOutOfRange,
    ProtocolError,
    RateLimited,
    ReadOnly,
    RecordTooLarge,
    ResultTooLarge,
    ShuttingDown,
    Timeout,
    TlsFailed,
    TooManyStreams,
    UnknownArgument,
    UnknownBroker,
    UnknownConfigKey,
    UnknownConfigResource,
    UnknownGroup,
    UnknownPartition,
    UnknownPrompt,
    UnknownResource,
    UnknownTemplate,
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
            Self::ConfirmationUsed => "confirmation_used",
            Self::Declined => "declined",
            Self::InvalidArgument => "invalid_argument",
            Self::InvalidRequestState => "invalid_request_state",
            Self::KafkaUnavailable => "kafka_unavailable",
            Self::MaybeWritten => "maybe_written",
            Self::OffsetOutOfRange => "offset_out_of_range",
            Self::ProtocolError => "protocol_error",
            Self::RateLimited => "rate_limited",
            Self::ReadOnly => "read_only",
            Self::RecordTooLarge => "record_too_large",
            Self::ResultTooLarge => "result_too_large",
            Self::ShuttingDown => "shutting_down",
            Self::Timeout => "timeout",
            Self::TlsFailed => "tls_failed",
            Self::TooManyStreams => "too_many_streams",
            Self::UnknownArgument => "unknown_argument",
            Self::UnknownBroker => "unknown_broker",
            Self::UnknownConfigKey => "unknown_config_key",
            Self::UnknownConfigResource => "unknown_config_resource",
            Self::UnknownGroup => "unknown_group",
            Self::UnknownPartition => "unknown_partition",
            Self::UnknownPrompt => "unknown_prompt",
            Self::UnknownResource => "unknown_resource",
            Self::UnknownTemplate => "unknown_template",
            Self::UnknownTool => "unknown_tool",
            Self::UnknownTopic => "unknown_topic",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether the request was wrong, and not what became of it.
    pub(crate) fn is_callers_fault(self) -> bool {
        matches!(
            self,
            Self::AccessDenied
                | Self::Cancelled
                | Self::ConfirmationUsed
                | Self::Declined
                | Self::InvalidArgument
                | Self::InvalidRequestState
                | Self::OffsetOutOfRange
                | Self::RateLimited
                | Self::ReadOnly
                | Self::RecordTooLarge
                | Self::ResultTooLarge
                | Self::TooManyStreams
                | Self::UnknownArgument
                | Self::UnknownBroker
                | Self::UnknownConfigKey
                | Self::UnknownConfigResource
                | Self::UnknownGroup
                | Self::UnknownPartition
                | Self::UnknownPrompt
                | Self::UnknownResource
                | Self::UnknownTemplate
                | Self::UnknownTool
                | Self::UnknownTopic
        )
    }
}
