//! The only place where the testkit reads its environment.

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
pub(crate) fn skip(reason: &str) {
    assert!(
        variable("KAFKA_TEST_REQUIRED").as_deref() != Some("1"),
        "this test must run here, but {reason}"
    );
    eprintln!("skipped: {reason}");
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
