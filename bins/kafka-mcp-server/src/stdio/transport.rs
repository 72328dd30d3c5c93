//! The transport that rmcp runs on.

use std::{io, sync::Arc};

use rmcp::{
    RoleServer,
    model::{
        ClientJsonRpcMessage, ClientNotification, ErrorData, JsonRpcMessage, RequestId,
        ServerJsonRpcMessage,
    },
    transport::Transport,
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Mutex,
};
use tokio_util::sync::CancellationToken;

use super::{
    in_flight::InFlight,
    lines::{Input, Lines},
    output::Output,
};
use crate::screen;

/// Messages as lines. Unlike rmcp's own transport it answers lines that are no messages, and its
/// bound on requests in flight holds memory down. Clones share everything.
#[derive(Debug)]
pub(super) struct LineTransport<R, W> {
    input: Arc<Mutex<Lines<R>>>,
    output: Arc<Mutex<Output<W>>>,
    in_flight: Arc<InFlight>,
    max_line_bytes: usize,
    /// The client closed one of its ends.
    ended: CancellationToken,
    /// No more requests are taken.
    draining: CancellationToken,
}

impl<R, W> Clone for LineTransport<R, W> {
    fn clone(&self) -> Self {
        Self {
            input: Arc::clone(&self.input),
            output: Arc::clone(&self.output),
            in_flight: Arc::clone(&self.in_flight),
            max_line_bytes: self.max_line_bytes,
            ended: self.ended.clone(),
            draining: self.draining.clone(),
        }
    }
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> LineTransport<R, W> {
    pub(super) fn new(
        input: R,
        output: W,
        max_line_bytes: usize,
        draining: CancellationToken,
    ) -> Self {
        Self {
            input: Arc::new(Mutex::new(Lines::new(input, max_line_bytes))),
            output: Arc::new(Mutex::new(Output::new(output))),
            in_flight: Arc::default(),
            max_line_bytes,
            ended: CancellationToken::new(),
            draining,
        }
    }

    /// Cancelled when the client closed one of its ends.
    pub(super) fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }

    /// The next line, or `None` when no more is to be read.
    async fn line(&self) -> Option<Input> {
        let mut input = self.input.lock().await;
        tokio::select! {
            biased;
            () = self.ended.cancelled() => None,
            () = self.draining.cancelled() => None,
            next = input.next() => Some(next.unwrap_or_else(|error| {
                tracing::warn!(%error, "standard input cannot be read");
                Input::End
            })),
        }
    }

    async fn write(&self, message: &ServerJsonRpcMessage) -> io::Result<()> {
        let result = self.output.lock().await.send(message).await;
        if let Err(error) = &result {
            tracing::debug!(%error, "standard output is closed");
            self.in_flight.clear();
            self.ended.cancel();
        }
        result
    }

    fn track(&self, message: &ClientJsonRpcMessage) {
        match message {
            JsonRpcMessage::Request(request) => self.in_flight.begin(request.id.clone()),
            JsonRpcMessage::Notification(notification) => {
                // rmcp does not answer what the client cancelled.
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.in_flight.end(id);
                }
            }
            _ => {}
        }
    }

    fn too_long(&self) -> ServerJsonRpcMessage {
        let limit = self.max_line_bytes;
        let what = format!("the line exceeds {limit} bytes; MCP_MAX_REQUEST_BYTES is the limit");
        ServerJsonRpcMessage::error(ErrorData::invalid_request(what, None), None)
    }
}

impl<R, W> Transport<RoleServer> for LineTransport<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let this = self.clone();
        async move {
            let result = this.write(&message).await;
            if let Some(id) = answered(&message) {
                this.in_flight.end(id);
            }
            result
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            // The answer to a broken line may have been cancelled half-way.
            self.output.lock().await.flush().await.ok()?;
            self.in_flight.room().await;
            let refusal = match self.line().await {
                Some(Input::Line(line)) => match parse(&line) {
                    Ok(Some(message)) => {
                        self.track(&message);
                        return Some(message);
                    }
                    Ok(None) => continue,
                    Err(refusal) => *refusal,
                },
                Some(Input::TooLong) => self.too_long(),
                Some(Input::End) => {
                    self.ended.cancel();
                    continue;
                }
                None => {
                    self.in_flight.none().await;
                    return None;
                }
            };
            self.write(&refusal).await.ok()?;
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.output.lock().await.flush().await
    }
}

fn answered(message: &ServerJsonRpcMessage) -> Option<&RequestId> {
    match message {
        JsonRpcMessage::Response(response) => Some(&response.id),
        JsonRpcMessage::Error(error) => error.id.as_ref(),
        _ => None,
    }
}

/// A message, or nothing where nothing is to be answered, or the answer to what is no message.
fn parse(line: &[u8]) -> Result<Option<ClientJsonRpcMessage>, Box<ServerJsonRpcMessage>> {
    let line = line.strip_prefix(UTF8_BOM).unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let refuse = |error, id| Err(Box::new(ServerJsonRpcMessage::error(error, id)));
    if let Err(unfit) = screen::check(line) {
        return refuse(ErrorData::invalid_request(unfit.to_string(), None), None);
    }
    if let Ok(message) = serde_json::from_slice(line) {
        return Ok(Some(message));
    }
    match serde_json::from_slice::<Value>(line) {
        Err(error) => {
            let what = format!("the line is no JSON: {error}");
            refuse(ErrorData::parse_error(what, None), None)
        }
        // A notification of a kind that nobody knows.
        Ok(message) if message.get("id").is_none() && message.get("method").is_some() => Ok(None),
        Ok(message) => {
            let id = message
                .get("id")
                .and_then(|id| serde_json::from_value(id.clone()).ok());
            let what = "the line is no JSON-RPC 2.0 request, notification or response";
            refuse(ErrorData::invalid_request(what, None), id)
        }
    }
}

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";
