//! What happened to calls, for metrics and audit.

use std::{fmt, time::Duration};

use crate::Caller;

/// Hears of every call that ends, however it ends, and of streams that begin.
pub trait CallObserver: Send + Sync + fmt::Debug {
    /// Takes note of a call. It is called on the path of the answer and must not block.
    fn call_finished(&self, call: &FinishedCall<'_>);

    /// Takes note of a stream that begins, under the same conditions. When it ends, that is a
    /// finished call of [`CallKind::Stream`]; so is one that was refused, which never began.
    fn stream_opened(&self, stream: &OpenedStream<'_>) {
        let _ = stream;
    }
}

/// A call that has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FinishedCall<'a> {
    /// What was called.
    pub kind: CallKind,
    /// The tool, resource or prompt, or whose variable or argument it is; `unknown` where the server knows none of that name, so that
    /// callers cannot invent metric labels.
    pub name: &'static str,
    /// Who called.
    pub caller: &'a Caller,
    /// The `x-request-id` header of the request, where it came by HTTP and the front gave it one.
    pub request_id: Option<&'a str>,
    /// `ok`; `input_required`, where somebody is asked before anything is done; or the code of the
    /// failure, such as `unknown_topic`, `cancelled` or `timeout`. A stream ends as `closed` when its
    /// client wants no more of it.
    pub outcome: &'static str,
    /// Kafka's error, where a broker sent one.
    pub kafka_error: Option<&'static str>,
    /// How long it took.
    pub duration: Duration,
    /// The bytes of keys, values and headers that were read from brokers.
    pub bytes_read: u64,
    /// The bytes of keys, values and headers that were written.
    pub bytes_written: u64,
    /// The topic, where the call is about one.
    pub topic: Option<&'a str>,
}

/// A stream that has begun.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenedStream<'a> {
    /// Who listens.
    pub caller: &'a Caller,
    /// The `x-request-id` header of the request, where it came by HTTP and the front gave it one.
    pub request_id: Option<&'a str>,
    /// How many resources it watches.
    pub resources: usize,
}

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallKind {
    /// Values for a variable or an argument were looked for.
    Completion,
    /// A prompt was rendered.
    Prompt,
    /// A resource was read.
    Resource,
    /// A stream of updates was listened to.
    Stream,
    /// A tool was called.
    Tool,
}

impl CallKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
            Self::Stream => "stream",
            Self::Tool => "tool",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Unobserved;

impl CallObserver for Unobserved {
    fn call_finished(&self, _: &FinishedCall<'_>) {}
}
