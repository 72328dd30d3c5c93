//! Connections: requests in, answers out, one at a time and in order.

use std::{io, sync::Arc};

use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    answer::{Call, Outcome, answer},
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
        let shared = Arc::clone(&self.shared);
        while let Some(frame) = frame::read(&mut self.stream, shared.max_request_bytes).await? {
            let request = Request::parse(frame)
                .ok_or_else(|| frame::invalid("a request that is not answered"))?;
            let call = Call {
                shared: &shared,
                node: self.node,
                version: request.version,
            };
            let outcome = answer(request, &call, None).await;
            match outcome.map_err(|error| frame::invalid(error.to_string()))? {
                Outcome::Close => return Ok(()),
                Outcome::Nothing => {}
                Outcome::Reply(frame) => self.stream.write_all(&frame).await?,
            }
        }
        Ok(())
    }
}
