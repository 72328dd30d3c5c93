//! What becomes of times when clocks differ, or are set.

use std::time::Duration;

use mcp_oauth_token::UnixTime;

/// How far the clocks of two servers may be apart.
pub(super) const MAX_SKEW: Duration = Duration::from_secs(30);

/// Whether what began at a time, and lives for `life`, lives now. It does not if it began in the
/// future: then the clock was set back, and nobody knows how old it is.
pub(super) fn lives(began: UnixTime, life: Duration, now: UnixTime) -> bool {
    now < began.saturating_add(life) && began <= now.saturating_add(MAX_SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_in_the_future_lives_no_more_than_what_is_too_old() {
        let life = Duration::from_secs(60);
        for (began, is_alive) in [
            (1000, true),
            (941, true),
            (940, false),
            (0, false),
            (1030, true),
            (1031, false),
            (u64::MAX, false),
        ] {
            let began = UnixTime::from_secs(began);
            let now = UnixTime::from_secs(1000);
            assert_eq!(lives(began, life, now), is_alive, "{began:?}");
        }
    }
}
