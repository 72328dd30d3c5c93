//! The way out, on which no message is ever cut in half.

use std::io;

use bytes::{Buf, BytesMut};
use rmcp::model::ServerJsonRpcMessage;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes messages as lines.
///
/// A write that is cancelled leaves the rest of its line here, and the next one goes on with it.
#[derive(Debug)]
pub(super) struct Output<W> {
    output: W,
    unwritten: BytesMut,
}

impl<W: AsyncWrite + Unpin> Output<W> {
    pub(super) fn new(output: W) -> Self {
        Self {
            output,
            unwritten: BytesMut::new(),
        }
    }

    /// Writes a message.
    pub(super) async fn send(&mut self, message: &ServerJsonRpcMessage) -> io::Result<()> {
        let line = serde_json::to_vec(message)?;
        self.unwritten.extend_from_slice(&line);
        self.unwritten.extend_from_slice(b"\n");
        self.flush().await
    }

    /// Writes what is left over from a cancelled write.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        while self.unwritten.has_remaining() {
            if self.output.write_buf(&mut self.unwritten).await? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        // Large messages are rare; their memory is not kept.
        self.unwritten = BytesMut::new();
        self.output.flush().await
    }
}
