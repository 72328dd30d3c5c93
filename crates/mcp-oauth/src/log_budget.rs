//! How many lines of log strangers can cause.

use std::sync::{Mutex, PoisonError};

use tokio::time::{Duration, Instant};

/// Bounds the lines that requests can cause.
#[derive(Debug)]
pub(crate) struct LogBudget(Mutex<Budget>);

#[derive(Debug)]
struct Budget {
    max_lines: u32,
    line_every: Duration,
    lines: u32,
    withheld: u64,
    refilled: Instant,
}

impl LogBudget {
    /// For requests whose sender is not known: a thousand lines at once, and fifty a second from then
    /// on.
    pub(crate) fn new() -> Self {
        Self::of(MAX_LINES, LINE_EVERY)
    }

    /// For what has to be said once in a while.
    #[cfg(feature = "authorization-server")]
    pub(crate) fn one_line_every(interval: Duration) -> Self {
        Self::of(1, interval)
    }

    fn of(max_lines: u32, line_every: Duration) -> Self {
        Self(Mutex::new(Budget {
            max_lines,
            line_every,
            lines: max_lines,
            withheld: 0,
            refilled: Instant::now(),
        }))
    }

    /// Takes one line from the budget. `None` if it is used up; else how many lines were withheld
    /// since the last one.
    pub(crate) fn line(&self) -> Option<u64> {
        let mut budget = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        budget.refill(Instant::now());
        if budget.lines == 0 {
            budget.withheld += 1;
            return None;
        }
        budget.lines -= 1;
        Some(std::mem::take(&mut budget.withheld))
    }
}

impl Budget {
    fn refill(&mut self, now: Instant) {
        let earned =
            now.saturating_duration_since(self.refilled).as_nanos() / self.line_every.as_nanos();
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        if self.lines.saturating_add(earned) >= self.max_lines {
            self.lines = self.max_lines;
            self.refilled = now;
        } else {
            self.lines += earned;
            self.refilled += self.line_every * earned;
        }
    }
}

const MAX_LINES: u32 = 1000;
const LINE_EVERY: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_cut_and_counted() {
        let budget = LogBudget::new();
        assert!((0..MAX_LINES).all(|_| budget.line() == Some(0)));
        assert!((0..5000).all(|_| budget.line().is_none()));
        advance(Duration::from_millis(50)).await;
        assert_eq!(budget.line(), Some(5000));
        assert_eq!(budget.line(), Some(0));
        assert_eq!(budget.line(), None);
        advance(Duration::from_millis(10)).await;
        assert_eq!(budget.line(), Some(1), "half a line was left over");
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_times_earn_no_more_than_one_burst() {
        let budget = LogBudget::new();
        advance(Duration::from_secs(1_000_000)).await;
        assert_eq!((0..5000).filter_map(|_| budget.line()).count(), 1000);
    }
}
