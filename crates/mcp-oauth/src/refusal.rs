//! Requests that are not let in.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use http_body_util::Full;

/// An answer that is made here.
pub(crate) type Reply = Response<Full<Bytes>>;

/// A request that is not let in, as the client is told. Why exactly is in the log only: answers to
/// requests that differ in nothing but the reason are the same to the byte.
#[derive(Clone, Debug)]
pub struct Refusal {
    reason: Reason,
    challenge: Option<HeaderValue>,
    retry_after: Option<u64>,
}

/// As much of the reason as the client may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The body can be read in several ways.
    AmbiguousBody,
    /// The body could not be read.
    #[cfg(any(feature = "authorization-server", feature = "tower"))]
    BrokenBody,
    /// A web page sent it that may not.
    ForeignOrigin,
    /// The token may not be used for this.
    InsufficientScope,
    /// The token is not accepted.
    InvalidToken,
    /// The method is none of those that the path answers.
    MethodNotAllowed,
    /// There is no token.
    NoToken,
    /// There is nothing here.
    NotFound,
    /// The body is too large.
    #[cfg(any(feature = "authorization-server", feature = "tower"))]
    OversizedBody,
    /// The body took too long.
    #[cfg(any(feature = "authorization-server", feature = "tower"))]
    SlowBody,
    /// It cannot be decided now.
    Unavailable,
}

impl Refusal {
    pub(crate) const fn new(reason: Reason) -> Self {
        Self {
            reason,
            challenge: None,
            retry_after: None,
        }
    }

    pub(crate) fn challenge(mut self, challenge: HeaderValue) -> Self {
        self.challenge = Some(challenge);
        self
    }

    pub(crate) fn retry_after(mut self, delay: Duration) -> Self {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        self.retry_after = Some(seconds.clamp(1, MAX_RETRY_AFTER));
        self
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.reason {
            Reason::AmbiguousBody => StatusCode::BAD_REQUEST,
            #[cfg(any(feature = "authorization-server", feature = "tower"))]
            Reason::BrokenBody => StatusCode::BAD_REQUEST,
            Reason::ForeignOrigin | Reason::InsufficientScope => StatusCode::FORBIDDEN,
            Reason::InvalidToken | Reason::NoToken => StatusCode::UNAUTHORIZED,
            Reason::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Reason::NotFound => StatusCode::NOT_FOUND,
            #[cfg(any(feature = "authorization-server", feature = "tower"))]
            Reason::OversizedBody => StatusCode::PAYLOAD_TOO_LARGE,
            #[cfg(any(feature = "authorization-server", feature = "tower"))]
            Reason::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Reason::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn into_response(self) -> Response<Full<Bytes>> {
        let mut reply = Response::new(Full::from(self.reason.body()));
        *reply.status_mut() = self.status();
        let headers = reply.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        reply
    }
}

impl Reason {
    const fn body(self) -> &'static str {
        match self {
            // What is wrong with the message itself is said in its own language (JSON-RPC 2.0
            // section 5.1).
            Self::AmbiguousBody => concat!(
                r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"#,
                r#""members must be there once, and params must be an object"}}"#,
            ),
            #[cfg(any(feature = "authorization-server", feature = "tower"))]
            Self::BrokenBody => r#"{"error":"the body could not be read"}"#,
            Self::ForeignOrigin => r#"{"error":"requests of this Origin are not accepted"}"#,
            Self::InsufficientScope => concat!(
                r#"{"error":"insufficient_scope","error_description":"#,
                r#""The access token may not be used for this."}"#,
            ),
            Self::InvalidToken => concat!(
                r#"{"error":"invalid_token","error_description":"#,
                r#""The access token is not accepted here, or not any more."}"#,
            ),
            Self::MethodNotAllowed => r#"{"error":"method not allowed"}"#,
            Self::NoToken => concat!(
                r#"{"error":"unauthorized","error_description":"#,
                r#""An access token is needed: WWW-Authenticate says where to find out more."}"#,
            ),
            Self::NotFound => r#"{"error":"not found"}"#,
            #[cfg(any(feature = "authorization-server", feature = "tower"))]
            Self::OversizedBody => r#"{"error":"the body is too large"}"#,
            #[cfg(any(feature = "authorization-server", feature = "tower"))]
            Self::SlowBody => r#"{"error":"the body took too long"}"#,
            Self::Unavailable => concat!(
                r#"{"error":"temporarily_unavailable","error_description":"#,
                r#""The identity provider does not answer; try again later."}"#,
            ),
        }
    }
}

/// Long enough for any outage to be tried again before anybody gives up.
const MAX_RETRY_AFTER: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_and_bounded() {
        for (delay, expected) in [(0, "1"), (1500, "2"), (30_000, "30"), (u64::MAX, "300")] {
            let delay = Duration::from_millis(delay);
            let refusal = Refusal::new(Reason::Unavailable).retry_after(delay);
            assert_eq!(refusal.into_response().headers()[RETRY_AFTER], expected);
        }
    }

    #[test]
    fn bodies_are_json() {
        for reason in [
            Reason::AmbiguousBody,
            Reason::ForeignOrigin,
            Reason::InsufficientScope,
            Reason::InvalidToken,
            Reason::MethodNotAllowed,
            Reason::NoToken,
            Reason::NotFound,
            Reason::Unavailable,
        ] {
            let body: serde_json::Value = serde_json::from_str(reason.body()).unwrap();
            assert!(body["error"].is_string() || body["error"].is_object());
        }
    }
}
