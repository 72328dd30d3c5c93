//! Connections: requests in, answers out, one at a time and in order.

use std::{io, sync::Arc};

use bytes::Bytes;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    ErrorCode,
    answer::{Call, Outcome, answer},
    fault::{Fault, Happening},
    frame,
    request::Request,
    shared::Shared,
};

/// A client's connection to a node.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    node: i32,
    shared: Arc<Shared>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, node: i32, shared: Arc<Shared>) -> Self {
        Self {
            stream,
            node,
            shared,
        }
    }

    /// Answers requests until the client goes, or is sent away. Like a Kafka broker it does not
    /// look at the next request before the one at hand is answered.
    pub(crate) async fn serve(mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let max_bytes = self.shared.max_request_bytes;
        while let Some(frame) = frame::read(&mut self.stream, max_bytes).await? {
            let request = Request::parse(frame)
                .ok_or_else(|| frame::invalid("a request that is not answered"))?;
            match self.handle(request).await? {
                Step::Answer(Outcome::Close) => return Ok(()),
                Step::Answer(Outcome::Nothing) => {}
                Step::Answer(Outcome::Reply(frame)) => self.stream.write_all(&frame).await?,
                Step::Silence => {
                    // Until the client gives up.
                    tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await?;
                }
            }
        }
        Ok(())
    }

    /// Answers a request, unless a fault happens to it.
    async fn handle(&self, request: Request) -> io::Result<Step> {
        self.shared.count(request.api);
        let happening = self.shared.faults().happen(self.node, request.api);
        let Some(Happening { fault, after_doing }) = happening else {
            return Ok(Step::Answer(self.run(request, None).await?));
        };
        tracing::debug!(node = self.node, api = ?request.api, ?fault, "a fault happens");
        let done = match after_doing {
            true => Some(self.run(request.clone(), None).await?),
            false => None,
        };
        let correlation_id = request.correlation_id;
        let outcome = match fault {
            Fault::Delay(time) => {
                tokio::time::sleep(time).await;
                self.finish(request, done).await?
            }
            Fault::Disconnect => Outcome::Close,
            Fault::Error(code) => self.run(request, Some(code)).await?,
            Fault::Garbage(bytes) => Outcome::Reply(bytes),
            Fault::HugeLength => match self.finish(request, done).await? {
                Outcome::Reply(frame) => Outcome::Reply(spoil(&frame, LENGTH, i32::MAX)),
                other => other,
            },
            Fault::Silence => return Ok(Step::Silence),
            Fault::WrongCorrelationId => match self.finish(request, done).await? {
                Outcome::Reply(frame) => {
                    let other = correlation_id.wrapping_add(1_000_000);
                    Outcome::Reply(spoil(&frame, CORRELATION_ID, other))
                }
                other => other,
            },
        };
        Ok(Step::Answer(outcome))
    }

    /// Does what is asked for, if that is still to be done.
    async fn finish(
        &self,
        request: Request,
        done: Option<Outcome<Bytes>>,
    ) -> io::Result<Outcome<Bytes>> {
        match done {
            Some(outcome) => Ok(outcome),
            None => self.run(request, None).await,
        }
    }

    async fn run(
        &self,
        request: Request,
        refusal: Option<ErrorCode>,
    ) -> io::Result<Outcome<Bytes>> {
        let call = Call {
            shared: &self.shared,
            node: self.node,
            version: request.version,
        };
        let outcome = answer(request, &call, refusal).await;
        outcome.map_err(|error| frame::invalid(error.to_string()))
    }
}

/// What comes next on a connection.
enum Step {
    Answer(Outcome<Bytes>),
    Silence,
}

/// Changes four bytes of a frame.
fn spoil(frame: &Bytes, at: usize, value: i32) -> Bytes {
    let mut spoilt = frame.to_vec();
    if let Some(place) = spoilt.get_mut(at..at + 4) {
        place.copy_from_slice(&value.to_be_bytes());
    }
    spoilt.into()
}

/// Where a frame has its length, and an answer the number of its request.
const LENGTH: usize = 0;
const CORRELATION_ID: usize = 4;
