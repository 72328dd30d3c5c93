//! One fetch of a key set.

use std::{error::Error, fmt::Write, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, Request, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING},
};
use tokio::time;

use super::key_set::InvalidKeySet;
use crate::{FetchLimits, HttpClient, HttpError, ProviderUrl};

/// Where a key set is fetched, and how.
#[derive(Debug)]
pub(super) struct Fetch {
    url: ProviderUrl,
    http: Arc<dyn HttpClient>,
}

impl Fetch {
    pub(super) fn new(url: ProviderUrl, http: Arc<dyn HttpClient>) -> Self {
        Self { url, http }
    }

    pub(super) const fn url(&self) -> &ProviderUrl {
        &self.url
    }

    /// The body and the headers of an answer that may be a key set. Redirects and compression are
    /// refused, as either would lead around a limit.
    pub(super) async fn send(&self) -> Result<(HeaderMap, Bytes), FetchError> {
        let request = Request::get(self.url.url().as_str())
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .header(ACCEPT_ENCODING, "identity")
            .body(Bytes::new())
            .map_err(|source| FetchError::Request { source })?;
        let limits = FetchLimits::new(TIMEOUT, MAX_BODY_BYTES);
        // The client is given the limits, but is not ours.
        let response = time::timeout(TIMEOUT, self.http.send(request, limits))
            .await
            .map_err(|_| HttpError::Timeout { timeout: TIMEOUT })
            .flatten()
            .map_err(|source| FetchError::Http { source })?;
        let (head, body) = response.into_parts();
        if head.status != StatusCode::OK {
            return Err(FetchError::Status {
                status: head.status,
            });
        }
        if let Some(coding) = head.headers.get(CONTENT_ENCODING)
            && !coding.as_bytes().eq_ignore_ascii_case(b"identity")
        {
            return Err(FetchError::Encoded);
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(FetchError::Http {
                source: HttpError::TooLarge {
                    max_body_bytes: MAX_BODY_BYTES,
                    status: head.status,
                },
            });
        }
        Ok((head.headers, body))
    }
}

/// Why a fetch brought no key set.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the fetch was broken off")]
    BrokenOff,
    #[error("the answer is compressed, which was not asked for")]
    Encoded,
    #[error("there is no answer")]
    Http {
        #[source]
        source: HttpError,
    },
    #[error("the answer is no usable key set")]
    KeySet {
        #[source]
        source: InvalidKeySet,
    },
    #[error("the request cannot be made")]
    Request {
        #[source]
        source: http::Error,
    },
    #[error("the answer has the status {status}")]
    Status { status: StatusCode },
}

impl FetchError {
    /// The error with its causes, which may quote the answer, cut to a length for logs.
    pub(super) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing to a string does not fail.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        text.truncate(text.floor_char_boundary(MAX_CHAIN_BYTES));
        text
    }
}

/// A little less than requests wait for it.
const TIMEOUT: Duration = Duration::from_millis(4_800);
const MAX_BODY_BYTES: usize = 256 * 1024;
const MAX_CHAIN_BYTES: usize = 500;
