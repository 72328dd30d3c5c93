//! A memory of fixed size.

use std::{collections::HashMap, hash::Hash};

use tokio::time::{Duration, Instant};

/// What is known of those that came lately, in two generations: when the newer one is full or old,
/// it takes the place of the older one, and what was only there is forgotten.
///
/// It is for what may be forgotten: for bounds on what somebody can cost, and not on what they may.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    newer: HashMap<K, V>,
    older: HashMap<K, V>,
    begun: Instant,
    life: Duration,
    capacity: usize,
}

impl<K: Eq + Hash, V: Copy> Recent<K, V> {
    /// A memory of `capacity` in each generation, and for `life` at least if there are no more.
    pub(super) fn new(life: Duration, capacity: usize) -> Self {
        Self {
            newer: HashMap::new(),
            older: HashMap::new(),
            begun: Instant::now(),
            life,
            capacity,
        }
    }

    /// What is known of `key`, which comes now: `new` if that is nothing.
    pub(super) fn of(&mut self, key: K, now: Instant, new: V) -> &mut V {
        let is_old = now.saturating_duration_since(self.begun) > self.life;
        if is_old || self.newer.len() >= self.capacity {
            self.older = std::mem::take(&mut self.newer);
            self.begun = now;
        }
        let before = self.older.get(&key).copied();
        self.newer.entry(key).or_insert(before.unwrap_or(new))
    }

    /// How many are remembered, some of them twice.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.newer.len() + self.older.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(10);

    fn recent() -> (Recent<u32, u32>, Instant) {
        (Recent::new(LIFE, 100), Instant::now())
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_is_remembered_for_its_life_and_not_for_much_longer() {
        for before in [Duration::ZERO, LIFE] {
            let (mut recent, start) = recent();
            let came = start + before;
            *recent.of(1, came, 0) += 1;
            assert_eq!(*recent.of(1, came + LIFE, 0), 1);
            let later = |lives| came + (LIFE + Duration::from_secs(1)) * lives;
            for lives in 2..4 {
                recent.of(2, later(lives), 0);
            }
            assert_eq!(*recent.of(1, later(4), 0), 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_is_forgotten_and_who_stays_in_it_is_not() {
        let (mut recent, now) = recent();
        *recent.of(0, now, 0) += 1;
        for number in 1..10_000 {
            recent.of(number, now, 0);
            if number % 50 == 0 {
                assert_eq!(*recent.of(0, now, 0), 1, "after {number}");
            }
            assert!(recent.len() <= 200);
        }
        assert_eq!(*recent.of(1, now, 7), 7);
    }
}
