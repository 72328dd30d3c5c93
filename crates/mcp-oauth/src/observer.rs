//! What was decided about requests, for metrics and audit.

use std::fmt;

use mcp_oauth_token::{Check, Principal, ScopeSet};

/// Is told of every decision.
pub trait AuthObserver: fmt::Debug + Send + Sync {
    /// A request was decided about: each token once, once more if it is short of scopes, and once
    /// more if an answer that goes on ends because it is not accepted any more. It is called on the
    /// way of the request, and must not block.
    fn decided(&self, provider: &'static str, decision: Decision<'_>);
}

/// What was decided.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Decision<'a> {
    /// The token was accepted.
    Accepted {
        /// Who it stands for.
        principal: &'a Principal,
        /// Whether only expiry and key had to be checked.
        from_cache: bool,
    },
    /// The token is short of scopes.
    Forbidden {
        /// Who it stands for.
        principal: &'a Principal,
        /// All that the message needs.
        needed: &'a ScopeSet,
    },
    /// What stands in the `Authorization` header is no bearer token.
    Malformed,
    /// There is no token.
    Missing,
    /// The token was not accepted.
    Rejected {
        /// The check that failed.
        check: Check,
    },
    /// It could not be decided.
    Unavailable,
}

impl Decision<'_> {
    /// The word for it, in metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Forbidden { .. } => "forbidden",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::Rejected { .. } => "rejected",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Who does not look.
#[derive(Debug)]
pub(crate) struct Unobserved;

impl AuthObserver for Unobserved {
    fn decided(&self, _provider: &'static str, _decision: Decision<'_>) {}
}
