//! What one check found.

use std::{borrow::Cow, fmt};

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    mark: Mark,
    about: &'static str,
    found: Cow<'static, str>,
    advice: Option<Cow<'static, str>>,
}

/// How good that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It cannot work like this.
    Bad,
    /// It may be meant.
    Doubtful,
    /// It is as it should be.
    Good,
    /// Neither good nor bad in itself.
    Neutral,
}

impl Finding {
    pub(super) fn good(about: &'static str, found: impl Into<Cow<'static, str>>) -> Self {
        Self {
            mark: Mark::Good,
            about,
            found: found.into(),
            advice: None,
        }
    }

    pub(super) fn note(about: &'static str, found: impl Into<Cow<'static, str>>) -> Self {
        Self {
            mark: Mark::Neutral,
            ..Self::good(about, found)
        }
    }

    pub(super) fn doubtful(
        about: &'static str,
        found: impl Into<Cow<'static, str>>,
        advice: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            mark: Mark::Doubtful,
            advice: Some(advice.into()),
            ..Self::good(about, found)
        }
    }

    pub(super) fn bad(
        about: &'static str,
        found: impl Into<Cow<'static, str>>,
        advice: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            mark: Mark::Bad,
            advice: Some(advice.into()),
            ..Self::good(about, found)
        }
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.mark {
            Mark::Bad => "[fail]",
            Mark::Doubtful => "[warn]",
            Mark::Good => "[ ok ]",
            Mark::Neutral => "[    ]",
        };
        write!(f, "{mark} {}: {}", self.about, self.found)?;
        match &self.advice {
            Some(advice) => write!(f, "\n       -> {advice}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_mark_what_was_found_and_what_to_do() {
        let good = Finding::good("kafka", "answers");
        assert_eq!(good.to_string(), "[ ok ] kafka: answers");
        let bad = Finding::bad("kafka", "is silent", "start it");
        assert_eq!(
            bad.to_string(),
            "[fail] kafka: is silent\n       -> start it"
        );
        let doubtful = Finding::doubtful("clock", "is late", "set it");
        assert_eq!(
            doubtful.to_string(),
            "[warn] clock: is late\n       -> set it"
        );
    }
}
