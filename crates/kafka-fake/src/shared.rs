//! What the nodes of a cluster share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::state::State;

/// The state of a cluster.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Wakes those who wait for records, or for something to be amiss.
    pub(crate) changed: Notify,
    /// The longest frame that is read.
    pub(crate) max_request_bytes: usize,
}

impl Shared {
    pub(crate) fn new(state: State, max_request_bytes: usize) -> Self {
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
            max_request_bytes,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A request that panicked takes its connection with it, and not the cluster.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
