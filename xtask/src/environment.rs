//! The environment variables that tasks read, and those that they keep to themselves.

use std::process::Command;

/// Returns the value of a variable; an empty one counts as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "tasks have no configuration file: the environment is read here and nowhere else"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The Cargo that runs this task, as it is run by hand. What it says about this package is taken
/// out: build scripts of dependencies ask for that, and everything would be built again.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    for (name, _) in std::env::vars_os() {
        let own = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if own
            .iter()
            .any(|own| name.to_string_lossy().starts_with(own))
        {
            command.env_remove(name);
        }
    }
    command
}
