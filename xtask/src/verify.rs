//! Shows that what is promised holds: runs the tests of each row, and says row by row what came of
//! them.

mod log;
mod outcome;
mod promises;
mod proof;
mod report;
mod runner;
mod scenarios;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;

use self::outcome::Outcomes;
use self::proof::{Row, Tier};
use self::report::Report;
use crate::environment;
use crate::machine::Machine;

/// What to verify.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// 1 (hermetic), 2 (with Node, Python and Debian's tools), 3 (with a real Kafka), or all.
    #[arg(long = "tier", required = true, value_name = "TIER", value_parser = tiers)]
    tiers: Vec<Tiers>,
    /// Writes `docs/reliability.md` from what came of it.
    #[arg(long)]
    write: bool,
    /// Takes the outcome of tests from what `cargo test` printed before, instead of running them.
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
}

type Tiers = BTreeSet<Tier>;

fn tiers(text: &str) -> Result<Tiers, &'static str> {
    let all = [Tier::Hermetic, Tier::Tools, Tier::Kafka];
    match text {
        "1" => Ok([Tier::Hermetic].into()),
        "2" => Ok([Tier::Tools].into()),
        "3" => Ok([Tier::Kafka].into()),
        "all" => Ok(all.into()),
        _ => Err("a tier is 1, 2, 3 or all"),
    }
}

/// Verifies the rows that have something to show in the tiers that are asked for.
///
/// # Errors
///
/// Fails if the tests cannot be run at all.
pub(crate) fn run(verify: &Verify) -> Result<ExitCode> {
    let tiers: Tiers = verify.tiers.iter().flatten().copied().collect();
    let needs_brokers = tiers.iter().any(|tier| *tier != Tier::Hermetic);
    if needs_brokers && verify.log.is_empty() && environment::variable(CLUSTER).is_none() {
        return with_brokers();
    }
    // Before anything is written.
    let machine = Machine::describe();
    let mut outcomes = Outcomes::default();
    for path in &verify.log {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
        outcomes.merge(log::read(&text?));
    }
    if needs_brokers && verify.log.is_empty() {
        install_foreign_programs()?;
    }
    for tier in &tiers {
        if verify.log.is_empty() {
            outcomes.merge(runner::run_tests(*tier, &rows())?);
        }
        outcomes.merge(runner::run_programs(*tier, &rows())?);
    }
    let report = Report::new(&tiers, &machine, kafka_version(), &outcomes);
    print!("\n{}", report.summary());
    if verify.write {
        let path = root().join("docs/reliability.md");
        fs::write(&path, report.document()).with_context(|| format!("{}", path.display()))?;
        println!("written: {}", path.display());
    }
    Ok(if report.is_green() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the same command again, with a cluster of one broker and one of three.
fn with_brokers() -> Result<ExitCode> {
    let this = std::env::current_exe().context("finding this program")?;
    let script = root().join("tests/run-with-kafka");
    let status = Command::new(&script)
        .arg(this)
        .args(std::env::args_os().skip(1))
        .status()
        .with_context(|| format!("running {}", script.display()))?;
    ensure!(status.code().is_some(), "{} was ended", script.display());
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Installs what other languages bring, without which tests of the tiers above the first fail.
fn install_foreign_programs() -> Result<()> {
    for script in ["tests/writers/prepare", "tests/openid/prepare"] {
        let status = Command::new(root().join(script)).status();
        let status = status.with_context(|| format!("running {script}"))?;
        ensure!(status.success(), "{script} failed");
    }
    Ok(())
}

/// All rows: the promises, and the scenarios.
fn rows() -> Vec<&'static Row> {
    promises::ROWS.iter().chain(scenarios::ROWS).collect()
}

/// The version of the cluster that tests run on; `None` without one.
fn kafka_version() -> Option<String> {
    let text = fs::read_to_string(environment::variable(CLUSTER)?).ok()?;
    let state: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(state.get("version")?.as_str()?.to_owned())
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

const CLUSTER: &str = "KAFKA_TEST_CLUSTER3_STATE";

#[cfg(test)]
mod tests;
