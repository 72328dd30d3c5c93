//! What becomes of logins, for audit and metrics.

use std::fmt;

use mcp_oauth_token::Principal;

/// Is told what becomes of logins.
pub trait LoginObserver: fmt::Debug + Send + Sync {
    /// A login ended. It is called on the way of the request, and must not block.
    fn ended(&self, client_id: &str, end: LoginEnd<'_>);
}

/// How a login ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LoginEnd<'a> {
    /// Somebody logged in, and the client got its code.
    Allowed {
        /// Who it is, with what was allowed.
        principal: &'a Principal,
    },
    /// Somebody denied it, on our page or at the identity provider.
    Denied,
    /// The identity provider failed, or what it said did not hold; or this server failed.
    Failed,
    /// Somebody logged in who may not enter, or gave a wrong code.
    Refused,
}

impl LoginEnd<'_> {
    /// The word for it, in audit events and metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Allowed { .. } => "allowed",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// Who does not look.
#[derive(Debug)]
pub(super) struct Unobserved;

impl LoginObserver for Unobserved {
    fn ended(&self, _client_id: &str, _end: LoginEnd<'_>) {}
}
