//! The server's executable.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

use crate::environment;

/// The server's executable: the one that `KAFKA_MCP_SERVER_BIN` names, or one that is built from
/// this workspace, since Cargo does not build a program for the tests of another package.
///
/// # Panics
///
/// If it cannot be built.
pub(crate) fn server_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        environment::variable("KAFKA_MCP_SERVER_BIN").map_or_else(build, PathBuf::from)
    })
}

/// Builds what `cargo test --workspace` builds, so that within it nothing is left to do: with other
/// packages selected, dependencies get other features and are built again. Cargo itself sees to it
/// that only one process builds at a time.
fn build() -> PathBuf {
    let cargo = environment::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command
        .args(["test", "--workspace", "--no-run", "--quiet"])
        .args(["--message-format", "json-render-diagnostics"])
        .args(is_release().then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit());
    // Build scripts of dependencies ask for these, and would run again if they changed.
    for (name, _) in environment::variables() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let built = command.output().expect("cargo runs");
    assert!(built.status.success(), "the server does not compile");
    String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == NAME && message["profile"]["test"] == false)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the executable")
}

/// Whether this test program is a release build, which its directory is named after.
fn is_release() -> bool {
    let program = std::env::current_exe().expect("a path");
    let directory = program.ancestors().nth(2).and_then(Path::file_name);
    directory.is_some_and(|name| name == "release")
}

const NAME: &str = "kafka-mcp-server";
