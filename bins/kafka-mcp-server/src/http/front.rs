//! What answers where.

use std::{convert::Infallible, fmt, net::IpAddr, sync::Arc};

use http::{HeaderValue, Method, Request, StatusCode, header::ALLOW};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use mcp_oauth::AuthorizationServer;
use serde_json::json;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{
    HttpConfig, Monitoring,
    gate::Gate,
    guard::Guard,
    mcp::McpEndpoint,
    reply::{Reply, json_reply, protect, text_reply},
    request_id::{RequestIds, X_REQUEST_ID},
    service::McpService,
};
use crate::{metrics::Metrics, oauth::Servers};

/// The routes.
pub(super) struct Front<M> {
    mcp: McpEndpoint<M>,
    gate: Gate,
    guard: Arc<Guard>,
    authorization: Option<AuthorizationServer>,
    monitoring: Monitoring,
    request_ids: RequestIds,
}

impl<M> Front<M> {
    pub(super) fn metrics(&self) -> &Metrics {
        &self.monitoring.metrics
    }
}

impl<M: McpService> Front<M> {
    pub(super) fn new(
        config: &HttpConfig,
        max_request_bytes: usize,
        service: M,
        monitoring: Monitoring,
        oauth: Option<Servers>,
    ) -> Self {
        let guard = Arc::new(Guard::new(
            config.address,
            &config.allowed_hosts,
            &config.allowed_origins,
        ));
        let (resource, authorization) = match oauth {
            Some(servers) => (Some(servers.resource), servers.authorization),
            None => (None, None),
        };
        let gate = Gate::new(resource);
        let mcp = McpEndpoint::new(
            config,
            max_request_bytes,
            service,
            Arc::clone(&guard),
            gate.clone(),
        );
        Self {
            mcp,
            gate,
            guard,
            authorization,
            monitoring,
            request_ids: RequestIds::new(),
        }
    }

    /// Answers any request.
    pub(super) async fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: IpAddr,
    ) -> Result<Reply, Infallible> {
        let started = Instant::now();
        let id = self.request_ids.next();
        let route = self.route(request.uri().path());
        // At the level of errors, so that these carry it whatever else is logged.
        let span = tracing::error_span!(
            "request",
            request_id = id.as_str(),
            method = method_name(request.method()),
            route = route.name(),
        );
        let id = id.into_header();
        if let Some(id) = &id {
            // The MCP side finds it here.
            request.headers_mut().insert(X_REQUEST_ID, id.clone());
        }
        async {
            let mut reply = self.dispatch(route, request, peer).await;
            protect(reply.headers_mut());
            if let Some(id) = id {
                reply.headers_mut().insert(X_REQUEST_ID, id);
            }
            let status = reply.status().as_u16();
            self.metrics().request_answered(route.name(), status);
            tracing::debug!(status, elapsed = ?started.elapsed(), "request answered");
            Ok(reply)
        }
        .instrument(span)
        .await
    }

    async fn dispatch(&self, route: Route, request: Request<Incoming>, peer: IpAddr) -> Reply {
        match (route, &self.authorization) {
            (Route::Mcp, _) => return self.mcp.answer(request).await,
            (Route::OAuth, Some(server)) => return self.log_in(server, request, peer).await,
            _ => {}
        }
        if let (Route::Unknown | Route::WellKnown, Some(reply)) =
            (route, self.gate.respond(&request))
        {
            return reply;
        }
        if matches!(route, Route::Unknown | Route::WellKnown) {
            let body = json!({ "error": "not found", "endpoints": Route::PATHS });
            return json_reply(StatusCode::NOT_FOUND, &body);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let body = json!({ "error": "method not allowed" });
            let mut reply = json_reply(StatusCode::METHOD_NOT_ALLOWED, &body);
            reply
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return reply;
        }
        match route {
            Route::Metrics => {
                let provider = self.monitoring.provider.as_ref();
                text_reply(
                    StatusCode::OK,
                    EXPOSITION,
                    self.metrics().exposition(provider, self.mcp.open_streams()),
                )
            }
            Route::Readyz => match self.monitoring.readiness.check().await {
                Ok(()) => json_reply(StatusCode::OK, &json!({ "status": "ready" })),
                Err(reason) => {
                    let body = json!({ "status": "not ready", "reason": reason.to_string() });
                    json_reply(StatusCode::SERVICE_UNAVAILABLE, &body)
                }
            },
            Route::Healthz | Route::Mcp | Route::OAuth | Route::Unknown | Route::WellKnown => {
                json_reply(StatusCode::OK, &json!({ "status": "ok" }))
            }
        }
    }

    /// Which pages may send what is for the authorization server to say; who the request is for is
    /// checked here.
    async fn log_in(
        &self,
        server: &AuthorizationServer,
        request: Request<Incoming>,
        peer: IpAddr,
    ) -> Reply {
        let (head, body) = request.into_parts();
        if let Err(refusal) = self.guard.check_host(&head.headers) {
            return refusal.into_reply();
        }
        let reply = server.respond(&head, body, peer).await;
        reply.map(|body| body.boxed())
    }
}

impl<M> Front<M> {
    fn route(&self, path: &str) -> Route {
        let serves = |server: &AuthorizationServer| server.serves(path);
        match Route::of(path) {
            Route::Unknown if self.authorization.as_ref().is_some_and(serves) => Route::OAuth,
            route => route,
        }
    }
}

impl<M> fmt::Debug for Front<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front")
            .field("monitoring", &self.monitoring)
            .finish_non_exhaustive()
    }
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Healthz,
    Mcp,
    Metrics,
    OAuth,
    Readyz,
    Unknown,
    WellKnown,
}

impl Route {
    const PATHS: [&str; 4] = ["/mcp", "/healthz", "/readyz", "/metrics"];

    fn of(path: &str) -> Self {
        match path {
            "/healthz" => Self::Healthz,
            "/mcp" => Self::Mcp,
            "/metrics" => Self::Metrics,
            "/readyz" => Self::Readyz,
            path if path.starts_with("/.well-known/") => Self::WellKnown,
            _ => Self::Unknown,
        }
    }

    /// A name for logs and metrics, where strangers' paths have no place.
    fn name(self) -> &'static str {
        match self {
            Self::Healthz => "/healthz",
            Self::Mcp => "/mcp",
            Self::Metrics => "/metrics",
            Self::OAuth => "/oauth",
            Self::Readyz => "/readyz",
            Self::Unknown => "unknown",
            Self::WellKnown => "/.well-known",
        }
    }
}

/// A name for logs, where strangers' methods have no place.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::DELETE => "DELETE",
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "other",
    }
}

const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";
