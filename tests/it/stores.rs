//! What the authorization server asks of a store, of each store: in memory, in a file, in Redis.

mod agreement;
mod atomic;
mod expiry;
mod loss;
mod replicas;
mod room;
mod subject;

use std::time::Duration;

use mcp_oauth::StoreKey;

#[cfg(unix)]
pub(crate) use self::subject::StoreFile;

const HOUR: Duration = Duration::from_secs(3600);

fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}
