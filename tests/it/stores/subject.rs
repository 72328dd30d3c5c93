//! The stores that are tested.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mcp_oauth::{FileStore, MemoryStore, RedisStore, Store};
use mcp_oauth_token::{Clock, UnixTime};
use testkit::RedisServer;

/// A store, and what it stands on.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) store: Arc<dyn Store>,
    /// `None` for Redis, whose time passes by itself.
    clock: Option<Arc<SetClock>>,
    // After the store, which has the file open.
    _file: Option<StoreFile>,
    _redis: Option<RedisServer>,
}

impl Subject {
    /// Every store, empty.
    pub(super) async fn all() -> Vec<Self> {
        let redis = RedisServer::start().await;
        let redis = redis.map(|server| Self {
            name: "redis",
            store: Arc::new(redis_store(&server)),
            clock: None,
            _file: None,
            _redis: Some(server),
        });
        let memory = Self::with_clock("memory", |clock| (Arc::new(MemoryStore::new(clock)), None));
        let file = Self::with_clock("file", |clock| {
            let file = StoreFile::new();
            let store = FileStore::open(&file.0, clock).expect("a file");
            (Arc::new(store), Some(file))
        });
        [memory, file].into_iter().chain(redis).collect()
    }

    /// Every store, with room for some hundred kilobytes or entries.
    pub(super) async fn all_small() -> Vec<Self> {
        let settings = ["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"];
        let redis = RedisServer::start_with(&settings).await;
        let redis = redis.map(|server| Self {
            name: "redis",
            store: Arc::new(redis_store(&server)),
            clock: None,
            _file: None,
            _redis: Some(server),
        });
        let memory = Self::with_clock("memory", |clock| {
            let store = MemoryStore::new(clock).with_max_bytes(300_000);
            (Arc::new(store), None)
        });
        let file = Self::with_clock("file", |clock| {
            let file = StoreFile::new();
            let store = FileStore::open_with_max_entries(&file.0, clock, 30).expect("a file");
            (Arc::new(store), Some(file))
        });
        [memory, file].into_iter().chain(redis).collect()
    }

    /// Lets time pass, where it does not by itself.
    pub(super) fn wait(&self, duration: Duration) {
        if let Some(clock) = &self.clock {
            clock.advance(duration);
        }
    }

    fn with_clock(
        name: &'static str,
        store: impl FnOnce(Arc<SetClock>) -> (Arc<dyn Store>, Option<StoreFile>),
    ) -> Self {
        let clock = Arc::new(SetClock::default());
        let (store, file) = store(Arc::clone(&clock));
        Self {
            name,
            store,
            clock: Some(clock),
            _file: file,
            _redis: None,
        }
    }
}

pub(super) fn redis_store(server: &RedisServer) -> RedisStore {
    RedisStore::new(&server.url().into()).expect("a URL")
}

/// A clock that stands still between the times that it is set.
#[derive(Debug, Default)]
pub(super) struct SetClock(AtomicU64);

impl SetClock {
    pub(super) fn advance(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).expect("no age");
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> UnixTime {
        let since_start = Duration::from_millis(self.0.load(Ordering::Relaxed));
        UnixTime::from_secs(1_000_000_000).saturating_add(since_start)
    }
}

/// The name of a file that is removed in the end.
#[derive(Debug)]
pub(crate) struct StoreFile(pub(crate) PathBuf);

impl StoreFile {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("mcp-oauth-{}-{number}.redb", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for StoreFile {
    fn drop(&mut self) {
        // There may be none.
        let _ = std::fs::remove_file(&self.0);
    }
}
