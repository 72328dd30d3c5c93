//! Points in time as the store keeps them: in milliseconds, which tell a grace of a second.

use std::time::Duration;

use mcp_oauth_token::UnixTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(time: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
    let since_epoch = time.saturating_since(EPOCH).as_millis();
    u64::try_from(since_epoch)
        .unwrap_or(u64::MAX)
        .serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<UnixTime, D::Error> {
    let since_epoch = Duration::from_millis(u64::deserialize(deserializer)?);
    Ok(EPOCH.saturating_add(since_epoch))
}

const EPOCH: UnixTime = UnixTime::from_secs(0);
