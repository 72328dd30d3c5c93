//! The release binary of the server.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::environment;

/// The release binary of the server.
#[derive(Debug)]
pub(super) struct Binary {
    path: PathBuf,
}

impl Binary {
    /// Builds it as it ships, without the features that this task switches on in shared crates.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be built.
    pub(super) fn build() -> Result<Self> {
        eprintln!("building the server");
        let cargo = environment::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", NAME])
            .status()
            .context("running Cargo")?;
        ensure!(status.success(), "the server could not be built");
        // This program was built by the same Cargo into the same directory.
        let this = std::env::current_exe().context("finding this program")?;
        let path = this.with_file_name(NAME);
        ensure!(path.is_file(), "{} was not built", path.display());
        Ok(Self { path })
    }

    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the build directory.
    pub(super) fn directory(&self) -> &Path {
        self.path.ancestors().nth(2).unwrap_or(Path::new("target"))
    }
}

const NAME: &str = "kafka-mcp-server";
