//! What happens to grants, for audit and metrics.

use std::fmt;

use super::grant::Grant;

/// Is told what happens to grants.
pub trait GrantObserver: fmt::Debug + Send + Sync {
    /// Something happened. It is called on the way of the request, and must not block.
    fn observe(&self, event: GrantEvent, grant: &GrantSummary<'_>);
}

/// What happened to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GrantEvent {
    /// A client got its first tokens.
    Begun,
    /// Somebody used an authorization code again: all tokens of the grant have ended.
    CodeReused,
    /// The identity provider took it back: all tokens of the grant have ended.
    EndedUpstream,
    /// The store lost what became of it: all tokens of the grant have ended.
    Lost,
    /// A client got new tokens.
    Refreshed,
    /// Somebody used a refresh token that had been replaced: all tokens of the grant have ended.
    RefreshReused,
    /// The client gave it back: all tokens of the grant have ended.
    Revoked,
}

impl GrantEvent {
    /// The word for it, in audit events and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::CodeReused => "code_reuse",
            Self::EndedUpstream => "ended_upstream",
            Self::Lost => "lost",
            Self::RefreshReused => "refresh_reuse",
            Self::Refreshed => "refreshed",
            Self::Revoked => "revoked",
        }
    }
}

/// Whose grant it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrantSummary<'a> {
    /// Who vouches for whoever logged in.
    pub issuer: &'a str,
    /// Who they are to the issuer.
    pub subject: &'a str,
    /// Their name, for people.
    pub name: Option<&'a str>,
    /// The client that acts for them.
    pub client_id: &'a str,
    /// Tells the grants of one login from those of another. It is no secret.
    pub family: &'a str,
}

impl<'a> GrantSummary<'a> {
    pub(super) fn new(family: &'a str, grant: &'a Grant) -> Self {
        Self {
            issuer: &grant.identity.issuer,
            subject: &grant.identity.subject,
            name: grant.identity.name.as_deref(),
            client_id: &grant.client_id,
            family,
        }
    }
}

/// Who does not look.
#[derive(Debug)]
pub(crate) struct Unobserved;

impl GrantObserver for Unobserved {
    fn observe(&self, _event: GrantEvent, _grant: &GrantSummary<'_>) {}
}
