//! How often one login asks the identity provider who it is.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::authorization_server::{recent::Recent, transaction::Transaction};

/// Counts the codes that each login brought from the identity provider.
///
/// A browser whose connection broke may bring one again. Whoever sends the same one on and on does
/// not make the server ask on and on.
///
/// That is not remembered in the store: to get here takes a consent, which costs nothing, and only
/// who has logged in may take room there. So each server counts by itself, and forgets when there
/// are too many; to make it forget costs more than that brings.
#[derive(Debug)]
pub(in crate::authorization_server) struct Exchanges(Mutex<Recent<[u8; 32], u8>>);

impl Exchanges {
    pub(in crate::authorization_server) fn new() -> Self {
        Self(Mutex::new(Recent::new(Transaction::LIFE, MAX_LOGINS)))
    }

    /// Whether a login may bring one more.
    pub(super) fn admit(&self, transaction: &Transaction) -> bool {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let brought = recent.of(transaction.id(), Instant::now(), 0);
        let is_admitted = *brought < MAX_EXCHANGES;
        if is_admitted {
            *brought += 1;
        }
        is_admitted
    }
}

const MAX_EXCHANGES: u8 = 2;
/// In each generation. Both together take about 1 MiB.
const MAX_LOGINS: usize = 8 * 1024;
