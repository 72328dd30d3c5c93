//! The load client: connections that are kept alive, each with one request at a time.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::message::Message;
use super::server::Server;

/// A connection that is kept alive.
#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Moves the bytes, until this value is dropped.
    _driver: JoinSet<hyper::Result<()>>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    ///
    /// Fails if that takes too long.
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await;
        let stream = stream
            .context("connecting takes too long")?
            .context("connecting")?;
        stream.set_nodelay(true).context("setting TCP_NODELAY")?;
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .context("connecting")?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        Ok(Self {
            sender,
            _driver: driver,
        })
    }

    /// Sends a request and returns the body of the answer.
    ///
    /// # Errors
    ///
    /// Fails if the answer takes too long or is not 200.
    pub(super) async fn fetch(&mut self, request: &Request<Full<Bytes>>) -> Result<Bytes> {
        let mut body = BytesMut::new();
        let answer = self.exchange(request, |data| body.extend_from_slice(data));
        timeout(PATIENCE, answer)
            .await
            .context("no answer in time")??;
        Ok(body.freeze())
    }

    /// Sends a request and reads the answer, part by part.
    async fn exchange(
        &mut self,
        request: &Request<Full<Bytes>>,
        mut part: impl FnMut(&[u8]),
    ) -> Result<()> {
        self.sender
            .ready()
            .await
            .context("the connection is closed")?;
        let response = self
            .sender
            .send_request(request.clone())
            .await
            .context("sending")?;
        let status = response.status();
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            if let Some(data) = frame.context("reading an answer")?.data_ref() {
                part(data);
            }
        }
        ensure!(status == StatusCode::OK, "the server answered {status}");
        Ok(())
    }
}

/// What came back under load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Yield {
    /// Answers in a second.
    pub(super) rate: f64,
    /// The server's processor time per answer in microseconds, where the system counts it.
    pub(super) processor: Option<f64>,
}

/// Calls a server on several connections for a time. Every answer has to be of this length.
///
/// # Errors
///
/// Fails with the first call that fails.
pub(super) async fn load(
    server: &Server,
    message: &Message,
    length: usize,
    duration: Duration,
) -> Result<Yield> {
    let request = message.request(server)?;
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(server.address()).await?);
    }
    let spent = server.process().processor_time();
    let started = Instant::now();
    let until = started + duration;
    let mut callers = JoinSet::new();
    for connection in connections {
        callers.spawn(call_until(connection, request.clone(), until, length));
    }
    let answered = timeout(duration + PATIENCE, callers.join_all()).await;
    let answered = answered.context("calls do not end")?;
    let elapsed = started.elapsed();
    let count: u32 = answered.into_iter().sum::<Result<u32>>()?;
    ensure!(count > 0, "no call ended in {duration:?}");
    let spent = server.process().processor_time().zip(spent);
    Ok(Yield {
        rate: f64::from(count) / elapsed.as_secs_f64(),
        processor: spent.map(|(after, before)| {
            after.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(count)
        }),
    })
}

async fn call_until(
    mut connection: Connection,
    request: Request<Full<Bytes>>,
    until: Instant,
    length: usize,
) -> Result<u32> {
    let mut count = 0;
    while Instant::now() < until {
        let mut received = 0;
        connection
            .exchange(&request, |data| received += data.len())
            .await?;
        ensure!(
            received == length,
            "an answer of {received} bytes, not {length}"
        );
        count += 1;
    }
    Ok(count)
}

/// Enough to keep every core of a small machine busy.
const CONNECTIONS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(10);
