//! Requests to a broker over plain text, and the fields of its answers.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Sends a request, its length prefix included, and returns the answer without its own.
///
/// # Errors
///
/// Fails if the broker is unreachable, does not answer within `patience`, or does not speak Kafka.
pub(crate) fn exchange(address: &str, request: &[u8], patience: Duration) -> Result<Vec<u8>> {
    let addresses = address
        .to_socket_addrs()
        .with_context(|| format!("resolving {address}"))?;
    let mut last = None;
    for resolved in addresses {
        match TcpStream::connect_timeout(&resolved, patience) {
            Ok(stream) => {
                return ask(stream, request, patience).with_context(|| format!("asking {address}"));
            }
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(error).with_context(|| format!("connecting to {address}")),
        None => bail!("{address} has no address"),
    }
}

fn ask(mut stream: TcpStream, request: &[u8], patience: Duration) -> Result<Vec<u8>> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.write_all(request)?;

    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u64::try_from(i32::from_be_bytes(length)).ok();
    let length = length
        .filter(|length| *length <= LARGEST_ANSWER)
        .context("not a Kafka answer")?;
    let mut answer = Vec::new();
    stream.take(length).read_to_end(&mut answer)?;
    Ok(answer)
}

/// The fields of an answer that have not been read yet.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn int16(&mut self) -> Option<i16> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i16::from_be_bytes(*bytes))
    }

    pub(crate) fn int32(&mut self) -> Option<i32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i32::from_be_bytes(*bytes))
    }

    /// Reads a string; null reads as empty.
    pub(crate) fn string(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.int16()?).unwrap_or(0);
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        str::from_utf8(bytes).ok()
    }
}

const LARGEST_ANSWER: u64 = 1024 * 1024;
