//! Why a login ends without a code.

/// Why a login ends without a code, as the client is told (RFC 6749 section 4.1.2.1). Texts are
/// fixed: nothing that anybody sent comes back in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.code(), self.description())]
pub(super) enum AuthorizeError {
    /// The user or the identity provider says no.
    AccessDenied,
    /// It would have to be done without asking anybody (OpenID Connect Core 1.0 section 3.1.2.6).
    InteractionRequired,
    /// The request is not as it has to be.
    InvalidRequest(&'static str),
    /// None of the scopes is known here.
    InvalidScope,
    /// Tokens for another resource are given by others (RFC 8707 section 2).
    InvalidTarget,
    /// RFC 9101 section 6.3.
    RequestNotSupported,
    /// RFC 9101 section 6.3.
    RequestUriNotSupported,
    /// The identity provider did something unexpected, or this server did.
    ServerError,
    /// It cannot be done now.
    TemporarilyUnavailable,
    /// RFC 6749 section 3.1.1.
    UnsupportedResponseType,
}

impl AuthorizeError {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::InteractionRequired => "interaction_required",
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnsupportedResponseType => "unsupported_response_type",
        }
    }

    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::AccessDenied => "Access was not granted.",
            Self::InteractionRequired => "Every login here asks the user.",
            Self::InvalidRequest(problem) => problem,
            Self::InvalidScope => "None of the scopes is known here.",
            Self::InvalidTarget => "The resource is not the one that this server protects.",
            Self::RequestNotSupported => "The parameter request is not supported.",
            Self::RequestUriNotSupported => "The parameter request_uri is not supported.",
            Self::ServerError => "The login failed.",
            Self::TemporarilyUnavailable => "The login cannot be done now. Try again later.",
            Self::UnsupportedResponseType => "The only response_type is code.",
        }
    }
}
