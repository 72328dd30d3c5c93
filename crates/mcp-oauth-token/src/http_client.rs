//! How documents of identity providers are fetched.

use std::{fmt, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};

/// Sends requests to identity providers. Injected, so that embedders can bring their own.
pub trait HttpClient: fmt::Debug + Send + Sync {
    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// It follows no redirect: an answer of 3xx is an answer. It does not decompress. It gives up
    /// when `limits` are exceeded, whether by the connection, the head or the body.
    fn send(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>>;
}

/// What a fetch may cost.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FetchLimits {
    /// The deadline, from the look-up of the name to the last byte.
    pub timeout: Duration,
    /// The most bytes that the body may have.
    pub max_body_bytes: usize,
}

impl FetchLimits {
    /// Limits for one fetch.
    #[must_use]
    pub const fn new(timeout: Duration, max_body_bytes: usize) -> Self {
        Self {
            timeout,
            max_body_bytes,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The name has no address that may be connected to.
    #[error("{host} has no address that may be connected to: {reason}")]
    ForbiddenAddress {
        /// The name.
        host: String,
        /// What is wrong with its addresses.
        reason: String,
    },
    /// The body is larger than allowed.
    #[error("the answer is larger than {max_body_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_body_bytes: usize,
        /// The status of the answer.
        status: StatusCode,
    },
    /// The deadline passed.
    #[error("there was no complete answer within {timeout:?}")]
    Timeout {
        /// The deadline.
        timeout: Duration,
    },
    /// The connection could not be made, or broke.
    #[error("the connection failed")]
    Transport {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
