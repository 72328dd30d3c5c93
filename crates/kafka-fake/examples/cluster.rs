//! A cluster to try a client on. It prints its addresses, and ends with its standard input.
//!
//! ```text
//! cargo run -p kafka-fake --example cluster -- NODES [TOPIC:PARTITIONS...]
//! ```

#![expect(clippy::print_stdout, reason = "it tells where the cluster listens")]

use std::{error::Error, io};

use kafka_fake::Cluster;

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
    let wait = || io::copy(&mut io::stdin(), &mut io::sink());
    tokio::task::spawn_blocking(wait).await??;
    cluster.shutdown().await;
    Ok(())
}
