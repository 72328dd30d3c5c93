//! Streamable HTTP on plain hyper: the listener, its limits, and what answers where.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use mcp_oauth_provider::Provider;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{metrics::Metrics, oauth::Servers, readiness::Readiness, runtime::Workers};

mod admission;
mod authority;
mod body;
mod connection;
mod front;
mod gate;
mod guard;
mod listener;
mod mcp;
mod reply;
mod request_id;
mod service;
mod stall;
mod stream;

pub(crate) use authority::{Authority, Origin};
#[cfg(feature = "mounted")]
pub(crate) use service::mounting;
pub(crate) use service::{McpService, stateless};

use connection::Connections;
use front::Front;
use listener::accept;

/// How to listen, and what to accept.
#[derive(Clone, Debug)]
pub(crate) struct HttpConfig {
    /// Where to listen; port 0 is any free one.
    pub(crate) address: SocketAddr,
    /// Hosts to accept besides loopback and the address.
    pub(crate) allowed_hosts: Vec<Authority>,
    /// Origins to accept besides loopback.
    pub(crate) allowed_origins: Vec<Origin>,
    /// How many connections may be open.
    pub(crate) max_connections: usize,
    /// How many calls may run at a time.
    pub(crate) max_concurrent_calls: usize,
    /// How many streams of updates may be open besides.
    pub(crate) max_streams: usize,
    /// How many calls may start in a second; 0 is any number.
    pub(crate) calls_per_second: u32,
    /// How long a connection may be idle, or take to send the head of a request.
    pub(crate) idle_timeout: Duration,
    /// How long the body of a request may take.
    pub(crate) body_timeout: Duration,
}

/// What the endpoints besides `/mcp` show.
#[derive(Clone, Debug)]
pub(crate) struct Monitoring {
    /// Behind `/metrics`.
    pub(crate) metrics: Arc<Metrics>,
    /// Behind `/readyz`.
    pub(crate) readiness: Arc<Readiness>,
    /// Who issues the tokens, with OAuth.
    pub(crate) provider: Option<Provider>,
}

/// A server that listens, but does not accept before it runs.
#[derive(Debug)]
pub(crate) struct Server<M> {
    listener: TcpListener,
    address: SocketAddr,
    max_connections: usize,
    connections: Connections<M>,
}

impl<M: McpService> Server<M> {
    /// Answers what `listener` takes with `service`, each connection on one of the `workers`.
    /// Without `oauth`, whoever can reach it may use it.
    ///
    /// # Errors
    ///
    /// If the listener does not know its address.
    pub(crate) fn new(
        listener: TcpListener,
        config: &HttpConfig,
        max_request_bytes: usize,
        service: M,
        monitoring: Monitoring,
        oauth: Option<Servers>,
        workers: Arc<Workers>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let front = Front::new(config, max_request_bytes, service, monitoring, oauth);
        Ok(Self {
            listener,
            address,
            max_connections: config.max_connections,
            connections: Connections::new(front, config.idle_timeout, workers),
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `draining` is cancelled and the last request in flight is answered.
    pub(crate) async fn run(self, draining: CancellationToken) {
        let Self {
            listener,
            max_connections,
            connections,
            ..
        } = self;
        accept(listener, max_connections, &connections, &draining).await;
        connections.finish().await;
    }
}

/// Starts to listen.
///
/// # Errors
///
/// If the address cannot be listened on.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, BindError> {
    let listening = TcpListener::bind(address).await;
    listening.map_err(|source| BindError { address, source })
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}; MCP_HTTP_HOST and MCP_HTTP_PORT (--mcp-http-port) change it")]
pub(crate) struct BindError {
    address: SocketAddr,
    #[source]
    source: io::Error,
}

#[cfg(test)]
mod tests;
