//! Clients whose id is the URL of a document about them (OAuth Client ID Metadata Document).

mod document_cache;
mod document_url;
mod host_gate;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use self::{document_cache::DocumentCache, document_url::DocumentUrl, host_gate::HostGate};
use super::{
    client::ClientMetadata,
    known_clients::KnownClients,
    requested_metadata::{InvalidMetadata, RequestedMetadata},
};

/// The documents of clients.
///
/// Anybody can make the server fetch from any host, so a fetch is small and short, goes to one host
/// at a time, and what came of it is remembered, if only for seconds.
#[derive(Debug)]
pub(crate) struct ClientDocuments {
    http: Arc<dyn HttpClient>,
    cache: DocumentCache,
    gate: HostGate,
}

impl ClientDocuments {
    /// Documents that `http` fetches, which must connect to public addresses only.
    pub(crate) fn new(http: Arc<dyn HttpClient>) -> Self {
        Self {
            http,
            cache: DocumentCache::new(),
            gate: HostGate::default(),
        }
    }

    /// What the document at `client_id` says.
    ///
    /// # Errors
    ///
    /// If there is none, or it is of no use.
    pub(crate) async fn find(
        &self,
        client_id: &str,
        known: &KnownClients,
    ) -> Result<ClientMetadata, DocumentError> {
        let url = DocumentUrl::new(client_id)?;
        match self.look_up(&url, known).await {
            // Anybody can keep the server from fetching, and is not to keep clients out by it.
            Err(error) if error.is_temporary() => self.cache.stale(&url).ok_or(error),
            found => found,
        }
    }

    async fn look_up(
        &self,
        url: &DocumentUrl,
        known: &KnownClients,
    ) -> Result<ClientMetadata, DocumentError> {
        if let Some(found) = self.cache.get(url) {
            return found;
        }
        let turn = tokio::time::timeout(TIMEOUT, self.gate.enter(url.host()));
        let Ok(Some(_turn)) = turn.await else {
            return Err(DocumentError::Busy);
        };
        // Another request may have fetched it while this one waited.
        if let Some(found) = self.cache.get(url) {
            return found;
        }
        let (headers, found) = self.fetch(url, known).await;
        self.cache.insert(url, &headers, found.clone());
        found
    }

    async fn fetch(
        &self,
        url: &DocumentUrl,
        known: &KnownClients,
    ) -> (HeaderMap, Result<ClientMetadata, DocumentError>) {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = url.uri();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(ACCEPT, json);
        let limits = FetchLimits::new(TIMEOUT, MAX_BYTES);
        // Whoever brought the HTTP client may have forgotten the limits, and strangers choose who
        // answers.
        let answer = tokio::time::timeout(TIMEOUT, self.http.send(request, limits)).await;
        match answer.unwrap_or(Err(HttpError::Timeout { timeout: TIMEOUT })) {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                let found = match head.status {
                    StatusCode::OK if body.len() > MAX_BYTES => Err(DocumentError::TooLarge),
                    StatusCode::OK if !is_json(&head.headers) => Err(DocumentError::ContentType),
                    StatusCode::OK => read(url, &body, known),
                    status => Err(DocumentError::Status { status }),
                };
                (head.headers, found)
            }
            Err(error) => {
                tracing::debug!(
                    host = url.host(),
                    error = &error as &dyn std::error::Error,
                    "a client's document cannot be fetched"
                );
                (HeaderMap::new(), Err(error.into()))
            }
        }
    }
}

/// Why a URL does not lead to a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("too many documents are being fetched")]
    Busy,
    #[error("it is not declared to be JSON")]
    ContentType,
    #[error("its host has no address on the public internet")]
    ForbiddenAddress,
    #[error("it is about another client")]
    ForeignClientId,
    #[error("it has a secret, or a private key, where everybody can read it")]
    Leaked,
    #[error("it says nothing that a client can be known by")]
    Metadata {
        #[source]
        source: InvalidMetadata,
    },
    #[error("it asks for a secret that client and server would share, and there can be none")]
    SharedSecret,
    #[error("it takes too long to fetch")]
    Slow,
    #[error("it was answered with the status {status}")]
    Status {
        /// The status.
        status: StatusCode,
    },
    #[error("it is larger than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("it cannot be fetched")]
    Unreachable,
    #[error("no document of a client has such a URL: {rule}")]
    Url {
        /// The rule that it breaks.
        rule: &'static str,
    },
}

impl DocumentError {
    /// Whether it is worth trying again, and the document may still say what it said before. Nothing
    /// is known of a document that did not come: the fault may be ours.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Busy | Self::Slow | Self::Unreachable => true,
            Self::Status { status } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            _ => false,
        }
    }
}

impl From<HttpError> for DocumentError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::ForbiddenAddress { .. } => Self::ForbiddenAddress,
            HttpError::Timeout { .. } => Self::Slow,
            // Pages about errors may be larger than any document.
            HttpError::TooLarge { status, .. } if status != StatusCode::OK => {
                Self::Status { status }
            }
            HttpError::TooLarge { .. } => Self::TooLarge,
            _ => Self::Unreachable,
        }
    }
}

impl From<InvalidMetadata> for DocumentError {
    fn from(source: InvalidMetadata) -> Self {
        Self::Metadata { source }
    }
}

/// What a document has besides the metadata of any client.
#[derive(Deserialize)]
struct Document {
    client_id: String,
    client_secret: Option<IgnoredAny>,
    client_secret_expires_at: Option<IgnoredAny>,
    jwks: Option<Value>,
    token_endpoint_auth_method: Option<String>,
}

fn read(
    url: &DocumentUrl,
    body: &[u8],
    known: &KnownClients,
) -> Result<ClientMetadata, DocumentError> {
    let metadata = RequestedMetadata::from_json(body)?;
    let document: Document = serde_json::from_slice(body).map_err(|_| InvalidMetadata::Syntax)?;
    if document.client_id != url.as_str() {
        return Err(DocumentError::ForeignClientId);
    }
    if document.client_secret.is_some()
        || document.client_secret_expires_at.is_some()
        || document.jwks.as_ref().is_some_and(has_private_key)
    {
        return Err(DocumentError::Leaked);
    }
    // Who would rather sign, with private_key_jwt, is treated as the public client that anybody is
    // here; the document is the same for all servers, and says what it would do at some.
    let method = document.token_endpoint_auth_method.as_deref();
    if method.is_some_and(|method| method.starts_with("client_secret")) {
        return Err(DocumentError::SharedSecret);
    }
    Ok(metadata.accept(known)?)
}

/// Whether a JWK Set has what RFC 7518 section 6 keeps to the owner of a key.
fn has_private_key(jwks: &Value) -> bool {
    let keys = jwks.get("keys").and_then(Value::as_array);
    keys.into_iter().flatten().any(|key| {
        let has = |member: &&str| key.get(member).is_some();
        ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"]
            .iter()
            .any(has)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers
        .get(CONTENT_TYPE)
        .and_then(|text| text.to_str().ok());
    let essence = declared.and_then(|declared| declared.split(';').next());
    essence.is_some_and(|essence| {
        let essence = essence.trim().to_ascii_lowercase();
        essence == "application/json"
            || essence.starts_with("application/") && essence.ends_with("+json")
    })
}

/// The limit that the draft recommends.
const MAX_BYTES: usize = 5 * 1024;
const TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
