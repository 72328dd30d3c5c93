//! How much memory the server holds.

use std::time::Duration;

use anyhow::{Context, Result};
use krafka::testing::FakeBroker;
use tokio::time::sleep;

use super::binary::Binary;
use super::effort::Effort;
use super::load::{Connection, load};
use super::measure::{Bound, Measure, Unit};
use super::message::Message;
use super::server::Server;

/// Measures the resident memory of one process per round: idle, after load, with idle connections.
///
/// # Errors
///
/// Fails if the server fails a call.
pub(super) async fn measure(binary: &Binary, effort: &Effort) -> Result<Vec<Measure>> {
    eprintln!("measuring memory");
    let broker = FakeBroker::start().await.context("starting a broker")?;
    let brokers = broker.bootstrap_servers();
    let (mut idle, mut called, mut connected) = (Vec::new(), Vec::new(), Vec::new());
    let (mut loaded, mut loaded_again) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let server = Server::start(binary, &brokers).await?;
        idle.push(settled(&server).await?);

        // Most of what the first calls add is the program's own code, which the system loads then.
        for message in [Message::LIST_BROKERS, Message::LIST_TOOLS] {
            call_once(&server, &message).await?;
        }
        called.push(settled(&server).await?);

        put_load(&server, effort).await?;
        loaded.push(settled(&server).await?);
        put_load(&server, effort).await?;
        loaded_again.push(settled(&server).await?);

        let _connections = open_connections(&server, effort.idle_connections).await?;
        connected.push(settled(&server).await?);
        server.stop().await?;
    }
    let idle = Measure::new("idle", Unit::Megabytes, idle);
    let called = Measure::new("after first calls", Unit::Megabytes, called);
    let loaded = Measure::new("after load", Unit::Megabytes, loaded);
    let loaded_again = Measure::new("after more load", Unit::Megabytes, loaded_again);
    let connections = format!("with {} connections", effort.idle_connections);
    Ok(vec![
        Measure::quotient(
            "after more load / after load",
            Unit::Times,
            &loaded_again,
            &loaded,
        )
        .gate(Bound::AtMost(1.2)),
        Measure::quotient(
            "after load / after first calls",
            Unit::Times,
            &loaded,
            &called,
        )
        .aim(Bound::AtMost(1.2)),
        idle.gate(Bound::AtMost(12.0)),
        called,
        loaded,
        loaded_again,
        Measure::new(connections, Unit::Megabytes, connected).gate(Bound::AtMost(40.0)),
    ])
}

async fn put_load(server: &Server, effort: &Effort) -> Result<()> {
    for message in [Message::LIST_BROKERS, Message::LIST_TOOLS] {
        let length = call_once(server, &message).await?;
        load(server, &message, length, effort.load).await?;
    }
    Ok(())
}

/// Opens connections that have made a call each.
async fn open_connections(server: &Server, count: usize) -> Result<Vec<Connection>> {
    let request = Message::LIST_BROKERS.request(server)?;
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = Connection::open(server.address()).await?;
        connection.fetch(&request).await?;
        connections.push(connection);
    }
    Ok(connections)
}

async fn call_once(server: &Server, message: &Message) -> Result<usize> {
    let request = message.request(server)?;
    let answer = Connection::open(server.address())
        .await?
        .fetch(&request)
        .await?;
    Ok(answer.len())
}

/// The resident memory once the server has had time to close what was closed.
async fn settled(server: &Server) -> Result<f64> {
    sleep(Duration::from_millis(300)).await;
    server.process().resident()
}
