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

/// Opens the database.
pub(super) type Open = Box<dyn Fn() -> Result<Database, StoreError> + Send>;

/// Does jobs, as many in one transaction as wait: a transaction takes as long as the disk does.
pub(super) struct Writer {
    open: Open,
    /// `None` after a failure: redb does nothing more with a database that has failed once, also
    /// when there is room on the disk again.
    database: Option<Database>,
    clock: Arc<dyn Clock>,
    max_entries: u64,
}

impl Writer {
    pub(super) fn new(
        open: Open,
        clock: Arc<dyn Clock>,
        max_entries: u64,
    ) -> Result<Self, StoreError> {
        let mut writer = Self {
            open,
            database: None,
            clock,
            max_entries,
        };
        // A file that can be read and not written is found out at the start.
        writer.commit(|_| ())?;
        Ok(writer)
    }

    /// Ends when nobody can ask any more.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut jobs = Vec::new();
        while queue.blocking_recv_many(&mut jobs, MAX_BATCH) > 0 {
            let mut replies = Vec::with_capacity(jobs.len());
            let committed = self.commit(|entries| {
                replies.extend(jobs.drain(..).map(|job| job(entries)));
            });
            if let Err(error) = &committed {
                tracing::error!(%error, "the file of the store fails");
            }
            for reply in replies {
                reply(match &committed {
                    Ok(()) => Ok(()),
                    Err(error) => Err(StoreError::unavailable(error.to_string())),
                });
            }
            // Without a transaction nobody was told, and whoever waits finds the reply gone.
            jobs.clear();
        }
    }

    fn commit(&mut self, work: impl FnOnce(&mut Entries<'_>)) -> Result<(), StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => (self.open)()?,
        };
        self.transact(&database, work)
            .map_err(StoreError::unavailable)?;
        self.database = Some(database);
        Ok(())
    }

    fn transact(
        &self,
        database: &Database,
        work: impl FnOnce(&mut Entries<'_>),
    ) -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
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
