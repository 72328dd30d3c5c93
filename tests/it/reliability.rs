//! Kafka clusters, networks and clients that misbehave, one kind of misbehaviour per file.
//! Hermetic.

mod cancelling;
mod certificates;
mod half_open;
mod killed;
#[cfg(unix)]
mod limits;
mod moves;
mod nonsense;
mod odd_records;
mod pipes;
mod refusals;
mod restarts;
mod slow;
mod startup;
#[cfg(unix)]
mod stopping;
mod strangers;
mod volume;

use testkit::{FakeCluster, McpClient, Transport};

/// The server over HTTP, with a client.
async fn server_of(kafka: &FakeCluster, more: &[(&str, &str)]) -> McpClient {
    let settings = [&[("KAFKA_BROKERS", kafka.brokers())], more].concat();
    McpClient::connect(Transport::Http, &settings).await
}
