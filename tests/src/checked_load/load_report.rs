//! What came of a load.

use std::{collections::BTreeMap, fmt, time::Duration};

/// What came of a load.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// How many calls were made.
    pub calls: u64,
    /// How many of them failed, or were answered in part, by the reason.
    pub problems: BTreeMap<String, u64>,
    /// How many took more than a second.
    pub slow: u64,
    /// How long the longest took.
    pub longest: Duration,
    /// What answers said that is not true; the first few.
    pub wrong: Vec<String>,
}

impl LoadReport {
    /// How many calls did not succeed in full.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.problems.values().sum()
    }

    /// Whether of a thousand calls at most one did not succeed.
    #[must_use]
    pub fn is_three_nines(&self) -> bool {
        self.failed() * 1_000 <= self.calls
    }

    /// Adds what came of another load.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.slow += other.slow;
        self.longest = self.longest.max(other.longest);
        self.note_wrong(other.wrong.clone());
        for (reason, count) in &other.problems {
            *self.problems.entry(reason.clone()).or_default() += count;
        }
    }

    pub(super) fn note(&mut self, took: Duration, problem: Option<String>) {
        self.calls += 1;
        self.longest = self.longest.max(took);
        self.slow += u64::from(took > SLOW);
        if let Some(problem) = problem {
            *self.problems.entry(problem).or_default() += 1;
        }
    }

    pub(super) fn note_wrong(&mut self, wrong: Vec<String>) {
        let room = MAX_WRONG.saturating_sub(self.wrong.len());
        self.wrong.extend(wrong.into_iter().take(room));
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let succeeded = self.calls - self.failed();
        #[expect(
            clippy::cast_precision_loss,
            reason = "fewer calls than a float counts exactly"
        )]
        let share = succeeded as f64 / self.calls.max(1) as f64 * 100.0;
        write!(
            f,
            "{} calls, {share:.3} % succeeded, {} took over {SLOW:?}, the longest {:.2?}, {} wrong",
            self.calls,
            self.slow,
            self.longest,
            self.wrong.len()
        )?;
        for (reason, count) in &self.problems {
            write!(f, "; {reason}: {count}")?;
        }
        Ok(())
    }
}

const SLOW: Duration = Duration::from_secs(1);
const MAX_WRONG: usize = 20;
