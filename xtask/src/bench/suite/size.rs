//! How large the binary is, and the list of tools that every model reads.

use std::fs;

use anyhow::{Context, Result};

use super::binary::Binary;
use super::load::Connection;
use super::measure::{Bound, Measure, Unit};
use super::message::Message;
use super::server::Server;

/// Measures the stripped binary, and the tokens of `tools/list`.
///
/// # Errors
///
/// Fails if the server does not list its tools.
pub(super) async fn measure(binary: &Binary) -> Result<Vec<Measure>> {
    eprintln!("measuring sizes");
    let bytes = fs::metadata(binary.path())
        .context("finding the binary")?
        .len();

    let server = Server::start(binary, NOBODY).await?;
    let request = Message::LIST_TOOLS.request(&server)?;
    let tools = Connection::open(server.address())
        .await?
        .fetch(&request)
        .await?;
    server.stop().await?;

    Ok(vec![
        Measure::new("binary, stripped", Unit::Megabytes, [bytes as f64 / 1e6])
            .gate(Bound::AtMost(15.0)),
        Measure::new(
            "`tools/list`, bytes / 4",
            Unit::Tokens,
            [tools.len() as f64 / 4.0],
        )
        .gate(Bound::AtMost(5_000.0)),
    ])
}

/// Where no broker listens; nothing here asks for one.
const NOBODY: &str = "127.0.0.1:1";
