//! A cluster to try a client on. It prints its addresses, and lives until Ctrl-C or SIGTERM.
//!
//! ```text
//! cargo run -p kafka-fake --example cluster -- NODES [TOPIC:PARTITIONS...]
//! ```

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "it tells where the cluster listens"
)]

use std::{error::Error, io};

use kafka_fake::Cluster;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let nodes = arguments.next().map_or(Ok(1), |count| count.parse())?;
    let cluster = Cluster::builder().nodes(nodes).start().await?;
    for topic in arguments {
        let (name, partitions) = topic.split_once(':').unwrap_or((&topic, "1"));
        cluster.create_topic(name, partitions.parse()?)?;
    }
    println!("{}", cluster.bootstrap_servers());
    eprintln!("It is up until Ctrl-C.");
    told_to_end().await?;
    cluster.shutdown().await;
    Ok(())
}

#[cfg(unix)]
async fn told_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told_to_end() -> io::Result<()> {
    ctrl_c().await
}
