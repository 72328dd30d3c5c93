//! How often one address may call.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use tokio::time::{Duration, Instant};

use super::client_address::Network;

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
    recent: Mutex<Recent>,
}

impl RateCeiling {
    /// `burst` calls at once, and `per_minute` a minute from then on. Both are at least 1.
    pub(crate) fn new(burst: u32, per_minute: u32) -> Self {
        let interval = Duration::from_secs(60) / per_minute.max(1);
        Self {
            interval,
            burst: interval * burst.max(1),
            recent: Mutex::new(Recent::new(Instant::now())),
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
        let paid_until = recent.of(Network::of(address), now, self.burst);
        // The moment at which all calls so far would have come, had they come one each interval.
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

/// The networks that called lately, in two generations: when the newer one is full or old, it takes
/// the place of the older one, and what was only there is forgotten.
#[derive(Debug)]
struct Recent {
    newer: HashMap<Network, Instant>,
    older: HashMap<Network, Instant>,
    begun: Instant,
}

impl Recent {
    fn new(begun: Instant) -> Self {
        Self {
            newer: HashMap::new(),
            older: HashMap::new(),
            begun,
        }
    }

    fn of(&mut self, network: Network, now: Instant, burst: Duration) -> &mut Instant {
        // After a burst's time without a call, an address has all it can have: as if it were new.
        let is_old = now.saturating_duration_since(self.begun) > burst;
        if is_old || self.newer.len() >= MAX_NETWORKS {
            self.older = std::mem::take(&mut self.newer);
            self.begun = now;
        }
        let before = self.older.get(&network).copied();
        let entry = self.newer.entry(network);
        entry.or_insert(before.unwrap_or(now))
    }
}

/// In each generation. Both together take about 2 MiB.
const MAX_NETWORKS: usize = 16 * 1024;

#[cfg(test)]
mod tests;
