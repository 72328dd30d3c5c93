//! Answers that are not whole.

use std::fmt;

use kafka_tools::{Error, PartialFailure};
use schemars::JsonSchema;
use serde::Serialize;

use super::Failure;
use crate::{page::json_len, text};

/// Whether an answer is whole, and what is missing from it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PartialErrors {
    complete: bool,
    partial_errors: Vec<PartialError>,
}

impl PartialErrors {
    pub(crate) fn one(subject: &str, error: Error) -> Self {
        let partial_errors = vec![PartialError::new(subject, error)];
        Self {
            complete: false,
            partial_errors,
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }
}

impl Default for PartialErrors {
    fn default() -> Self {
        Self {
            complete: true,
            partial_errors: Vec::new(),
        }
    }
}

impl From<Vec<PartialFailure>> for PartialErrors {
    fn from(failures: Vec<PartialFailure>) -> Self {
        failures.into_iter().map(PartialError::from).collect()
    }
}

impl FromIterator<PartialError> for PartialErrors {
    fn from_iter<I: IntoIterator<Item = PartialError>>(errors: I) -> Self {
        let partial_errors = PartialError::first(errors);
        Self {
            complete: partial_errors.is_empty(),
            partial_errors,
        }
    }
}

/// One part of an answer that is missing from it, and why.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = without_properties)]
pub(crate) struct PartialError {
    /// What could not be answered, such as `broker 3` or `orders-7`.
    subject: String,
    code: &'static str,
    kafka_error: Option<&'static str>,
    message: String,
}

/// It stands in many results and explains itself: its schema is not worth a model's context.
fn without_properties(schema: &mut schemars::Schema) {
    schema.remove("properties");
}

impl fmt::Display for PartialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.message)
    }
}

impl PartialError {
    /// The first of many, as far as they leave room for what did not fail.
    pub(crate) fn first(errors: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut bytes = 0;
        let fits = |(place, error): &(usize, Self)| {
            bytes += json_len(error);
            *place == 0 || bytes <= ERROR_BYTES
        };
        let errors = errors.into_iter().take(MOST_ERRORS).enumerate();
        errors.take_while(fits).map(|(_, error)| error).collect()
    }

    pub(crate) fn new(subject: &str, error: Error) -> Self {
        let failure = Failure::from(error);
        Self {
            subject: text::name(subject),
            code: failure.code().as_str(),
            kafka_error: failure.kafka_error(),
            message: failure.message().to_owned(),
        }
    }
}

impl From<PartialFailure> for PartialError {
    fn from(failure: PartialFailure) -> Self {
        Self::new(&failure.subject, failure.error)
    }
}

/// When a broker is gone, everything it led fails for the same reason.
const MOST_ERRORS: usize = 20;
/// Fewer of them, where they are long.
const ERROR_BYTES: usize = 1_500;
