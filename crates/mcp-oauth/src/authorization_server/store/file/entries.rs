//! The tables of the file.

use std::time::Duration;

use mcp_oauth_token::UnixTime;
use redb::{
    ReadableTable, ReadableTableMetadata, StorageError, Table, TableDefinition, WriteTransaction,
};

use crate::authorization_server::store::{StoreError, StoreKey, next_count};

/// The entries within one transaction.
pub(super) struct Entries<'a> {
    by_key: Table<'a, Key, (Millis, &'static [u8])>,
    by_expiry: Table<'a, (Millis, Key), ()>,
    now: Millis,
    max_entries: u64,
    has_changed: bool,
}

impl<'a> Entries<'a> {
    /// Forgets some of the entries whose time has come: more than one job can add.
    pub(super) fn open(
        transaction: &'a WriteTransaction,
        now: UnixTime,
        max_entries: u64,
    ) -> Result<Self, redb::Error> {
        let mut entries = Self {
            by_key: transaction.open_table(BY_KEY)?,
            by_expiry: transaction.open_table(BY_EXPIRY)?,
            now: millis(now),
            max_entries,
            has_changed: false,
        };
        for _ in 0..MAX_FORGOTTEN {
            if !entries.forget_one_expired()? {
                break;
            }
        }
        Ok(entries)
    }

    pub(super) fn has_changed(&self) -> bool {
        self.has_changed
    }

    pub(super) fn put_new(
        &mut self,
        key: &StoreKey,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        if self.live(key)?.is_some() {
            return Ok(false);
        }
        self.insert(key, value, self.after(ttl))?;
        Ok(true)
    }

    pub(super) fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.live(key)?.map(|(_, value)| value))
    }

    pub(super) fn take(&mut self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((_, value)) = self.live(key)? else {
            return Ok(None);
        };
        self.remove(key)?;
        Ok(Some(value))
    }

    pub(super) fn compare_and_swap(
        &mut self,
        key: &StoreKey,
        expected: &[u8],
        new: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        if self.live(key)?.is_none_or(|(_, value)| value != expected) {
            return Ok(false);
        }
        self.insert(key, new, self.after(ttl))?;
        Ok(true)
    }

    pub(super) fn incr(&mut self, key: &StoreKey, ttl: Duration) -> Result<u64, StoreError> {
        let (expires_at, count) = match self.live(key)? {
            Some((expires_at, value)) => (expires_at, next_count(&value)?),
            None => (self.after(ttl), 1),
        };
        self.insert(key, &count.to_be_bytes(), expires_at)?;
        Ok(count)
    }

    /// The entry, and when it expires, if it has not.
    fn live(&self, key: &StoreKey) -> Result<Option<(Millis, Vec<u8>)>, StoreError> {
        let entry = self.by_key.get(key.as_bytes()).map_err(broken)?;
        let entry = entry.map(|entry| {
            let (expires_at, value) = entry.value();
            (expires_at, value.to_vec())
        });
        Ok(entry.filter(|(expires_at, _)| *expires_at > self.now))
    }

    /// Puts an entry in place of the one with the same key, if there is one.
    fn insert(
        &mut self,
        key: &StoreKey,
        value: &[u8],
        expires_at: Millis,
    ) -> Result<(), StoreError> {
        let is_new = self.by_key.get(key.as_bytes()).map_err(broken)?.is_none();
        if is_new && self.by_key.len().map_err(broken)? >= self.max_entries {
            return Err(StoreError::Full);
        }
        self.remove(key)?;
        let key = key.as_bytes();
        self.by_expiry
            .insert((expires_at, key), ())
            .map_err(broken)?;
        self.by_key
            .insert(key, (expires_at, value))
            .map_err(broken)?;
        self.has_changed = true;
        Ok(())
    }

    fn remove(&mut self, key: &StoreKey) -> Result<(), StoreError> {
        let key = key.as_bytes();
        let removed = self.by_key.remove(key).map_err(broken)?;
        if let Some(expires_at) = removed.map(|entry| entry.value().0) {
            self.by_expiry.remove((expires_at, key)).map_err(broken)?;
            self.has_changed = true;
        }
        Ok(())
    }

    fn forget_one_expired(&mut self) -> Result<bool, StorageError> {
        let first = self.by_expiry.first()?.map(|(entry, _)| {
            let (expires_at, key) = entry.value();
            (expires_at, *key)
        });
        let Some((expires_at, key)) = first.filter(|(expires_at, _)| *expires_at <= self.now)
        else {
            return Ok(false);
        };
        self.by_expiry.remove((expires_at, &key))?;
        self.by_key.remove(&key)?;
        self.has_changed = true;
        Ok(true)
    }

    fn after(&self, ttl: Duration) -> Millis {
        let ttl = Millis::try_from(ttl.as_millis()).unwrap_or(Millis::MAX);
        self.now.saturating_add(ttl)
    }
}

fn millis(time: UnixTime) -> Millis {
    let since_epoch = time.saturating_since(UnixTime::from_secs(0));
    Millis::try_from(since_epoch.as_millis()).unwrap_or(Millis::MAX)
}

fn broken(error: StorageError) -> StoreError {
    StoreError::unavailable(error)
}

type Key = &'static [u8; 32];
/// Since 1970.
type Millis = u64;

const BY_KEY: TableDefinition<'_, Key, (Millis, &'static [u8])> = TableDefinition::new("entries 1");
const BY_EXPIRY: TableDefinition<'_, (Millis, Key), ()> = TableDefinition::new("expiry 1");
/// Twice the jobs of a batch, so that a store full of expired entries has room for a whole batch.
const MAX_FORGOTTEN: usize = 512;
