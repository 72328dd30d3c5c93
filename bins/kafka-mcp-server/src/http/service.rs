//! What answers the requests that the front lets through: MCP, mounted with rmcp.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use rmcp::{
    ServerHandler,
    transport::{
        StreamableHttpServerConfig, StreamableHttpService,
        streamable_http_server::{SessionManager, session::never::NeverSessionManager},
    },
};

use super::reply::Reply;

/// Answers the requests that the front lets through.
pub(crate) trait McpService: Send + Sync + 'static {
    /// Whether it knows what to do with requests of this method.
    fn takes(&self, method: &Method) -> bool;

    /// Answers one that it takes.
    fn answer(&self, request: Request<Full<Bytes>>) -> impl Future<Output = Reply> + Send;
}

impl<S: ServerHandler, M: SessionManager> McpService for StreamableHttpService<S, M> {
    fn takes(&self, method: &Method) -> bool {
        let has_sessions = self.config.legacy_session_mode;
        *method == Method::POST || has_sessions && [Method::GET, Method::DELETE].contains(method)
    }

    fn answer(&self, request: Request<Full<Bytes>>) -> impl Future<Output = Reply> + Send {
        self.handle(request)
    }
}

/// Mounts a handler without sessions: those of rmcp are not bound to who opened them, and have no
/// bound.
pub(crate) fn stateless<S: ServerHandler + Clone>(
    handler: S,
    max_request_bytes: usize,
) -> StreamableHttpService<S, NeverSessionManager> {
    StreamableHttpService::new(
        move || Ok(handler.clone()),
        Arc::new(NeverSessionManager::default()),
        mounting(max_request_bytes),
    )
}

/// How a handler is mounted behind the front.
pub(crate) fn mounting(max_request_bytes: usize) -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(max_request_bytes)
        // The guard of the front has done it, and knows the configured hosts.
        .disable_allowed_hosts()
        .disable_allowed_origins()
}
