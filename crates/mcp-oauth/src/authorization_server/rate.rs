//! How often one address may call.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use tokio::time::{Duration, Instant};

use super::{client_address::Network, recent::Recent};

/// A ceiling on the calls from each address.
///
/// It keeps a single sender from using up the server, and nothing else: many people share the
/// addresses of a hosted client, so it is far above what one person needs. It takes a fixed amount
/// of memory. Who calls from more addresses than it remembers is not held back by it.
#[derive(Debug)]
pub(crate) struct RateCeiling {
    /// The time that one call takes from what an address has.
    interval: Duration,
    /// How much of it an address can have.
    burst: Duration,
    /// The moment at which all calls of a network so far would have come, had they come one each
    /// interval. After a burst's time without a call, a network has all it can have: as if it were
    /// new.
    recent: Mutex<Recent<Network, Instant>>,
}

impl RateCeiling {
    /// `burst` calls at once, and `per_minute` a minute from then on. Both are at least 1.
    pub(crate) fn new(burst: u32, per_minute: u32) -> Self {
        let interval = Duration::from_secs(60) / per_minute.max(1);
        let burst = interval * burst.max(1);
        Self {
            interval,
            burst,
            recent: Mutex::new(Recent::new(burst, MAX_NETWORKS)),
        }
    }

    /// Counts a call.
    ///
    /// # Errors
    ///
    /// If it is one too many: how long to wait until the next.
    pub(crate) fn admit(&self, address: IpAddr) -> Result<(), RetryAfter> {
        let now = Instant::now();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let paid_until = recent.of(Network::of(address), now, now);
        let after = (*paid_until).max(now) + self.interval;
        let ahead = after.saturating_duration_since(now);
        if ahead > self.burst {
            return Err(RetryAfter(ahead - self.burst));
        }
        *paid_until = after;
        Ok(())
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryAfter(pub(crate) Duration);

impl RetryAfter {
    /// For the header of this name: whole seconds, and not too few.
    pub(crate) fn as_secs(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)
    }
}

/// In each generation. Both together take about 2 MiB.
const MAX_NETWORKS: usize = 16 * 1024;

#[cfg(test)]
mod tests;
