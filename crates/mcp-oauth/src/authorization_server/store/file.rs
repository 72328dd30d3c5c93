//! A store that survives a restart.

mod entries;
mod writer;

use std::{
    fs::OpenOptions,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use mcp_oauth_token::Clock;
use redb::Database;
use tokio::sync::{mpsc, oneshot};

use self::{
    entries::Entries,
    writer::{Job, Writer},
};
use super::{Store, StoreError, StoreKey};

/// Keeps entries in a file: for one replica, whose logins survive its restart.
///
/// What was answered is on disk. Calls at the same time share one write to it. While the disk is full,
/// or fails, calls fail; they work again when it does. The file is locked: a second process that
/// opens it is refused.
#[derive(Debug)]
pub struct FileStore {
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

impl FileStore {
    /// Opens a store of at most a million entries, or makes a new one; on Unix for its owner only.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is damaged, is not a store, or is in use.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with_max_entries(path, clock, 1_000_000)
    }

    /// Like [`open`](Self::open), with another limit.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn open_with_max_entries(
        path: &Path,
        clock: Arc<dyn Clock>,
        max_entries: u64,
    ) -> Result<Self, StoreError> {
        let path = path.to_owned();
        let open = Box::new(move || open_database(&path));
        Self::start(Writer::new(open, clock, max_entries)?)
    }

    fn start(writer: Writer) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(MAX_WAITING);
        let writer = thread::Builder::new()
            .name("oauth-store".to_owned())
            .spawn(move || writer.run(queue))
            .map_err(StoreError::unavailable)?;
        Ok(Self {
            jobs: Some(jobs),
            writer: Some(writer),
        })
    }

    /// Lets the writer do something, and waits until it is on disk.
    async fn ask<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&mut Entries<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |entries| {
            let outcome = verb(entries);
            Box::new(move |committed: Result<(), StoreError>| {
                // Who asked may have given up.
                let _ = answer.send(committed.and(outcome));
            })
        });
        let jobs = self.jobs.as_ref().ok_or_else(has_ended)?;
        jobs.send(job).await.map_err(|_| has_ended())?;
        answered.await.map_err(|_| has_ended())?
    }
}

impl Store for FileStore {
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let (key, value) = (*key, value.to_vec());
        self.ask(move |entries| entries.put_new(&key, &value, ttl))
            .boxed()
    }

    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let key = *key;
        self.ask(move |entries| entries.get(&key)).boxed()
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let key = *key;
        self.ask(move |entries| entries.take(&key)).boxed()
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let (key, expected, new) = (*key, expected.to_vec(), new.to_vec());
        self.ask(move |entries| entries.compare_and_swap(&key, &expected, &new, ttl))
            .boxed()
    }

    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        let key = *key;
        self.ask(move |entries| entries.incr(&key, ttl)).boxed()
    }
}

impl Drop for FileStore {
    /// Waits until what was asked is done and the file is closed, so that it can be opened again.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store ended in a panic");
        }
    }
}

fn open_database(path: &Path) -> Result<Database, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path).map_err(StoreError::unavailable)?);
    Database::builder()
        .set_cache_size(CACHE_BYTES)
        // Without it, a damaged file is found by a panic, later.
        .set_check_integrity_on_open(true)
        .create(path)
        .map_err(StoreError::unavailable)
}

fn has_ended() -> StoreError {
    StoreError::unavailable("the store has ended")
}

const MAX_WAITING: usize = 1024;
const CACHE_BYTES: usize = 8 * 1024 * 1024;
