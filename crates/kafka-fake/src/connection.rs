//! Connections: requests in, answers out, one at a time and in order.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};

use crate::{
    ErrorCode,
    answer::{Call, Outcome, answer},
    fault::{Fault, Happening},
    frame,
    request::Request,
    sasl::Sasl,
    shared::{Shared, lock},
    stream::Stream,
};

/// A client's connection to a node.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    host: IpAddr,
    sasl: Mutex<Sasl>,
    node: i32,
    shared: Arc<Shared>,
    reachable: watch::Receiver<bool>,
}

impl Connection {
    /// Begins with a handshake where the cluster wants one.
    pub(crate) async fn open(
        stream: TcpStream,
        node: i32,
        shared: Arc<Shared>,
        reachable: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let host = stream.peer_addr()?.ip();
        Ok(Self {
            stream: timeout(shared.max_idle, shared.security.accept(stream)).await??,
            host,
            sasl: Mutex::new(Sasl::new(&shared.users)),
            node,
            shared,
            reachable,
        })
    }

    /// Answers requests until the client goes, or is sent away. Like a Kafka broker it does not
    /// look at the next request before the one at hand is answered.
    pub(crate) async fn serve(mut self) -> io::Result<()> {
        let max_bytes = self.shared.max_request_bytes;
        let max_idle = self.shared.max_idle;
        while let Some(frame) =
            timeout(max_idle, frame::read(&mut self.stream, max_bytes)).await??
        {
            let request = Request::parse(frame)
                .ok_or_else(|| frame::invalid("a request that is not answered"))?;
            self.reached().await?;
            let admission = lock(&self.sasl).admit(request.api);
            if let Err(refusal) = admission {
                if refusal.is_some() {
                    let outcome = self.run(request, refusal, Duration::ZERO).await?;
                    self.send(outcome).await?;
                }
                break;
            }
            if !self.handle(request).await? {
                break;
            }
            if lock(&self.sasl).is_over() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Waits until the node can be reached.
    async fn reached(&mut self) -> io::Result<()> {
        let reached = self.reachable.wait_for(|reachable| *reachable).await;
        // A node that is gone ends its connections.
        reached.map_err(io::Error::other)?;
        Ok(())
    }

    /// Answers a request, unless a fault happens to it; whether the connection goes on.
    async fn handle(&mut self, request: Request) -> io::Result<bool> {
        self.shared.count(request.api);
        let happening = self.shared.faults().happen(self.node, request.api);
        let Some(Happening { fault, after_doing }) = happening else {
            let outcome = self.run(request, None, Duration::ZERO).await?;
            return self.send(outcome).await;
        };
        tracing::debug!(node = self.node, api = ?request.api, ?fault, "a fault happens");
        let outcome = self.run_with(&fault, after_doing, request).await?;
        self.send_with(fault, outcome).await
    }

    /// Does what is asked for as far as the fault allows it.
    async fn run_with(
        &self,
        fault: &Fault,
        after_doing: bool,
        request: Request,
    ) -> io::Result<Outcome<Bytes>> {
        match fault {
            Fault::Delay(time) if after_doing => {
                let outcome = self.run(request, None, Duration::ZERO).await;
                sleep(*time).await;
                outcome
            }
            Fault::Delay(time) => {
                sleep(*time).await;
                self.run(request, None, Duration::ZERO).await
            }
            Fault::Disconnect | Fault::Garbage(_) | Fault::Silence if !after_doing => {
                Ok(Outcome::Nothing)
            }
            Fault::Error(code) => {
                if after_doing {
                    self.run(request.clone(), None, Duration::ZERO).await?;
                }
                self.run(request, Some(*code), Duration::ZERO).await
            }
            Fault::Throttle(time) => self.run(request, None, *time).await,
            _ => self.run(request, None, Duration::ZERO).await,
        }
    }

    /// Sends what the fault makes of an answer; whether the connection goes on.
    async fn send_with(&mut self, fault: Fault, outcome: Outcome<Bytes>) -> io::Result<bool> {
        match (fault, outcome) {
            (_, Outcome::Close) | (Fault::Disconnect, _) => Ok(false),
            (Fault::Garbage(bytes), _) => self.send(Outcome::Reply(bytes)).await,
            (Fault::Silence, _) => self.silence().await,
            (Fault::Throttle(time), outcome) => {
                self.send(outcome).await?;
                sleep(time).await;
                Ok(true)
            }
            (_, Outcome::Nothing) => Ok(true),
            (Fault::Cut(bytes), Outcome::Reply(frame)) => {
                self.send(Outcome::Reply(start(&frame, bytes))).await?;
                Ok(false)
            }
            (Fault::HugeLength, Outcome::Reply(frame)) => {
                let frame = spoil(&frame, LENGTH, |_| i32::MAX);
                self.send(Outcome::Reply(frame)).await
            }
            (Fault::Stall(bytes), Outcome::Reply(frame)) => {
                self.send(Outcome::Reply(start(&frame, bytes))).await?;
                self.silence().await
            }
            (Fault::Trickle { bytes, every }, Outcome::Reply(frame)) => {
                for piece in frame.chunks(bytes.max(1)) {
                    sleep(every).await;
                    self.send(Outcome::Reply(frame.slice_ref(piece))).await?;
                }
                Ok(true)
            }
            (Fault::WrongCorrelationId, Outcome::Reply(frame)) => {
                let frame = spoil(&frame, CORRELATION_ID, |id| id.wrapping_add(1_000_000));
                self.send(Outcome::Reply(frame)).await
            }
            (Fault::Delay(_) | Fault::Error(_) | Fault::PartitionError { .. }, outcome) => {
                self.send(outcome).await
            }
        }
    }

    /// Sends an answer, if there is one; whether the connection goes on.
    async fn send(&mut self, outcome: Outcome<Bytes>) -> io::Result<bool> {
        self.reached().await?;
        match outcome {
            Outcome::Close => return Ok(false),
            Outcome::Nothing => {}
            Outcome::Reply(bytes) => {
                timeout(self.shared.max_idle, self.stream.write_all(&bytes)).await??;
            }
        }
        Ok(true)
    }

    /// Says nothing until the client gives up.
    async fn silence(&mut self) -> io::Result<bool> {
        tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await?;
        Ok(false)
    }

    async fn run(
        &self,
        request: Request,
        refusal: Option<ErrorCode>,
        throttle: Duration,
    ) -> io::Result<Outcome<Bytes>> {
        let client_id = request.client_id.clone();
        let principal = lock(&self.sasl).principal();
        let call = Call {
            shared: &self.shared,
            node: self.node,
            api: request.api,
            version: request.version,
            throttle,
            client_id: &client_id,
            host: self.host,
            principal: &principal,
            sasl: &self.sasl,
        };
        let outcome = answer(request, &call, refusal).await;
        outcome.map_err(|error| frame::invalid(error.to_string()))
    }
}

/// The first bytes of a frame.
fn start(frame: &Bytes, bytes: usize) -> Bytes {
    frame.slice(..bytes.min(frame.len()))
}

/// Changes a number of four bytes in a frame.
fn spoil(frame: &Bytes, at: usize, change: impl FnOnce(i32) -> i32) -> Bytes {
    let mut spoilt = frame.to_vec();
    if let Some(place) = spoilt.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = change(i32::from_be_bytes(*place)).to_be_bytes();
    }
    spoilt.into()
}

/// Where a frame has its length, and an answer the number of its request.
const LENGTH: usize = 0;
const CORRELATION_ID: usize = 4;
