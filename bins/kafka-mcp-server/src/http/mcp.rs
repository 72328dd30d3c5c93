//! `/mcp`: everything between the socket and the MCP service.

use std::sync::Arc;

use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, ALLOW, CONTENT_TYPE},
    request::Parts,
};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use mcp_oauth::Cors;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    HttpConfig,
    admission::Admission,
    body::BodyReader,
    gate::Gate,
    guard::Guard,
    reply::{Refusal, Reply},
    service::McpService,
    stream::Stream,
};
use crate::screen;

/// The endpoint: Host and Origin, CORS, the token, ceilings, the bounded body and what it may ask
/// for, then MCP.
pub(super) struct McpEndpoint<M> {
    guard: Arc<Guard>,
    gate: Gate,
    admission: Admission,
    bodies: BodyReader,
    service: M,
}

impl<M: McpService> McpEndpoint<M> {
    pub(super) fn new(
        config: &HttpConfig,
        max_request_bytes: usize,
        service: M,
        guard: Arc<Guard>,
        gate: Gate,
    ) -> Self {
        Self {
            guard,
            gate,
            admission: Admission::new(
                config.max_concurrent_calls,
                config.max_streams,
                config.calls_per_second,
            ),
            bodies: BodyReader::new(max_request_bytes, config.body_timeout),
            service,
        }
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (mut head, body) = request.into_parts();
        let origin = match self.guard.check(&head.headers) {
            Ok(origin) => origin.cloned(),
            Err(refusal) => return refusal.into_reply(),
        };
        let mut reply = if head.method == Method::OPTIONS {
            Cors::new(METHODS)
                .preflight(&head.headers)
                .map(|body| body.boxed())
        } else {
            accept_anything(&mut head);
            self.call(head, body)
                .await
                .unwrap_or_else(TurnedAway::into_reply)
        };
        Cors::share(origin.as_ref(), reply.headers_mut());
        reply
    }

    async fn call(&self, mut head: Parts, body: Incoming) -> Result<Reply, TurnedAway> {
        let visitor = self.gate.authenticate(&head).await?;
        if !self.service.takes(&head.method) {
            let mut reply = Refusal::invalid(
                StatusCode::METHOD_NOT_ALLOWED,
                "MCP takes POST here: there are no sessions to delete and no streams to open",
            )
            .into_reply();
            reply
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static(METHODS));
            return Ok(reply);
        }
        self.admission.count()?;
        let body = self.bodies.read(body).await?;
        screen::check(&body.bytes)
            .map_err(|unfit| Refusal::invalid(StatusCode::BAD_REQUEST, unfit.to_string()))?;
        self.gate.authorize(&visitor, &mut head, &body.bytes)?;
        let place = self.place(&head, &body.bytes).await?;
        let request = Request::from_parts(head, Full::new(body.bytes.clone()));
        let reply = self.service.answer(request).await;
        let reply = as_json_rpc(reply, &body.bytes).await;
        if reply.body().size_hint().exact().is_some() {
            // The call has ended; how long the client takes to read is its connection's matter.
            return Ok(reply);
        }
        Ok(reply.map(|body| {
            let end = self.gate.end_of_stay(visitor);
            Stream::new(body, end, place).boxed()
        }))
    }

    /// A place for a call, or for a stream: these have their own. A message that claims to open one
    /// without doing so gains nothing.
    async fn place(&self, head: &Parts, body: &[u8]) -> Result<OwnedSemaphorePermit, Refusal> {
        let claimed = head.headers.get(MCP_METHOD);
        if claimed.is_none_or(|method| method != LISTEN) {
            return self.admission.enter().await;
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(message) if message["method"] == LISTEN => {
                let place = self.admission.open_stream();
                place.map_err(|refusal| refusal.answering(id_of(&message)))
            }
            _ => self.admission.enter().await,
        }
    }

    /// How many streams are open.
    pub(super) fn open_streams(&self) -> usize {
        self.admission.open_streams()
    }
}

/// Who accepts anything accepts what MCP answers. Scripts written for servers that do not insist
/// on the header leave it out, or send the `*/*` of their HTTP client.
fn accept_anything(head: &mut Parts) {
    let mut accepted = head.headers.get_all(ACCEPT).iter();
    let is_anything = |range: &HeaderValue| range.to_str().is_ok_and(|range| range.contains("*/*"));
    let anything = !head.headers.contains_key(ACCEPT) || accepted.any(is_anything);
    if anything {
        let both = HeaderValue::from_static("application/json, text/event-stream");
        head.headers.insert(ACCEPT, both);
    }
}

/// Turns the plain-text refusals of the MCP service into JSON-RPC errors, which clients can read.
async fn as_json_rpc(reply: Reply, request: &[u8]) -> Reply {
    let status = reply.status();
    let is_json = reply
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return reply;
    }
    let Ok(text) = reply.into_body().collect().await;
    let text = String::from_utf8_lossy(&text.to_bytes()).into_owned();
    if status.is_server_error() {
        tracing::error!(%status, reason = text, "the MCP service failed");
    }
    let refusal = match serde_json::from_slice::<Value>(request) {
        _ if status.is_server_error() => Refusal::internal(),
        Err(error) => Refusal::unparsable(format!("the body is no JSON: {error}")),
        // The content type was right, or the text would say so: this is JSON, but not JSON-RPC.
        Ok(message) if text.starts_with("fail to deserialize") => {
            let what = "the body is no JSON-RPC 2.0 request, notification or response";
            Refusal::invalid(StatusCode::BAD_REQUEST, what).answering(id_of(&message))
        }
        Ok(message) => Refusal::invalid(status, text).answering(id_of(&message)),
    };
    refusal.into_reply()
}

fn id_of(message: &Value) -> Value {
    match message.get("id") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        _ => Value::Null,
    }
}

/// A request that does not reach MCP: for what it is, or for who sends it.
enum TurnedAway {
    Refused(Refusal),
    Unauthorized(mcp_oauth::Refusal),
}

impl TurnedAway {
    fn into_reply(self) -> Reply {
        match self {
            Self::Refused(refusal) => refusal.into_reply(),
            Self::Unauthorized(refusal) => refusal.into_response().map(|body| body.boxed()),
        }
    }
}

impl From<Refusal> for TurnedAway {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<mcp_oauth::Refusal> for TurnedAway {
    fn from(refusal: mcp_oauth::Refusal) -> Self {
        Self::Unauthorized(refusal)
    }
}

const METHODS: &str = "POST, OPTIONS";

/// What opens a stream that stays. MCP wants the header to say the same as the body.
const LISTEN: &str = "subscriptions/listen";
const MCP_METHOD: &str = "mcp-method";
