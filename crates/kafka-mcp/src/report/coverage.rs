//! How much of the truth a report holds.

use kafka_tools::PartialFailure;
use schemars::JsonSchema;
use serde::Serialize;

use crate::failure::PartialError;

/// How much of the truth a report holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Coverage {
    /// Whether everything could be measured.
    pub(crate) complete: bool,
    /// How many parts could not be measured.
    pub(crate) not_measured: usize,
    /// The first of them, and why.
    pub(crate) partial_errors: Vec<PartialError>,
    /// Whether rows were left out for size.
    pub(crate) truncated: bool,
    pub(crate) omitted: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

impl Coverage {
    pub(super) fn full() -> Self {
        Self::except(Vec::new())
    }

    /// Everything was measured, except for `failures`.
    pub(super) fn except(failures: Vec<PartialFailure>) -> Self {
        Self {
            complete: failures.is_empty(),
            not_measured: failures.len(),
            partial_errors: PartialError::first(failures.into_iter().map(PartialError::from)),
            truncated: false,
            omitted: 0,
            hint: None,
        }
    }

    /// Says that `rows` were left out, and how to see them.
    pub(super) fn omit(&mut self, rows: usize, hint: &str) {
        if rows > 0 {
            self.truncated = true;
            self.omitted += rows;
            self.hint = Some(hint.to_owned());
        }
    }
}
