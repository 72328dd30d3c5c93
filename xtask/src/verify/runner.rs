//! Running the tests and the programs of rows, with live progress.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::log;
use super::outcome::{Outcome, Outcomes};
use super::proof::{Row, Target, Tier, What};
use super::root;
use crate::environment;

/// Runs all tests that a tier of the rows names.
///
/// # Errors
///
/// Fails if Cargo cannot be run, or if the tests do not compile.
pub(super) fn run_tests(tier: Tier, rows: &[&Row]) -> Result<Outcomes> {
    let mut outcomes = Outcomes::default();
    for (target, selection) in [
        (Target::It, &["--test", "it"][..]),
        (Target::Unit, &["--lib", "--bins"]),
    ] {
        let names = names(tier, target, rows);
        if !names.is_empty() {
            println!("tier {}: {} kinds of tests", tier.number(), names.len());
            outcomes.merge(cargo_test(tier, selection, &names)?);
        }
    }
    Ok(outcomes)
}

/// Runs all programs that a tier of the rows names.
///
/// # Errors
///
/// Fails if one cannot be started.
pub(super) fn run_programs(tier: Tier, rows: &[&Row]) -> Result<Outcomes> {
    let proofs = rows.iter().flat_map(|row| row.proofs);
    let programs = proofs.filter(|proof| proof.tier == tier);
    let programs = programs.filter_map(|proof| match proof.what {
        What::Program(command) => Some(command),
        What::Test { .. } => None,
    });
    let mut outcomes = Outcomes::default();
    for command in programs.collect::<BTreeSet<_>>() {
        println!("tier {}: {command}", tier.number());
        let (program, arguments) = split(command)?;
        let (text, success) = follow(prepare(tier, Command::new(program)).args(arguments), |_| {
            true
        })?;
        let outcome = if success {
            Outcome::Passed
        } else {
            Outcome::Failed("it did not end with 0".to_owned())
        };
        outcomes.note(command, outcome);
        for what in text
            .lines()
            .filter_map(|line| line.strip_prefix("measured: "))
        {
            outcomes.measured(command, what);
        }
    }
    Ok(outcomes)
}

/// The filters for the tests of a tier.
fn names(tier: Tier, target: Target, rows: &[&Row]) -> BTreeSet<&'static str> {
    let proofs = rows.iter().flat_map(|row| row.proofs);
    let names = proofs.filter_map(|proof| match proof.what {
        What::Test {
            target: of, name, ..
        } if of == target && proof.tier == tier => Some(name.trim_end_matches('*')),
        _ => None,
    });
    names.collect()
}

/// The whole workspace is selected, so that nothing is built again with other features.
fn cargo_test(tier: Tier, selection: &[&str], names: &BTreeSet<&str>) -> Result<Outcomes> {
    let mut command = prepare(tier, environment::cargo());
    command
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(selection)
        .args(["--", "--show-output"])
        .args(names);
    let (text, success) = follow(&mut command, |line| log::verdict(line).is_some())?;
    let ran = text.contains("test result:");
    ensure!(ran || success, "the tests do not compile");
    Ok(log::read(&text))
}

/// A command in the root of the workspace, which sees a Kafka only in the tiers that have one, and
/// is told that nothing else runs: what is measured has to be what is promised.
fn prepare(tier: Tier, mut command: Command) -> Command {
    command.current_dir(root()).stdin(Stdio::null());
    command.env("KAFKA_TEST_QUIET", "1");
    if tier == Tier::Hermetic {
        for name in [
            "BROKERS",
            "CLUSTER3_STATE",
            "OLDER_BROKERS",
            "REQUIRED",
            "STATE",
        ] {
            command.env_remove(format!("KAFKA_TEST_{name}"));
        }
    }
    command
}

/// Runs a command, shows some of its lines as they come, and returns all of them and whether it
/// succeeded.
fn follow(command: &mut Command, shows: impl Fn(&str) -> bool) -> Result<(String, bool)> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {:?}", command.get_program()))?;
    let stdout = child.stdout.take().context("the output of a command")?;
    let mut text = String::new();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("reading the output of a command")?;
        let line = String::from_utf8_lossy(&line);
        if shows(&line) {
            println!("{line}");
        }
        text.push_str(&line);
        text.push('\n');
    }
    let status = child.wait().context("waiting for a command")?;
    Ok((text, status.success()))
}

/// Programs are told without quotes or shell; `cargo xtask` is this program.
fn split(command: &'static str) -> Result<(String, Vec<&'static str>)> {
    let words: Vec<_> = command.split(' ').collect();
    if let ["cargo", "xtask", arguments @ ..] = &*words {
        let this = std::env::current_exe().context("finding this program")?;
        return Ok((this.display().to_string(), arguments.to_vec()));
    }
    let (program, arguments) = words.split_first().context("an empty command")?;
    Ok(((*program).to_owned(), arguments.to_vec()))
}
