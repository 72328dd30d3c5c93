//! What the operator of a server decides.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    Access, CallObserver, Caller, Clock, ConfirmWrites, StateKey, SystemClock, observer::Unobserved,
};

/// What the operator of a server decides.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// What is let through, whoever calls.
    pub access: Access,
    /// Whether somebody is asked before a tool writes. Default: where that is possible.
    pub confirm_writes: ConfirmWrites,
    /// The most bytes of JSON in one result. Default: 80,000, about 20,000 tokens; less than
    /// 4,096 counts as 4,096.
    pub max_result_bytes: usize,
    /// The deadline of a call. Default: 10 s.
    pub timeout: Duration,
    /// How often the resources that somebody watches are measured: so long after the last time.
    /// Default: 5 s; less than 1 s counts as 1 s.
    pub poll_interval: Duration,
    /// How many streams may be open. Default: 100.
    pub max_streams: usize,
    /// How many of them one caller may have. Default: 10.
    pub max_streams_per_caller: usize,
    /// Who calls when the transport names nobody. Default: [`Caller::local`].
    pub default_caller: Caller,
    /// Hears of every call that ends. Default: nobody does.
    pub observer: Arc<dyn CallObserver>,
    /// Tells the time that results are stamped with. Default: [`SystemClock`].
    pub clock: Arc<dyn Clock>,
    /// Seals cursors, and the state of calls that wait for somebody's answer. Servers behind one address need a common one. Default:
    /// [`StateKey::random`], with which cursors end with the process.
    pub state_key: StateKey,
    /// Ends the streams when it is cancelled, which never end by themselves, and leaves calls to
    /// finish.
    pub draining: CancellationToken,
    /// Ends the calls in flight when it is cancelled, and the streams.
    pub shutdown: CancellationToken,
}

impl Settings {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            access: Access::default(),
            confirm_writes: ConfirmWrites::default(),
            max_result_bytes: 80_000,
            timeout: Duration::from_secs(10),
            poll_interval: Duration::from_secs(5),
            max_streams: 100,
            max_streams_per_caller: 10,
            default_caller: Caller::local(),
            observer: Arc::new(Unobserved),
            clock: Arc::new(SystemClock),
            state_key: StateKey::random(),
            draining: CancellationToken::new(),
            shutdown: CancellationToken::new(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
