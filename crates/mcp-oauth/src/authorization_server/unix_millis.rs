//! Points in time as the store keeps them: in milliseconds, which tell a grace of a second.

use std::time::Duration;

use mcp_oauth_token::UnixTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The time as it comes back from the store, so that it can be told whether something else did.
pub(super) fn as_kept(time: UnixTime) -> UnixTime {
    let since_epoch = time.saturating_since(EPOCH).as_millis();
    let millis = u64::try_from(since_epoch).unwrap_or(u64::MAX);
    EPOCH.saturating_add(Duration::from_millis(millis))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(PartialEq, Eq, Debug, Serialize, Deserialize)]
    struct Kept(#[serde(with = "super")] UnixTime);

    #[test]
    fn a_time_is_read_as_it_was_kept() {
        let exact = EPOCH.saturating_add(Duration::from_nanos(1_792_800_000_123_456_789));
        for time in [exact, EPOCH] {
            let kept = serde_json::to_vec(&Kept(time)).unwrap();
            let read: Kept = serde_json::from_slice(&kept).unwrap();
            assert_eq!(read, Kept(as_kept(time)));
        }
    }
}
