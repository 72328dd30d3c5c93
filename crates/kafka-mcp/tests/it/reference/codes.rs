//! What the codes of failures mean.

pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) meaning: &'static str,
    pub(super) retry: Retry,
}

/// Whether the same call can succeed.
pub(super) enum Retry {
    /// Not without a change.
    Never,
    /// When what is wrong has passed by itself.
    Later,
    /// What comes first.
    After(&'static str),
}

use Retry::{After, Later, Never};

const fn row(code: &'static str, meaning: &'static str, retry: Retry) -> Row {
    Row {
        code,
        meaning,
        retry,
    }
}

pub(super) const CODES: &[Row] = &[
    row(
        "access_denied",
        "the server's policy hides the topic or group, or the caller lacks the scope that `hint` names",
        Never,
    ),
    row(
        "authentication_failed",
        "the brokers refuse the server's own credentials",
        After("the operator corrects them"),
    ),
    row(
        "authorization_failed",
        "the server's principal in Kafka lacks the ACL in `needed_acl`",
        After("the operator grants it"),
    ),
    row(
        "broker_error",
        "a broker answered with the error in `kafka_error`",
        After("if `retriable` says so"),
    ),
    row(
        "cancelled",
        "the client gave the call up; a write may have been made",
        After("after a look, if it writes"),
    ),
    row(
        "confirmation_used",
        "the answer of whoever confirmed was acted on before: this call wrote nothing",
        After("look for what was written"),
    ),
    row(
        "declined",
        "whoever was asked to confirm did not: nothing was written",
        Never,
    ),
    row(
        "invalid_argument",
        "an argument is missing, or its value is not allowed",
        Never,
    ),
    row(
        "invalid_request_state",
        "the answer belongs to no question of this server to this caller: nothing was written",
        After("call without `requestState`"),
    ),
    row("kafka_unavailable", "no broker can be reached", Later),
    row(
        "maybe_written",
        "a write was sent and not acknowledged: it may be in the log",
        After("look for the record first"),
    ),
    row(
        "offset_out_of_range",
        "the log does not have that offset, or not any more",
        Never,
    ),
    row(
        "protocol_error",
        "a broker answered what it should not",
        Never,
    ),
    row(
        "rate_limited",
        "more than the server does for one caller at a time; nothing was done",
        Later,
    ),
    row(
        "read_only",
        "`KAFKA_MCP_READ_ONLY` is set: nothing was written",
        Never,
    ),
    row(
        "record_too_large",
        "the record is larger than the topic takes: it was not written",
        Never,
    ),
    row(
        "result_too_large",
        "the result does not fit into `KAFKA_MCP_MAX_RESULT_BYTES`, whatever is left out",
        After("ask for less"),
    ),
    row(
        "shutting_down",
        "the server ends; a write may have been made, and then the message says so",
        Later,
    ),
    row(
        "timeout",
        "the answer did not come in time; nothing was written",
        Later,
    ),
    row(
        "tls_failed",
        "TLS with the brokers fails: a certificate, or whether to speak it at all",
        After("the operator corrects it"),
    ),
    row(
        "too_many_streams",
        "as many resources or streams are watched as may be",
        Later,
    ),
    row(
        "unknown_argument",
        "the tool, prompt or resource has no such argument",
        Never,
    ),
    row(
        "unknown_broker",
        "there is no broker of that id; `did_you_mean` has all",
        Never,
    ),
    row("unknown_config_key", "the topic has no such setting", Never),
    row(
        "unknown_config_resource",
        "a broker is named by its id, which this is not",
        Never,
    ),
    row("unknown_group", "there is no such group", Never),
    row(
        "unknown_partition",
        "the topic has no such partition",
        Never,
    ),
    row("unknown_prompt", "there is no such prompt", Never),
    row("unknown_resource", "there is no such resource", Never),
    row(
        "unknown_template",
        "there is no such resource template",
        Never,
    ),
    row("unknown_tool", "there is no such tool", Never),
    row("unknown_topic", "there is no such topic", Never),
    row(
        "unsupported",
        "the brokers or the Kafka client in use cannot do this",
        Never,
    ),
];
