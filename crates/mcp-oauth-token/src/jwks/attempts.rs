//! How fetching went, and when it may be tried again.

use std::time::Duration;

use tokio::time::Instant;

/// How fetching a key set went, and when it may be tried again.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    /// Why the last one failed, if it did.
    pub(super) last_error: Option<String>,
    /// When the last one failed, if it did.
    failed_at: Option<Instant>,
    /// How many failed since one succeeded.
    failures_in_a_row: u32,
    /// When one last looked for a certain key.
    searched_at: Option<Instant>,
}

impl Attempts {
    pub(super) fn succeed(&mut self) {
        self.succeeded += 1;
        self.last_error = None;
        self.failed_at = None;
        self.failures_in_a_row = 0;
    }

    pub(super) fn fail(&mut self, error: String, now: Instant) {
        self.failed += 1;
        self.last_error = Some(error);
        self.failed_at = Some(now);
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
    }

    /// Notes that the fetch which landed at `landed_at` looked for a key that was not at hand.
    pub(super) fn search(&mut self, landed_at: Instant) {
        self.searched_at = Some(landed_at);
    }

    /// Whether the provider is down as far as is known, so that waiting for it is no use.
    pub(super) fn failed_lately(&self, now: Instant) -> bool {
        self.failed_at
            .is_some_and(|failed_at| now < failed_at + 2 * COOLDOWN)
    }

    /// From when on a fetch may be tried for the sake of time. Without any keys at hand, no token
    /// can be accepted, and the first tries follow each other faster.
    pub(super) fn may_refresh_at(&self, has_keys: bool) -> Option<Instant> {
        let pause = if has_keys {
            COOLDOWN
        } else {
            let doublings = self.failures_in_a_row.saturating_sub(1).min(5);
            COOLDOWN.min(FIRST_PAUSE * 2_u32.pow(doublings))
        };
        Some(self.failed_at? + pause)
    }

    /// From when on a fetch may be tried for the sake of a key that is not at hand.
    pub(super) fn may_search_at(&self, has_keys: bool) -> Option<Instant> {
        let cooled = self.searched_at.map(|searched_at| searched_at + COOLDOWN);
        cooled.max(self.may_refresh_at(has_keys))
    }
}

const COOLDOWN: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
