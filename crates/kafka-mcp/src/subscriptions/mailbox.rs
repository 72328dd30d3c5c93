//! What a stream is to tell.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// The URIs whose change a client was not told of yet: each is there once, however often it
/// changes.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    due: Mutex<BTreeSet<Arc<str>>>,
    arrival: Notify,
}

impl Mailbox {
    pub(super) fn put(&self, uris: &[Arc<str>]) {
        self.due().extend(uris.iter().cloned());
        self.arrival.notify_one();
    }

    /// Takes what is due next, as soon as something is. One stream waits here.
    pub(super) async fn take(&self) -> Arc<str> {
        loop {
            let next = self.due().pop_first();
            match next {
                Some(uri) => return uri,
                None => self.arrival.notified().await,
            }
        }
    }

    fn due(&self) -> MutexGuard<'_, BTreeSet<Arc<str>>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
