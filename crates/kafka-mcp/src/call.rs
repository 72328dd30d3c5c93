//! One call, from the check whether it may be made to the note of how it went.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::OptionFuture;
use kafka_tools::{Client, TopicName};
use rmcp::{
    RoleServer,
    model::{ProgressNotificationParam, ProgressToken, ProtocolVersion},
    service::{Peer, RequestContext},
};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tracing::{Instrument as _, Span};

use crate::{
    CallKind, Caller, ConfirmWrites, FinishedCall, Grant, OpenedStream, Settings,
    cursor::Cursors,
    failure::{Code, Failure},
    page::Budget,
    seal::Seal,
    view::View,
};

/// One call of a tool, a resource or a prompt, or one completion.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    kind: CallKind,
    name: &'static str,
    grant: Grant,
    caller: &'a Caller,
    view: View<'a>,
    settings: &'a Settings,
    context: &'a RequestContext<RoleServer>,
    began: Instant,
    is_whole: bool,
    meter: Meter,
}

impl<'a> Call<'a> {
    /// Prepares a call of `name`, which is one that the server knows, by whoever sent `context`.
    pub(crate) fn new(
        kind: CallKind,
        name: &'static str,
        grant: Grant,
        client: &'a Client,
        settings: &'a Settings,
        context: &'a RequestContext<RoleServer>,
    ) -> Self {
        let caller = Caller::of(context, settings);
        let view = View::new(client, &settings.access, settings.clock.now());
        Self {
            kind,
            name,
            grant,
            caller,
            view,
            settings,
            context,
            began: Instant::now(),
            is_whole: false,
            meter: Meter::default(),
        }
    }

    /// Does the work of the call, if its caller may do it, until it is done, cancelled, or out of
    /// time. Ending early drops the work, and with it what it asked of Kafka.
    pub(crate) async fn run<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let noted = async {
            let note = Note::of(self);
            let result = match self.permit() {
                Ok(()) => self.watch(work).await,
                Err(failure) => Err(failure),
            };
            note.finish("ok", result.as_ref().err());
            result
        };
        noted.instrument(self.span()).await
    }

    /// Keeps a stream open for its caller, if they may have it, until they close it or the server
    /// shuts down. It has no deadline.
    pub(crate) async fn hold(
        &self,
        stream: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let noted = async {
            let note = Note::of(self);
            let end = match self.permit() {
                Ok(()) => tokio::select! {
                    biased;
                    () = self.context.ct.cancelled() => Ok(CLOSED),
                    () = self.settings.draining.cancelled() => Ok(Code::ShuttingDown.as_str()),
                    () = self.settings.shutdown.cancelled() => Ok(Code::ShuttingDown.as_str()),
                    ended = stream => ended.map(|()| CLOSED),
                },
                Err(failure) => Err(failure),
            };
            note.finish(end.as_ref().map_or(CLOSED, |word| word), end.as_ref().err());
            end.map(|_| ())
        };
        noted.instrument(self.span()).await
    }

    /// Takes note that the stream which is held has begun.
    pub(crate) fn stream_opened(&self, resources: usize) {
        self.settings.observer.stream_opened(&OpenedStream {
            caller: self.caller,
            request_id: request_id(self.context),
            resources,
        });
    }

    /// A look at something within this call: no note is taken of it, and nothing is left out, as
    /// nobody is shown what it finds.
    pub(crate) fn look(&self) -> Self {
        Self {
            is_whole: true,
            meter: Meter::default(),
            ..*self
        }
    }

    fn span(&self) -> Span {
        // Not the transport's request id: clients choose this one, and start again with each session.
        let rpc_id = &self.context.id;
        tracing::info_span!("call", kind = self.kind.as_str(), call = self.name, %rpc_id)
    }

    pub(crate) fn caller(&self) -> &'a Caller {
        self.caller
    }

    pub(crate) fn view(&self) -> View<'a> {
        self.view
    }

    /// The cursors of a list, or of a read, for who calls. These `arguments` make it the list that
    /// it is; a cursor that was got with others is refused.
    pub(crate) fn cursors(&self, list: &str, arguments: &[(&'static str, Value)]) -> Cursors<'a> {
        Cursors::new(&self.settings.state_key, self.caller, list, arguments)
    }

    /// Seals what the caller keeps for `purpose`, on these `terms`.
    pub(crate) fn seal(&self, purpose: &str, terms: &impl Serialize) -> Seal<'a> {
        Seal::new(&self.settings.state_key, self.caller, purpose, terms)
    }

    /// Whether whoever uses the client can be asked something within this call, and should be.
    pub(crate) fn can_ask(&self) -> bool {
        // Each request of a revision that has multi round-trip requests says what its client can.
        let meta = &self.context.meta;
        let has_rounds = |version: ProtocolVersion| {
            // Dates are in the order of their texts.
            version.as_str() >= ProtocolVersion::V_2026_07_28.as_str()
        };
        let elicitation = meta.client_capabilities().and_then(|can| can.elicitation);
        self.settings.confirm_writes == ConfirmWrites::WhenPossible
            && meta.protocol_version().is_some_and(has_rounds)
            // An empty capability means forms.
            && elicitation.is_some_and(|can| can.form.is_some() || can.url.is_none())
    }

    /// Notes that the call ends with a question.
    pub(crate) fn asks(&self) {
        self.meter.asks.store(true, Ordering::Relaxed);
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The bytes for the rows of a result. Who says how many rows they want gets up to the
    /// operator's limit, others what is easily read.
    pub(crate) fn budget(&self, is_explicit: bool) -> Budget {
        Budget::new(match is_explicit {
            _ if self.is_whole => usize::MAX,
            true => self.max_bytes(),
            false => self.max_bytes().min(EASY_BYTES),
        })
    }

    /// The most bytes that a result may have.
    pub(crate) fn max_bytes(&self) -> usize {
        self.settings.max_result_bytes.max(MIN_RESULT_BYTES)
    }

    /// Refuses a result that is too large after all that could be left out is.
    pub(crate) fn check_size(&self, result: &str) -> Result<(), Failure> {
        let max_bytes = self.max_bytes();
        if result.len() <= max_bytes {
            return Ok(());
        }
        let message = format!("the result has more than {max_bytes} bytes");
        Err(Failure::new(Code::ResultTooLarge, message).hint(
            "ask for less: fewer rows, or one topic or group; KAFKA_MCP_MAX_RESULT_BYTES allows more",
        ))
    }

    /// The deadline of the call's work: the `timeout_ms` argument, within the operator's limit.
    pub(crate) fn timeout(&self, timeout_ms: Option<u64>) -> Duration {
        let limit = self.settings.timeout;
        timeout_ms.map_or(limit, |ms| Duration::from_millis(ms).min(limit))
    }

    /// When a call is given up whose own deadline did not end it.
    pub(crate) fn deadline(&self) -> Duration {
        // The library's own deadline ends first, with a better explanation.
        self.settings.timeout + GRACE
    }

    /// How long it is until the call is given up, less what it takes to say why it failed.
    pub(crate) fn remaining(&self) -> Duration {
        self.deadline()
            .saturating_sub(self.began.elapsed())
            .saturating_sub(GRACE)
    }

    /// Notes which topic the call is about.
    pub(crate) fn about(&self, topic: &TopicName) {
        // The first one counts.
        let _ = self.meter.topic.set(topic.to_string());
    }

    pub(crate) fn read_bytes(&self, bytes: usize) {
        self.meter.bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn wrote_bytes(&self, bytes: usize) {
        self.meter.bytes_written.fetch_add(bytes, Ordering::Relaxed);
    }

    fn permit(&self) -> Result<(), Failure> {
        let (kind, name) = (self.kind.as_str(), self.name);
        if self.grant == Grant::Write && self.settings.access.read_only {
            return Err(Failure::new(
                Code::ReadOnly,
                format!("{kind} {name} is refused: this server is read-only"),
            )
            .hint("nothing was written; KAFKA_MCP_READ_ONLY=false allows it"));
        }
        if !self.caller.has(self.grant) {
            let (subject, scope) = (&self.caller.subject, self.grant.scope());
            return Err(Failure::new(
                Code::AccessDenied,
                format!("{kind} {name} is refused: {subject} was not granted {scope}"),
            )
            .hint(format!("the caller needs the scope {scope}")));
        }
        Ok(())
    }

    async fn watch<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let token = self.context.meta.get_progress_token();
        let progress: OptionFuture<_> = token.map(|token| tick(&self.context.peer, token)).into();
        tokio::select! {
            biased;
            () = self.context.ct.cancelled() => Err(self.interrupted(Code::Cancelled)),
            () = self.settings.shutdown.cancelled() => Err(self.interrupted(Code::ShuttingDown)),
            result = work => result,
            () = sleep(self.deadline()) => Err(self.interrupted(Code::Timeout)),
            Some(never) = progress => never,
        }
    }

    fn interrupted(&self, code: Code) -> Failure {
        let (name, after) = (self.name, self.settings.timeout);
        let message = match code {
            Code::ShuttingDown => format!("{name} was interrupted: the server is shutting down"),
            Code::Timeout => format!("{name} did not finish within {after:?}"),
            _ => format!("{name} was cancelled"),
        };
        match (self.grant, code) {
            (Grant::Write, Code::Timeout) => Failure::new(
                Code::MaybeWritten,
                format!("{message}; records may have been written"),
            )
            .hint("look for them with consume_messages before writing them again"),
            (Grant::Write, _) => {
                Failure::new(code, format!("{message}; records may have been written"))
            }
            (_, Code::Cancelled) => Failure::new(code, message),
            _ => Failure::new(code, message).retriable(),
        }
    }
}

/// What a call moved.
#[derive(Debug, Default)]
struct Meter {
    bytes_read: AtomicUsize,
    bytes_written: AtomicUsize,
    topic: OnceLock<String>,
    asks: AtomicBool,
}

/// Takes note of how a call went; also when the work is dropped before its end.
struct Note<'a> {
    call: &'a Call<'a>,
    started: Instant,
    is_final: bool,
}

impl<'a> Note<'a> {
    fn of(call: &'a Call<'a>) -> Self {
        Self {
            call,
            started: Instant::now(),
            is_final: false,
        }
    }

    /// Notes how it went: as `end` says, unless it failed.
    fn finish(mut self, end: &'static str, failure: Option<&Failure>) {
        self.is_final = true;
        let outcome = match failure {
            Some(failure) => failure.code().as_str(),
            None if self.call.meter.asks.load(Ordering::Relaxed) => "input_required",
            None => end,
        };
        self.write(outcome, failure);
    }

    fn write(&self, outcome: &'static str, failure: Option<&Failure>) {
        let Call {
            kind,
            name,
            caller,
            meter,
            settings,
            context,
            ..
        } = self.call;
        let duration = self.started.elapsed();
        let kafka_error = failure.and_then(Failure::kafka_error);
        // What a caller did wrong can quote what they sent: only the code is logged.
        match failure.filter(|failure| !failure.code().is_callers_fault()) {
            Some(failure) => {
                let message = failure.message();
                tracing::warn!(outcome, kafka_error, message, ?duration, "call failed");
            }
            // The observer has all of it.
            None => tracing::debug!(outcome, kafka_error, ?duration, "call finished"),
        }
        settings.observer.call_finished(&FinishedCall {
            kind: *kind,
            name,
            caller,
            request_id: request_id(context),
            outcome,
            kafka_error,
            duration,
            bytes_read: count(&meter.bytes_read),
            bytes_written: count(&meter.bytes_written),
            topic: meter.topic.get().map(String::as_str),
        });
    }
}

impl Drop for Note<'_> {
    fn drop(&mut self) {
        if !self.is_final {
            self.write(Code::Cancelled.as_str(), None);
        }
    }
}

/// The name that an HTTP front gave the request.
fn request_id(context: &RequestContext<RoleServer>) -> Option<&str> {
    let parts = context.extensions.get::<http::request::Parts>()?;
    parts.headers.get("x-request-id")?.to_str().ok()
}

fn count(bytes: &AtomicUsize) -> u64 {
    bytes.load(Ordering::Relaxed).try_into().unwrap_or(u64::MAX)
}

/// Tells the client every two seconds that the work goes on.
async fn tick(peer: &Peer<RoleServer>, token: ProgressToken) -> ! {
    let mut seconds = 0.0;
    loop {
        sleep(PROGRESS_INTERVAL).await;
        seconds += PROGRESS_INTERVAL.as_secs_f64();
        let progress = ProgressNotificationParam::new(token.clone(), seconds)
            .with_message(format!("still working after {seconds} s"));
        // A client that is gone cancels the call by other means.
        let _ = peer.notify_progress(progress).await;
    }
}

/// How a stream ends that its client wants no more of.
const CLOSED: &str = "closed";

const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

const GRACE: Duration = Duration::from_millis(250);

/// About 6,000 tokens.
const EASY_BYTES: usize = 24_000;

const MIN_RESULT_BYTES: usize = 4_096;
