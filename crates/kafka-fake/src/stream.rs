//! What a connection reads and writes: plain TCP, or TLS over it.

use std::{fmt, io};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

/// Bytes in both directions.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug> Stream for T {}

/// How connections begin.
#[derive(Clone, Default)]
pub(crate) enum Security {
    /// With the first request.
    #[default]
    Plain,
    #[cfg(feature = "tls")]
    /// With a handshake.
    Tls(tokio_rustls::TlsAcceptor),
}

impl Security {
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
        match self {
            Self::Plain => Ok(Box::new(stream)),
            #[cfg(feature = "tls")]
            Self::Tls(acceptor) => Ok(Box::new(acceptor.accept(stream).await?)),
        }
    }
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "Plain",
            #[cfg(feature = "tls")]
            Self::Tls(_) => "Tls",
        })
    }
}
