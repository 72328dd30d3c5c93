//! MCP over standard input and output: one message per line, for one client.

use std::time::Duration;

use rmcp::{ServerHandler, serve_server, service::ServerInitializeError};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::sleep,
};

use crate::shutdown::Shutdown;

mod in_flight;
mod lines;
mod output;
mod transport;

use transport::LineTransport;

/// Serves one client until it closes its end, or the server is asked to stop. Then requests in
/// flight are answered; after a moment, if it was the client, they are cut short.
pub(crate) async fn serve<S, R, W>(
    handler: S,
    input: R,
    output: W,
    max_line_bytes: usize,
    shutdown: &Shutdown,
) where
    S: ServerHandler + Clone + Send + Sync + 'static,
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let draining = shutdown.draining.clone();
    let transport = LineTransport::new(input, output, max_line_bytes, draining);
    let ended = transport.ended();
    let hurry = async {
        ended.cancelled().await;
        // Nothing more is read, and streams have nobody to tell.
        shutdown.draining.cancel();
        sleep(AFTER_END).await;
        shutdown.calls.cancel();
        sleep(AFTER_CANCEL).await;
    };
    tokio::select! {
        () = converse(handler, transport) => {}
        () = hurry => tracing::warn!("requests in flight were given up"),
    }
}

async fn converse<S, R, W>(handler: S, transport: LineTransport<R, W>)
where
    S: ServerHandler + Clone + Send + Sync + 'static,
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    loop {
        match serve_server(handler.clone(), transport.clone()).await {
            Ok(running) => {
                if let Err(error) = running.waiting().await {
                    tracing::error!(%error, "the conversation failed");
                }
                return;
            }
            // A stray message before the first request is no reason to leave.
            Err(
                ServerInitializeError::ExpectedInitializeRequest(Some(_))
                | ServerInitializeError::InitializeFailed(_),
            ) => tracing::debug!("a message came before the conversation began"),
            Err(ServerInitializeError::ConnectionClosed(_)) => return,
            Err(error) => {
                tracing::debug!(%error, "the conversation did not begin");
                return;
            }
        }
    }
}

/// How long requests in flight may go on when the client is gone.
const AFTER_END: Duration = Duration::from_millis(600);
const AFTER_CANCEL: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests;
