//! The lag from which on a partition is worth a line.

use std::fmt;

use serde_json::json;

use crate::failure::Failure;

/// The lag above which a partition is listed. Default: 1,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Threshold(i64);

impl Threshold {
    /// Every partition that is behind at all.
    pub(crate) const ANY: Self = Self(0);

    /// What the health check warns about.
    pub(super) const HEALTH_CHECK: Self = Self(10_000);

    pub(crate) fn new(lag: i64) -> Result<Self, Failure> {
        if lag < 0 {
            return Err(Failure::invalid("threshold", &json!(lag), ALLOWED));
        }
        Ok(Self(lag))
    }

    /// Parses what a URI or a prompt argument says. A form sends an empty text for a field that
    /// was left alone: that is the default.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match text.trim() {
            "" => Ok(Self::default()),
            digits => digits
                .parse()
                .map_err(|_| Failure::invalid("threshold", &json!(text), ALLOWED))
                .and_then(Self::new),
        }
    }

    pub(crate) fn get(self) -> i64 {
        self.0
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self(1_000)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const ALLOWED: &str = "a whole number of records from 0 to 9223372036854775807, such as 1000";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    #[test]
    fn whole_numbers_from_0_are_taken_and_nothing_means_the_default() {
        for (text, lag) in [("0", 0), ("250", 250), (" 5 ", 5), ("", 1_000)] {
            assert_eq!(Threshold::parse(text).unwrap().get(), lag, "{text:?}");
        }
    }

    #[test]
    fn anything_else_is_an_invalid_argument() {
        for text in ["-1", "1e3", "1,000", "ten", "9223372036854775808", "0x10"] {
            let failure = Threshold::parse(text).unwrap_err();
            assert_eq!(failure.code(), Code::InvalidArgument, "{text:?}");
        }
    }
}
