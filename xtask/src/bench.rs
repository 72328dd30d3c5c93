//! Speed and size of the release binary, measured against peers in the same run.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, value_parser};

#[cfg(feature = "bench")]
mod suite;

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Measures once and briefly, to show that everything works; missed targets do not count.
    #[arg(long)]
    smoke: bool,
    /// How often each measurement takes turns with its peer.
    #[arg(long, default_value_t = 7, value_parser = value_parser!(u16).range(5..=100))]
    rounds: u16,
    /// Answers every HTTP request with what standard input holds: the peer of the HTTP rates.
    #[arg(long, hide = true)]
    peer: bool,
}

/// Measures, and says whether every target that gates was met.
///
/// # Errors
///
/// Fails if something cannot be measured.
#[cfg(feature = "bench")]
pub(crate) fn run(bench: &Bench) -> Result<ExitCode> {
    suite::run(bench)
}

/// Runs the same command again with the measurements compiled in, so that other tasks stay quick
/// to build. They are optimised where they count: the load client and the peers are part of what
/// is compared.
///
/// # Errors
///
/// Fails if Cargo cannot be run.
#[cfg(not(feature = "bench"))]
pub(crate) fn run(bench: &Bench) -> Result<ExitCode> {
    use std::process::Command;

    use anyhow::Context as _;

    let cargo = crate::environment::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let profile = if bench.smoke { "dev" } else { "release" };
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--profile", profile])
        .args(["--package", "xtask", "--features", "bench", "--"])
        .args(std::env::args_os().skip(1))
        .status()
        .context("running Cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
