//! What a report makes of its numbers.

use schemars::JsonSchema;
use serde::Serialize;

/// What a report makes of its numbers. Empty when nothing is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Advice {
    pub(crate) likely_causes: Vec<String>,
    /// The most urgent first; empty when nothing is wrong.
    pub(crate) recommendations: Vec<String>,
}

impl Advice {
    pub(crate) fn is_empty(&self) -> bool {
        self.likely_causes.is_empty() && self.recommendations.is_empty()
    }

    /// Adds why something is wrong, and what to do about it.
    pub(super) fn add(&mut self, cause: impl Into<String>, step: impl Into<String>) {
        self.likely_causes.push(cause.into());
        self.recommendations.push(step.into());
    }

    /// Adds a step that no cause of its own calls for.
    pub(super) fn recommend(&mut self, step: impl Into<String>) {
        self.recommendations.push(step.into());
    }
}

/// A count with its noun: `1 partition`, `2 partitions`.
pub(super) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Brokers as the subject of a sentence: `broker 1`, `brokers 1, 2`.
pub(super) fn brokers(ids: &[i32]) -> String {
    let plural = if ids.len() == 1 { "" } else { "s" };
    let shown: Vec<_> = ids
        .iter()
        .take(MOST_BROKERS)
        .map(ToString::to_string)
        .collect();
    let more = match ids.len().saturating_sub(MOST_BROKERS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("broker{plural} {}{more}", shown.join(", "))
}

const MOST_BROKERS: usize = 10;
