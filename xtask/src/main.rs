//! Development tasks, run as `cargo xtask <task>`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool answers on stdout and reports progress on stderr"
)]

mod bench;
mod deadline;
mod environment;
mod kafka;
mod machine;
mod soak;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Measures speed and size against peers in the same run, and checks the targets.
    Bench(bench::Bench),
    /// Runs a real Apache Kafka on this machine.
    #[command(subcommand)]
    Kafka(kafka::Command),
    /// Calls a server for a while whose brokers fail every few seconds.
    Soak(soak::Soak),
    /// Shows that what is promised holds, row by row.
    Verify(verify::Verify),
}

fn main() -> ExitCode {
    let outcome = match Xtask::parse().task {
        Task::Bench(bench) => bench::run(&bench),
        Task::Kafka(command) => kafka::run(&command),
        Task::Soak(soak) => soak::run(&soak),
        Task::Verify(verify) => verify::run(&verify),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
