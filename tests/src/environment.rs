//! The only place where the testkit reads its environment.

use std::{fmt::Display, time::Duration};

/// The value of a variable; an empty one counts as absent.
#[expect(
    clippy::disallowed_methods,
    reason = "what tests may use is told by the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reports that a test does not run here, and why.
///
/// # Panics
///
/// If `KAFKA_TEST_REQUIRED` is `1`: there, a test that does not run is a test that fails.
pub fn skip(reason: &str) {
    require(reason);
    eprintln!("skipped: {reason}");
}

/// Reports that a test runs here on less than elsewhere, and why.
///
/// # Panics
///
/// As [`skip`].
pub(crate) fn narrow(reason: &str) {
    require(reason);
    eprintln!("on kafka-fake only: {reason}");
}

fn require(reason: &str) {
    assert!(
        variable("KAFKA_TEST_REQUIRED").as_deref() != Some("1"),
        "this test must run here, but {reason}"
    );
}

/// All variables that are text.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Whether tests may fill the cluster with thousands of topics.
#[must_use]
pub fn wants_many_topics() -> bool {
    let wanted = variable("KAFKA_TEST_MANY_TOPICS").as_deref() == Some("1");
    if !wanted {
        eprintln!("skipped: KAFKA_TEST_MANY_TOPICS is not 1");
    }
    wanted
}

/// What a test holds a measurement against: what is promised, where nothing else takes processor time
/// from it, as `KAFKA_TEST_QUIET=1` says; otherwise what a busy machine is given beside.
#[must_use]
pub fn bound<T>(promised: T, busy: T) -> T {
    match variable("KAFKA_TEST_QUIET").as_deref() {
        Some("1") => promised,
        _ => busy,
    }
}

/// Reports what a test measured: `cargo xtask verify` collects such lines.
#[expect(clippy::print_stdout, reason = "a report is a result")]
pub fn measured(what: impl Display) {
    println!("measured: {what}");
}

/// For how long a soak lasts, and the seed of its faults: a few seconds, unless told otherwise.
#[must_use]
pub fn soak() -> (Duration, u64) {
    let number = |name| variable(name).map(|text| text.parse().expect("a number"));
    let seconds = number("KAFKA_TEST_SOAK_SECONDS").unwrap_or(6);
    let seed = number("KAFKA_TEST_SOAK_SEED").unwrap_or(1);
    (Duration::from_secs(seconds), seed)
}
