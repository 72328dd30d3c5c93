//! Honest partial answers.

use crate::Error;

/// A failure of one part of a call whose other parts succeeded.
#[derive(Debug)]
#[non_exhaustive]
pub struct PartialFailure {
    /// What could not be answered, in Kafka's words: `broker 3`, `group billing`, `orders-7`.
    pub subject: String,
    /// Why.
    pub error: Error,
}

impl PartialFailure {
    pub(crate) fn new(subject: impl Into<String>, error: Error) -> Self {
        Self {
            subject: subject.into(),
            error,
        }
    }
}
