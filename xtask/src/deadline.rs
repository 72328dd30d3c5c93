//! A point in time after which waiting stops.
#![expect(
    clippy::disallowed_types,
    reason = "tasks wait for real processes and have no runtime whose clock could be paused"
)]

use std::thread;
use std::time::{Duration, Instant};

/// A point in time after which waiting stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    started: Instant,
    limit: Duration,
}

impl Deadline {
    /// Starts the clock.
    pub(crate) fn after(limit: Duration) -> Self {
        Self {
            started: Instant::now(),
            limit,
        }
    }

    /// Returns the time since the clock was started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Returns the whole time that was granted.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Asks `ready` again and again until it gives a value; `None` once the time is over.
    ///
    /// # Errors
    ///
    /// Passes on the first error of `ready`.
    pub(crate) fn poll<T, E>(
        &self,
        mut ready: impl FnMut() -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        loop {
            if let Some(value) = ready()? {
                return Ok(Some(value));
            }
            if self.elapsed() >= self.limit {
                return Ok(None);
            }
            thread::sleep(PAUSE);
        }
    }
}

const PAUSE: Duration = Duration::from_millis(50);
