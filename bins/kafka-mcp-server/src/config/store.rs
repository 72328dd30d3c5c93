//! Where logins are kept.

use std::{error::Error, path::PathBuf, sync::Arc};

use mcp_oauth::{FileStore, MemoryStore, RedisStore, Store, StoreError};
use mcp_oauth_token::SystemClock;
use secrecy::{ExposeSecret, SecretString};

use super::{
    reader::Reader,
    setting::Setting,
    settings::{OAUTH_STORE, OAUTH_STORE_FILE},
};

/// Where logins are kept.
#[derive(Clone, Debug, Default)]
pub(crate) enum StoreSetting {
    /// In a file: one replica, whose logins survive its restart.
    File(PathBuf),
    /// In the process: one replica, whose restart logs everybody out.
    #[default]
    Memory,
    /// In Redis: any number of replicas. The URL may hold a password.
    Redis(SecretString),
}

impl StoreSetting {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        if !reader.is_set(OAUTH_STORE_FILE) {
            let store = reader.read_unquoted(OAUTH_STORE, Self::parse);
            return store.unwrap_or_default();
        }
        let text = reader.read_secret(OAUTH_STORE, OAUTH_STORE_FILE);
        match text.map(|text| Self::parse(text.expose_secret().trim())) {
            Some(Ok(store)) => store,
            Some(Err(reason)) => {
                let allowed = OAUTH_STORE.allowed;
                let message = format!("what it holds {reason}; allowed: {allowed}");
                reader.problem(OAUTH_STORE_FILE, message);
                Self::default()
            }
            None => Self::default(),
        }
    }

    /// The setting that says where.
    pub(super) fn source(reader: &Reader<'_>) -> &'static Setting {
        if reader.is_set(OAUTH_STORE_FILE) {
            OAUTH_STORE_FILE
        } else {
            OAUTH_STORE
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text.eq_ignore_ascii_case("memory") => Ok(Self::Memory),
            Some(("file", "")) => Err("names no file".to_owned()),
            Some(("file", path)) => Ok(Self::File(PathBuf::from(path))),
            Some(("redis" | "rediss", _)) => Ok(Self::Redis(text.into())),
            _ => Err("is no store".to_owned()),
        }
    }

    /// Whether asking it takes a network.
    pub(super) const fn is_far_away(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// Opens it. Redis need not be there yet.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or is in use.
    pub(crate) fn open(&self) -> Result<Arc<dyn Store>, UnusableStore> {
        let clock = Arc::new(SystemClock);
        Ok(match self {
            Self::File(path) => Arc::new(FileStore::open(path, clock)?),
            Self::Memory => Arc::new(MemoryStore::new(clock)),
            Self::Redis(url) => Arc::new(RedisStore::new(url)?),
        })
    }

    /// What keeps it from being opened that is a matter of the setting alone.
    pub(super) fn problem(&self) -> Option<String> {
        let Self::Redis(url) = self else {
            return None;
        };
        let error = RedisStore::new(url).err()?;
        let cause = error.source().map(|cause| format!(": {cause}"));
        Some(format!("cannot be used{}", cause.unwrap_or_default()))
    }
}

/// Logins cannot be kept there.
#[derive(Debug, thiserror::Error)]
#[error("OAUTH_STORE cannot be used")]
pub(crate) struct UnusableStore(#[from] StoreError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_memory_a_file_or_redis() {
        let parsed = |text| StoreSetting::parse(text).map(|store| format!("{store:?}"));
        assert_eq!(parsed("Memory").unwrap(), "Memory");
        assert_eq!(parsed("file:/var/a:b").unwrap(), "File(\"/var/a:b\")");
        for redis in ["redis://:canary@host:1/2", "rediss://canary@host"] {
            let shown = parsed(redis).unwrap();
            assert!(
                shown.starts_with("Redis(") && !shown.contains("canary"),
                "{shown}"
            );
        }
        for wrong in ["disk", "file:", "http://redis", "redis"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
