//! A server that is called for a while, with brokers that fail every few seconds.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::environment;

/// For how long, and from which seed.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("duration").required(true)))]
pub(crate) struct Soak {
    /// For this many seconds.
    #[arg(long, group = "duration")]
    seconds: Option<u64>,
    /// For this many minutes.
    #[arg(long, group = "duration")]
    minutes: Option<u64>,
    /// For this many hours.
    #[arg(long, group = "duration")]
    hours: Option<u64>,
    /// What decides which fault comes when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the soak, which is a test, with the workspace's features: so it is built once.
///
/// # Errors
///
/// Fails if Cargo cannot be run.
pub(crate) fn run(soak: &Soak) -> Result<ExitCode> {
    let status = environment::cargo()
        .args(["test", "--quiet", "--workspace", "--test", "it"])
        .args(["--", "--nocapture", "--exact", TEST])
        .env("KAFKA_TEST_SOAK_SECONDS", soak.length().to_string())
        .env("KAFKA_TEST_SOAK_SEED", soak.seed.to_string())
        .status()
        .context("running Cargo")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Soak {
    fn length(&self) -> u64 {
        let hours = self.hours.map(|hours| hours * 3600);
        let minutes = self.minutes.map(|minutes| minutes * 60);
        self.seconds.or(minutes).or(hours).unwrap_or_default()
    }
}

const TEST: &str = "soak::a_server_whose_brokers_fail_every_few_seconds_answers_and_does_not_grow";
