//! A fetch that is under way.

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

use super::{
    fetch::FetchError,
    key_set::{KeySet, NoKey, Sought},
    state::Shared,
};
use crate::Algorithm;

/// A fetch that is under way, as those see it who wait for it.
#[derive(Clone, Debug)]
pub(super) struct Flight(watch::Receiver<()>);

impl Flight {
    /// A fetch for `search`, and how to see it land.
    pub(super) fn prepare(shared: &Arc<Shared>, search: Option<Search>) -> (Self, Departure) {
        let (signal, landed) = watch::channel(());
        let departure = Departure {
            shared: Arc::clone(shared),
            search,
            outcome: Err(FetchError::BrokenOff),
            _signal: signal,
        };
        (Self(landed), departure)
    }

    /// Ends when the fetch has ended, however it ended.
    pub(super) async fn landed(mut self) {
        // Nothing is ever sent: this waits for the other end to be dropped.
        while self.0.changed().await.is_ok() {}
    }
}

/// A fetch that is to be made. Dropping it at any time, as a panic does or the end of the runtime,
/// hands in what it has brought, or that it has brought nothing: nobody waits for it in vain.
#[derive(Debug)]
pub(super) struct Departure {
    shared: Arc<Shared>,
    search: Option<Search>,
    outcome: Result<KeySet, FetchError>,
    /// Dropped after everything else, when the outcome is in.
    _signal: watch::Sender<()>,
}

impl Departure {
    pub(super) async fn fly(mut self) {
        self.outcome = self.shared.fetch().await;
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Err(FetchError::BrokenOff));
        self.shared
            .land(outcome, self.search.take(), Instant::now());
    }
}

/// A key that a fetch is made for.
#[derive(Debug)]
pub(super) struct Search {
    kid: Option<String>,
    algorithm: Algorithm,
    /// Whether there were keys, and this was not among them.
    had_keys: bool,
}

impl Search {
    pub(super) fn new(sought: Sought<'_>, had_keys: bool) -> Self {
        Self {
            kid: sought.kid.map(str::to_owned),
            algorithm: sought.algorithm,
            had_keys,
        }
    }

    /// Whether it leaves nothing to hope for from another fetch soon. One that had to bring the very
    /// first keys, and brought the right one, does not: the next token may come with a newer key.
    pub(super) fn is_spent(&self, key_set: &KeySet) -> bool {
        let sought = Sought {
            kid: self.kid.as_deref(),
            algorithm: self.algorithm,
        };
        self.had_keys || matches!(key_set.find(sought), Err(NoKey::Missing))
    }
}
