//! The thread that has the file.

use std::sync::Arc;

use mcp_oauth_token::Clock;
use redb::Database;
use tokio::sync::mpsc;

use super::entries::Entries;
use crate::authorization_server::store::StoreError;

/// Something to be done with the entries. It returns how the one who asked for it is told, once it
/// is known whether it came to be.
pub(super) type Job = Box<dyn FnOnce(&mut Entries<'_>) -> Reply + Send>;
pub(super) type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Does jobs, as many in one transaction as wait: a transaction takes as long as the disk does.
#[derive(Debug)]
pub(super) struct Writer {
    database: Database,
    clock: Arc<dyn Clock>,
    max_entries: u64,
}

impl Writer {
    pub(super) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        max_entries: u64,
    ) -> Result<Self, StoreError> {
        let writer = Self {
            database,
            clock,
            max_entries,
        };
        // A file that can be read and not written is found out at the start.
        writer.commit(|_| ()).map_err(StoreError::unavailable)?;
        Ok(writer)
    }

    /// Ends when nobody can ask any more.
    pub(super) fn run(self, mut queue: mpsc::Receiver<Job>) {
        let mut jobs = Vec::new();
        while queue.blocking_recv_many(&mut jobs, MAX_BATCH) > 0 {
            let mut replies = Vec::with_capacity(jobs.len());
            let committed = self.commit(|entries| {
                replies.extend(jobs.drain(..).map(|job| job(entries)));
            });
            let failure = committed.err().map(|error| {
                tracing::error!(%error, "the file of the store fails");
                error.to_string()
            });
            for reply in replies {
                reply(match &failure {
                    None => Ok(()),
                    Some(failure) => Err(StoreError::unavailable(failure.as_str())),
                });
            }
            // Without a transaction nobody was told, and whoever waits finds the reply gone.
            jobs.clear();
        }
    }

    fn commit(&self, work: impl FnOnce(&mut Entries<'_>)) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        let mut entries = Entries::open(&transaction, self.clock.now(), self.max_entries)?;
        work(&mut entries);
        let has_changed = entries.has_changed();
        drop(entries);
        if has_changed {
            transaction.commit()?;
        } else {
            transaction.abort()?;
        }
        Ok(())
    }
}

const MAX_BATCH: usize = 256;
