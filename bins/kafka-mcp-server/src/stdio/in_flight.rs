//! The requests that are not answered yet.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rmcp::model::RequestId;
use tokio::sync::Notify;

/// The requests that are not answered yet. Their number is bounded: beyond it nothing more is
/// read, and the client waits.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    ids: Mutex<HashSet<RequestId>>,
    changed: Notify,
}

impl InFlight {
    pub(super) fn begin(&self, id: RequestId) {
        self.ids().insert(id);
    }

    /// Ends a request: it is answered, or the client does not want an answer any more.
    pub(super) fn end(&self, id: &RequestId) {
        self.ids().remove(id);
        self.changed.notify_waiters();
    }

    /// Ends all, because nobody will read an answer.
    pub(super) fn clear(&self) {
        self.ids().clear();
        self.changed.notify_waiters();
    }

    /// Waits until one more request may begin.
    pub(super) async fn room(&self) {
        self.at_most(MAX_IN_FLIGHT - 1).await;
    }

    /// Waits until all are answered.
    pub(super) async fn none(&self) {
        self.at_most(0).await;
    }

    async fn at_most(&self, count: usize) {
        loop {
            let changed = self.changed.notified();
            if self.ids().len() <= count {
                return;
            }
            changed.await;
        }
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MAX_IN_FLIGHT: usize = 256;
