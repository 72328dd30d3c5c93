//! Wall-clock time, which expiry is measured against.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

/// Tells the time. Injected, so that tests can set it.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> UnixTime;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else is given"
    )]
    fn now(&self) -> UnixTime {
        // A clock before 1970 is broken; the epoch refuses every token as not yet valid.
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        UnixTime(since_epoch.unwrap_or_default())
    }
}

/// A point in time, as the time since 1970-01-01T00:00:00Z: a NumericDate of RFC 7519.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(Duration);

impl UnixTime {
    /// A time in whole seconds since 1970.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// A NumericDate: seconds since 1970, perhaps with a fraction. `None` if it is negative, not
    /// finite, or later than time can be told.
    #[must_use]
    pub fn from_numeric_date(seconds: f64) -> Option<Self> {
        Duration::try_from_secs_f64(seconds).ok().map(Self)
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.as_secs()
    }

    /// The time `duration` later, or the last that can be told.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// How long after `earlier` this is; zero if it is before.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_dates_are_finite_and_not_before_1970() {
        let half = UnixTime::from_numeric_date(1.5).unwrap();
        assert_eq!(
            half.saturating_since(UnixTime::from_secs(1)).as_millis(),
            500
        );
        for bad in [-1.0, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(UnixTime::from_numeric_date(bad), None, "{bad}");
        }
    }
}
