//! The release binary of the server.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::environment;

/// The release binary of the server.
#[derive(Debug)]
pub(super) struct Binary {
    directory: PathBuf,
    path: PathBuf,
}

impl Binary {
    /// Builds it as the image holds it, without its demo and without the features that this task
    /// switches on in shared crates.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be built.
    pub(super) fn build() -> Result<Self> {
        eprintln!("building the server");
        let cargo = environment::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", NAME])
            .arg("--no-default-features")
            .status()
            .context("running Cargo")?;
        ensure!(status.success(), "the server could not be built");
        // This program lies in the same build directory, in that of its own profile.
        let this = std::env::current_exe().context("finding this program")?;
        let directory = this
            .ancestors()
            .nth(2)
            .context("finding the build directory")?;
        let directory = directory.to_owned();
        let path = directory.join("release").join(NAME);
        ensure!(path.is_file(), "{} was not built", path.display());
        Ok(Self { directory, path })
    }

    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the build directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

const NAME: &str = "kafka-mcp-server";
