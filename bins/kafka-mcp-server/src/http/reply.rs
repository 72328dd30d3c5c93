//! The answers this server makes itself.

use std::convert::Infallible;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS},
};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use serde_json::{Value, json};

/// An answer, whoever made it.
pub(super) type Reply = Response<BoxBody<Bytes, Infallible>>;

/// An answer with a JSON body.
pub(super) fn json_reply(status: StatusCode, body: &Value) -> Reply {
    text_reply(status, "application/json", body.to_string())
}

/// An answer with a body of any type.
pub(super) fn text_reply(status: StatusCode, content_type: &'static str, body: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)).boxed());
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// Adds what every answer carries, unless it knows better how long it may be kept.
pub(super) fn protect(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let not_stored = HeaderValue::from_static("no-store");
    headers.entry(CACHE_CONTROL).or_insert(not_stored);
}

/// A request to `/mcp` that does not reach MCP, as a JSON-RPC error.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: i32,
    message: String,
    id: Value,
    retry_after: Option<u32>,
    closes: bool,
}

impl Refusal {
    /// A request that is wrong in itself.
    pub(super) fn invalid(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, INVALID_REQUEST, message)
    }

    /// A body that is no JSON.
    pub(super) fn unparsable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, PARSE_ERROR, message)
    }

    /// A request that is refused for what surrounds it: its origin, or the load.
    pub(super) fn denied(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, SERVER_ERROR, message)
    }

    /// A failure of this server.
    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            INTERNAL_ERROR,
            "internal error",
        )
    }

    fn new(status: StatusCode, code: i32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            id: Value::Null,
            retry_after: None,
            closes: false,
        }
    }

    /// Names the request that is answered.
    pub(super) fn answering(mut self, id: Value) -> Self {
        self.id = id;
        self
    }

    /// Says when to come back, in seconds.
    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Closes the connection, because the rest of the body is not read.
    pub(super) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    pub(super) fn into_reply(self) -> Reply {
        let error = json!({ "code": self.code, "message": self.message });
        let body = json!({ "jsonrpc": "2.0", "id": self.id, "error": error });
        let mut reply = json_reply(self.status, &body);
        let headers = reply.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        reply
    }
}

// JSON-RPC 2.0 section 5.1.
const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const INTERNAL_ERROR: i32 = -32603;
const SERVER_ERROR: i32 = -32000;
