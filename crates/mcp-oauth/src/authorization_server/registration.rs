//! Registration of clients (RFC 7591).

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA},
};
use http_body_util::Full;
use serde::Serialize;

use super::{
    client::{ApplicationType, ClientMetadata, ClientName},
    known_clients::KnownClients,
    redirect_uri::RedirectUri,
    requested_metadata::{InvalidMetadata, RequestedMetadata},
};
use crate::refusal::Reply;

/// A client that has been registered, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    client_id: String,
    metadata: ClientMetadata,
}

impl Registration {
    /// Registers what a request asks for. `client_id` makes an id of metadata, unless these are
    /// too large for one.
    pub(super) fn new(
        headers: &HeaderMap,
        body: &[u8],
        known: &KnownClients,
        client_id: impl FnOnce(&[u8]) -> Option<String>,
    ) -> Result<Self, InvalidRegistration> {
        if body.len() > MAX_BYTES {
            return Err(InvalidMetadata::TooLarge.into());
        }
        // Web pages may send anything else without asking.
        if !is_json(headers) {
            return Err(InvalidMetadata::Syntax.into());
        }
        let metadata = RequestedMetadata::from_json(body)?.accept(known)?;
        let canonical = serde_json::to_vec(&metadata).map_err(|_| InvalidMetadata::Syntax)?;
        let client_id = client_id(&canonical).ok_or(InvalidMetadata::TooLarge)?;
        Ok(Self {
            client_id,
            metadata,
        })
    }

    /// The id of the client.
    #[cfg(test)]
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The answer: all that was registered, which may be less than was asked for (RFC 7591 section
    /// 3.2.1).
    pub(crate) fn into_response(self) -> Reply {
        let Self {
            client_id,
            metadata,
        } = &self;
        let grant_types: &[_] = if metadata.may_refresh {
            &["authorization_code", "refresh_token"]
        } else {
            &["authorization_code"]
        };
        let registered = Registered {
            client_id,
            client_name: metadata.name.as_ref(),
            redirect_uris: &metadata.redirect_uris,
            grant_types,
            response_types: ["code"],
            token_endpoint_auth_method: "none",
            application_type: metadata.application_type,
        };
        json(StatusCode::CREATED, &registered)
    }
}

/// A client that was not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client is not registered")]
pub(crate) struct InvalidRegistration {
    #[from]
    source: InvalidMetadata,
}

impl InvalidRegistration {
    /// The answer (RFC 7591 section 3.2.2).
    pub(crate) fn into_response(self) -> Reply {
        let problem = Problem {
            error: self.source.code(),
            error_description: self.source.to_string(),
        };
        json(StatusCode::BAD_REQUEST, &problem)
    }
}

#[derive(Serialize)]
struct Registered<'a> {
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a ClientName>,
    redirect_uris: &'a [RedirectUri],
    grant_types: &'a [&'static str],
    response_types: [&'static str; 1],
    token_endpoint_auth_method: &'static str,
    application_type: ApplicationType,
}

#[derive(Serialize)]
struct Problem {
    error: &'static str,
    error_description: String,
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut declarations = headers.get_all(CONTENT_TYPE).iter();
    let (Some(declared), None) = (declarations.next(), declarations.next()) else {
        return false;
    };
    let essence = declared
        .to_str()
        .ok()
        .and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn json(status: StatusCode, body: &impl Serialize) -> Reply {
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}

const MAX_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests;
