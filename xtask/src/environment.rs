//! The environment variables that tasks read.

/// Returns the value of a variable; an empty one counts as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "tasks have no configuration file: the environment is read here and nowhere else"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
