//! A real Apache Kafka on this machine, started from the jars of Maven Central.

mod certificates;
mod cluster;
mod jars;
mod java;
mod listener;
mod metadata;
mod node;
mod pins;
mod ports;
mod process;
mod properties;
mod report;
mod state;
mod status;
mod topic;
mod user;
mod version;
mod wire;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use self::cluster::{Up, Wish};
use self::state::ClusterDirectory;
use self::status::Status;
use crate::environment;

/// A task on a test cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts a cluster, or tells where it is if it is up already.
    Up {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        wish: Wish,
        #[command(flatten)]
        format: Format,
    },
    /// Ends a cluster and removes its data; the jars stay in the cache.
    Down {
        #[command(flatten)]
        which: Which,
    },
    /// Tells how a cluster is, and the one that `KAFKA_TEST_BROKERS` names; exits with 0 if
    /// everything is up, else 1.
    Status {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        format: Format,
    },
    /// Prints just the `export` lines: `eval "$(cargo xtask kafka env)"`.
    Env {
        #[command(flatten)]
        which: Which,
    },
    /// Ends one broker at once, as a power cut would; its data stays.
    Kill {
        #[command(flatten)]
        which: Which,
        /// Number of the broker, from 1 on.
        #[arg(long)]
        node: u16,
    },
    /// Ends one broker in an orderly way: others lead what it led before it is gone.
    Stop {
        #[command(flatten)]
        which: Which,
        /// Number of the broker, from 1 on.
        #[arg(long)]
        node: u16,
    },
    /// Freezes one broker: its connections stay open, and nobody answers on them.
    Pause {
        #[command(flatten)]
        which: Which,
        /// Number of the broker, from 1 on.
        #[arg(long)]
        node: u16,
    },
    /// Starts a broker that was ended, or lets one go on that was frozen, and waits until it is back.
    Start {
        #[command(flatten)]
        which: Which,
        /// Number of the broker, from 1 on.
        #[arg(long)]
        node: u16,
        #[command(flatten)]
        format: Format,
    },
}

/// Which cluster is meant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Name of the cluster; several can be up at a time.
    #[arg(long, default_value = "dev")]
    name: String,
}

/// For whom the answer is.
#[derive(Debug, Args)]
pub(crate) struct Format {
    /// Answers with JSON.
    #[arg(long)]
    json: bool,
}

/// Does what the command says.
///
/// # Errors
///
/// Fails with what is wrong and what to do about it.
pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Up {
            which,
            wish,
            format,
        } => {
            let directory = which.directory()?;
            print_up(&directory, &cluster::up(&directory, wish)?, format);
        }
        Command::Down { which } => {
            let outcome = if cluster::down(&which.directory()?)? {
                "is gone"
            } else {
                "was not up"
            };
            println!("cluster {}: {outcome}", which.name);
        }
        Command::Status { which, format } => return print_status(&which.directory()?, format),
        Command::Env { which } => print_exports(&which.directory()?)?,
        Command::Kill { which, node } => {
            cluster::kill(&which.directory()?, *node)?;
            println!("cluster {}: node {node} is down", which.name);
        }
        Command::Stop { which, node } => {
            cluster::stop(&which.directory()?, *node)?;
            println!("cluster {}: node {node} has stopped", which.name);
        }
        Command::Pause { which, node } => {
            cluster::pause(&which.directory()?, *node)?;
            println!("cluster {}: node {node} is frozen", which.name);
        }
        Command::Start {
            which,
            node,
            format,
        } => {
            let directory = which.directory()?;
            print_up(
                &directory,
                &cluster::start(&directory, *node, RESTART_LIMIT)?,
                format,
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Which {
    fn directory(&self) -> Result<ClusterDirectory> {
        ClusterDirectory::new(&self.name)
    }
}

fn print_up(directory: &ClusterDirectory, up: &Up, format: &Format) {
    if format.json {
        println!("{:#}", report::up_json(directory, up));
    } else {
        print!("{}", report::up(directory, up));
    }
}

fn print_status(directory: &ClusterDirectory, format: &Format) -> Result<ExitCode> {
    let status = Status::of(directory)?;
    if format.json {
        println!("{:#}", report::status_json(directory, &status));
    } else {
        print!("{}", report::status(directory, &status));
    }
    let fine = status.external.as_ref().map_or(status.up, |external| {
        external.unreachable.is_empty() && (status.up || status.cluster.is_none())
    });
    Ok(if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A cluster of this tool goes before one that the environment names already.
fn print_exports(directory: &ClusterDirectory) -> Result<()> {
    let exports = match (
        directory.load()?,
        environment::variable("KAFKA_TEST_BROKERS"),
    ) {
        (Some(cluster), _) => report::exports(cluster.brokers(), Some(&directory.state_file())),
        (None, Some(brokers)) => report::exports(&brokers, None),
        (None, None) => bail!(
            "cluster {name} is not up: run `cargo xtask kafka up --name {name}` first",
            name = directory.name()
        ),
    };
    print!("{exports}");
    Ok(())
}

const RESTART_LIMIT: Duration = Duration::from_secs(90);
