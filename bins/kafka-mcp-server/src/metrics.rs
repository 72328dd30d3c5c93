//! What the server counts, and how Prometheus reads it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

mod exposition;
mod histogram;
mod identity;
mod process;

use histogram::Histogram;

/// The counters of the server. Every label comes from a closed set, so their number is bounded.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    calls: Mutex<BTreeMap<CallKey, CallStats>>,
    kafka_errors: Mutex<BTreeMap<&'static str, u64>>,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    validations: Mutex<BTreeMap<Validation, u64>>,
    logins: Mutex<BTreeMap<&'static str, u64>>,
    grants: Mutex<BTreeMap<&'static str, u64>>,
    connections_open: AtomicI64,
    connections_total: AtomicU64,
    /// Seconds since 1970.
    started_at: f64,
}

/// What kind of thing was called, and its name.
type CallKey = (&'static str, &'static str);

#[derive(Debug, Default)]
struct CallStats {
    outcomes: BTreeMap<&'static str, u64>,
    durations: Histogram,
}

/// One call that ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// `tool`, `resource`, `prompt` or `completion`.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// `ok`, or the code of its error.
    pub(crate) outcome: &'static str,
    /// The Kafka error behind it.
    pub(crate) kafka_error: Option<&'static str>,
    /// How long it took.
    pub(crate) duration: Duration,
    /// Bytes of records read from Kafka.
    pub(crate) bytes_read: u64,
    /// Bytes of records written to Kafka.
    pub(crate) bytes_written: u64,
}

/// What became of the token of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Validation {
    /// Whose token it is, or should have been.
    pub(crate) provider: &'static str,
    /// The word for it.
    pub(crate) outcome: &'static str,
    /// The check that it failed.
    pub(crate) check: Option<&'static str>,
    /// Whether it had been validated before, where it was accepted.
    pub(crate) from_cache: Option<bool>,
}

impl Metrics {
    /// No counts yet; `started_at` is the start of the process in seconds since 1970.
    pub(crate) fn new(started_at: f64) -> Self {
        Self {
            started_at,
            ..Self::default()
        }
    }

    /// Counts a call that ended.
    pub(crate) fn call_finished(&self, call: Call) {
        let mut calls = lock(&self.calls);
        let stats = calls.entry((call.kind, call.name)).or_default();
        *stats.outcomes.entry(call.outcome).or_default() += 1;
        stats.durations.observe(call.duration);
        drop(calls);
        if let Some(error) = call.kafka_error {
            *lock(&self.kafka_errors).entry(error).or_default() += 1;
        }
        self.bytes_read
            .fetch_add(call.bytes_read, Ordering::Relaxed);
        self.bytes_written
            .fetch_add(call.bytes_written, Ordering::Relaxed);
    }

    /// Counts a request that was answered.
    pub(crate) fn request_answered(&self, route: &'static str, status: u16) {
        *lock(&self.requests).entry((route, status)).or_default() += 1;
    }

    /// Counts a decision about a token.
    pub(crate) fn token_validated(&self, validation: Validation) {
        *lock(&self.validations).entry(validation).or_default() += 1;
    }

    /// Counts a login at this server that ended.
    pub(crate) fn login_ended(&self, outcome: &'static str) {
        *lock(&self.logins).entry(outcome).or_default() += 1;
    }

    /// Counts what happened to the tokens of a login.
    pub(crate) fn grant_changed(&self, event: &'static str) {
        *lock(&self.grants).entry(event).or_default() += 1;
    }

    /// Counts a connection, as open until the returned value is dropped.
    pub(crate) fn connection_opened(&self) -> OpenConnection<'_> {
        self.connections_total.fetch_add(1, Ordering::Relaxed);
        self.connections_open.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self)
    }
}

/// A connection that is open.
#[derive(Debug)]
pub(crate) struct OpenConnection<'a>(&'a Metrics);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.connections_open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A counter is right whatever another thread did when it panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
