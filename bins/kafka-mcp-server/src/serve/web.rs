//! Serving over HTTP.

use std::{error::Error, net::SocketAddr, sync::Arc};

use kafka_tools::{Client, Fault};
use mcp_oauth::AuthorizationServer;
use mcp_oauth_provider::Provider;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Core;
use crate::{
    config::OAuth,
    http::{HttpConfig, McpService, Monitoring, Server},
    oauth::{self, Servers},
    readiness::{Probe, Readiness, Unready},
    runtime::Workers,
    shutdown::Shutdown,
};

/// A server over HTTP with all that belongs to it, which accepts nothing before it runs.
pub(crate) struct Web<M> {
    server: Server<M>,
    provider: Option<Provider>,
    logins: Option<AuthorizationServer>,
    client: Client,
    workers: Arc<Workers>,
}

impl<M: McpService> Web<M> {
    /// Puts it together: `service` answers what it lets through. Without `oauth`, whoever can reach
    /// the listener may use it.
    ///
    /// # Errors
    ///
    /// If the store of logins cannot be opened, or there are no threads to be had.
    pub(crate) fn new(
        core: Core,
        service: M,
        listener: TcpListener,
        http: &HttpConfig,
        oauth: Option<&OAuth>,
        shutdown: &Shutdown,
    ) -> Result<Self, Box<dyn Error>> {
        let Core {
            client,
            metrics,
            max_request_bytes,
            ..
        } = core;
        let provider = oauth.map(|oauth| oauth.provider.clone());
        let servers = oauth
            .map(|oauth| Servers::new(oauth, http, &metrics))
            .transpose()?;
        let logins = servers
            .as_ref()
            .and_then(|servers| servers.authorization.clone());
        let store = servers.as_ref().and_then(|servers| servers.store.clone());
        let draining = shutdown.draining.clone();
        let readiness = Readiness::new(probe(client.clone()), provider.clone(), store, draining);
        let monitoring = Monitoring {
            metrics,
            readiness: Arc::new(readiness),
            provider: provider.clone(),
        };
        let workers = Arc::new(Workers::start()?);
        Ok(Self {
            server: Server::new(
                listener,
                http,
                max_request_bytes,
                service,
                monitoring,
                servers,
                Arc::clone(&workers),
            )?,
            provider,
            logins,
            client,
            workers,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Serves until `draining` is cancelled and what is under way has ended.
    pub(crate) async fn run(self, draining: &CancellationToken) {
        let maintaining = oauth::maintain(self.provider, draining);
        tokio::join!(self.server.run(draining.clone()), maintaining);
        oauth::drain(self.logins).await;
        self.client.close().await;
        // What requests left under way ran on them.
        drop(self.workers);
    }
}

fn probe(client: Client) -> Probe {
    Box::new(move || {
        let client = client.clone();
        Box::pin(async move {
            client.ping().await.map_err(|error| {
                tracing::warn!(%error, "Kafka is not ready");
                if error.fault() == Fault::Operator {
                    Unready::Refused
                } else {
                    Unready::Silent
                }
            })
        })
    })
}
