//! The measurements, and what they need.

mod binary;
mod broker;
mod chart;
mod consume;
mod effort;
mod load;
mod logins;
mod measure;
mod memory;
mod message;
mod peer;
mod process;
mod produce;
mod rate;
mod report;
mod server;
mod size;
mod start;
mod tokens;
mod topics;

#[path = "../../../crates/mcp-oauth-token/testdata/signing_key.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "it is written for tests, which use all of it"
)]
mod signing_key;

use std::process::ExitCode;

use anyhow::{Context, Result};
use tokio::runtime::Builder;

use self::binary::Binary;
use self::broker::Broker;
use self::effort::Effort;
use self::report::Report;
use super::Bench;
use crate::environment;
use crate::machine::Machine;

/// Measures everything, writes the report, and says whether every target that gates was met.
///
/// # Errors
///
/// Fails if something cannot be measured.
pub(super) fn run(bench: &Bench) -> Result<ExitCode> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("starting the runtime")?;
    if bench.peer {
        runtime.block_on(peer::serve())?;
        return Ok(ExitCode::SUCCESS);
    }
    let effort = Effort::of(bench);
    let binary = Binary::build()?;
    process::allow_many_connections();
    let report = runtime.block_on(measure(&binary, &effort))?;

    let files = report.write(&binary.directory().join("bench"))?;
    print!("{}", report.table());
    println!("\nwritten: {files}");
    let missed = report.missed_gates();
    if missed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("missed: {}", missed.join(", "));
    Ok(if bench.smoke {
        println!("this was a smoke run, so it does not count");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn measure(binary: &Binary, effort: &Effort) -> Result<Report> {
    let mut report = Report::new(Machine::describe(), effort);
    report.add("Size", size::measure(binary).await?);
    report.add("Start", start::measure(binary, effort).await?);
    if process::visible() {
        report.add("Memory", memory::measure(binary, effort).await?);
    } else {
        report.skip(
            "Memory",
            "it is read from /proc, which this system does not have",
        );
    }
    report.add("HTTP, keep-alive", rate::measure(binary, effort).await?);
    report.add("Tokens", tokens::measure(effort).await?);
    report.add("Logins", logins::measure(effort).await?);
    match environment::variable(BROKERS) {
        Some(brokers) => {
            let broker = Broker::connect(&brokers).await?;
            report.add("Consume", consume::measure(&broker, effort).await?);
            report.add("Produce", produce::measure(&broker, effort).await?);
            report.add("List topics", topics::measure(&broker, effort).await?);
        }
        None => report.skip(
            "Consume, produce and list topics",
            "KAFKA_TEST_BROKERS names no broker; `cargo xtask kafka up` starts one",
        ),
    }
    Ok(report)
}

const BROKERS: &str = "KAFKA_TEST_BROKERS";
