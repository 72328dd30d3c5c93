//! How long a key set may be used.

use std::time::Duration;

use http::{
    HeaderMap,
    header::{AGE, CACHE_CONTROL},
};
use tokio::time::Instant;

/// How long a key set may be used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freshness {
    fetched_at: Instant,
    lifetime: Duration,
}

impl Freshness {
    /// The freshness of an answer that came at `fetched_at` (RFC 9111 section 4.2).
    pub(super) fn new(headers: &HeaderMap, fetched_at: Instant) -> Self {
        let lifetime = lifetime(headers).unwrap_or(DEFAULT_LIFETIME);
        Self {
            fetched_at,
            lifetime: lifetime.clamp(MIN_LIFETIME, MAX_LIFETIME),
        }
    }

    pub(super) const fn fetched_at(&self) -> Instant {
        self.fetched_at
    }

    /// When to fetch again, so that the next key set is there before this one is stale.
    pub(super) fn due_at(&self) -> Instant {
        self.fetched_at + self.lifetime * 4 / 5
    }

    pub(super) fn stage(&self, now: Instant) -> Stage {
        let stale_at = self.fetched_at + self.lifetime;
        if now < self.due_at() {
            Stage::Fresh
        } else if now < stale_at {
            Stage::Due
        } else if now < stale_at + STALE_IF_ERROR {
            Stage::Stale
        } else {
            Stage::Expired
        }
    }
}

/// What age does to a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It is used as it is.
    Fresh,
    /// It is used, and fetched again.
    Due,
    /// It is used only as long as it cannot be fetched again.
    Stale,
    /// It is not used any more.
    Expired,
}

fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(CACHE_CONTROL).iter();
    let directives = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    let mut max_age = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let name = name.trim().to_ascii_lowercase();
        match &*name {
            "no-cache" | "no-store" => return Some(Duration::ZERO),
            "max-age" if max_age.is_none() => max_age = seconds(value.trim().trim_matches('"')),
            _ => {}
        }
    }
    // A cache on the way has kept the answer for this long already.
    let age = headers.get(AGE).and_then(|age| seconds(age.to_str().ok()?));
    Some(max_age?.saturating_sub(age.unwrap_or_default()))
}

/// RFC 9111 section 1.2.2: a number that is too large is a very long time.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

const DEFAULT_LIFETIME: Duration = Duration::from_hours(1);
const MIN_LIFETIME: Duration = Duration::from_mins(5);
const MAX_LIFETIME: Duration = Duration::from_hours(24);
const STALE_IF_ERROR: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(http::HeaderName, &str)], expected: Duration) {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect();
        let freshness = Freshness::new(&headers, Instant::now());
        assert_eq!(freshness.lifetime, expected, "{headers:?}");
    }

    #[test]
    fn the_provider_says_how_long_within_five_minutes_and_a_day() {
        let minutes = Duration::from_mins;
        check(&[], minutes(60));
        check(&[(CACHE_CONTROL, "public")], minutes(60));
        check(&[(CACHE_CONTROL, "max-age=1200")], minutes(20));
        check(
            &[(CACHE_CONTROL, "public, Max-Age = \"1200\"")],
            minutes(20),
        );
        check(&[(CACHE_CONTROL, "max-age=0")], minutes(5));
        check(&[(CACHE_CONTROL, "max-age=1200, no-store")], minutes(5));
        check(&[(CACHE_CONTROL, "no-cache")], minutes(5));
        check(&[(CACHE_CONTROL, "max-age=31536000")], minutes(24 * 60));
    }

    #[test]
    fn nonsense_is_not_a_lifetime_and_too_much_is_the_most() {
        let minutes = Duration::from_mins;
        for nonsense in [
            "max-age",
            "max-age=",
            "max-age=-1",
            "max-age=1e9",
            "s-maxage=1",
        ] {
            check(&[(CACHE_CONTROL, nonsense)], minutes(60));
        }
        let much = "max-age=99999999999999999999999999";
        check(&[(CACHE_CONTROL, much)], minutes(24 * 60));
    }

    // RFC 9111 section 4.2.3.
    #[test]
    fn the_time_in_caches_on_the_way_counts() {
        let max_age = (CACHE_CONTROL, "max-age=3600");
        check(&[max_age.clone(), (AGE, "1800")], Duration::from_mins(30));
        check(&[max_age.clone(), (AGE, "99999")], Duration::from_mins(5));
        check(&[max_age, (AGE, "old")], Duration::from_hours(1));
    }
}
