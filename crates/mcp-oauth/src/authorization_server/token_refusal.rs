//! What the token and revocation endpoints answer when they refuse.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE},
};
use http_body_util::Full;

use super::{background::Undone, endings::NotEnded, store::StoreError};

/// Why the token endpoint gives no token (RFC 6749 section 5.2).
///
/// The answer is the same whichever check failed: who guesses codes and tokens learns nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenRefusal {
    /// The client is not known, and has to register again.
    InvalidClient,
    /// The client presents credentials, and no client here has any.
    CredentialsOfClient,
    /// The code or refresh token is none that this client may use here and now.
    InvalidGrant,
    /// The request is not as it has to be.
    InvalidRequest(&'static str),
    /// More is asked for than was allowed.
    InvalidScope,
    /// A token is asked for another resource than was allowed (RFC 8707 section 2).
    InvalidTarget,
    /// It is no POST.
    MethodNotAllowed,
    /// We failed.
    ServerError,
    /// The client registered without this grant type.
    UnauthorizedClient,
    /// It cannot be decided now.
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
    /// Nobody gets tokens like this here.
    UnsupportedGrantType,
}

impl TokenRefusal {
    /// The whole answer.
    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let body = serde_json::json!({
            "error": self.error(),
            "error_description": self.description(),
        });
        let mut reply = json_response(self.status(), body.to_string());
        let headers = reply.headers_mut();
        match self {
            Self::CredentialsOfClient => {
                // RFC 7617 section 2 asks for a realm.
                let challenge = HeaderValue::from_static("Basic realm=\"OAuth\"");
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            Self::MethodNotAllowed => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            Self::Unavailable { retry_after } => {
                let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
                let seconds = seconds.clamp(1, MAX_RETRY_AFTER);
                headers.insert(RETRY_AFTER, seconds.into());
            }
            _ => {}
        }
        reply
    }

    const fn status(self) -> StatusCode {
        match self {
            // Only a client that authenticated in a header is answered by 401.
            Self::CredentialsOfClient => StatusCode::UNAUTHORIZED,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    const fn error(self) -> &'static str {
        match self {
            Self::CredentialsOfClient | Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRequest(_) | Self::MethodNotAllowed => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::ServerError => "server_error",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::Unavailable { .. } => "temporarily_unavailable",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::CredentialsOfClient => {
                "Clients have no credentials here: send client_id in the form, and no Authorization."
            }
            Self::InvalidClient => "The client is not known here, or not any more: register again.",
            Self::InvalidGrant => "It is not valid here, or not any more: log in again.",
            Self::InvalidRequest(problem) => problem,
            Self::InvalidScope => "More is asked for than was allowed.",
            Self::InvalidTarget => "The token was allowed for another resource.",
            Self::MethodNotAllowed => "This endpoint takes POST.",
            Self::ServerError => "The server failed.",
            Self::UnauthorizedClient => "The client registered without this grant type.",
            Self::Unavailable { .. } => "It cannot be decided now; try again later.",
            Self::UnsupportedGrantType => {
                "The grant types here are authorization_code and refresh_token."
            }
        }
    }
}

/// Without the store nothing can be decided, and nothing is given out that it may not allow.
impl From<StoreError> for TokenRefusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "tokens can be neither given out nor revoked: the store does not do its part",
        );
        Self::Unavailable { retry_after: SOON }
    }
}

impl From<Undone> for TokenRefusal {
    fn from(error: Undone) -> Self {
        tracing::error!(%error, "tokens can be neither renewed nor revoked now");
        Self::Unavailable { retry_after: SOON }
    }
}

impl From<NotEnded> for TokenRefusal {
    fn from(error: NotEnded) -> Self {
        match error {
            NotEnded::Store(error) => error.into(),
            NotEnded::Undone(error) => error.into(),
        }
    }
}

/// An answer with JSON that nobody keeps (RFC 6749 section 5.1).
pub(super) fn json_response(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::from(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}

const SOON: Duration = Duration::from_secs(5);
/// Long enough for any outage to be tried again before anybody gives up.
const MAX_RETRY_AFTER: u64 = 300;
