//! The identity provider, as far as renewing and ending grants needs it.

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;
use mcp_oauth_token::ScopeSet;
use secrecy::SecretString;

use super::grant::Grant;

/// Renews and ends what an identity provider granted.
pub(crate) trait Upstream: fmt::Debug + Send + Sync {
    /// Asks for `grant` to go on. It takes at most `within`.
    fn refresh<'a>(
        &'a self,
        refresh_token: &'a SecretString,
        grant: &'a Grant,
        within: Duration,
    ) -> BoxFuture<'a, Refreshed>;

    /// Gives the grant back (RFC 7009), as far as that can be done. The exchange ends by a deadline
    /// of its own.
    fn revoke<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, ()>;
}

/// What became of a grant.
#[derive(Debug)]
pub(crate) struct Refreshed {
    /// The refresh token to use from now on, if it is another one. It counts whatever the verdict
    /// is: the one before may be used up.
    pub(crate) refresh_token: Option<SecretString>,
    /// Whether the grant goes on, and for which scopes: at most those that it had.
    pub(crate) verdict: Result<ScopeSet, RefreshFailure>,
}

impl Refreshed {
    /// There is no answer, or none with tokens.
    pub(crate) const fn failed(failure: RefreshFailure) -> Self {
        Self {
            refresh_token: None,
            verdict: Err(failure),
        }
    }
}

/// Why a grant is not renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefreshFailure {
    /// It is over: taken back, expired, or for an account that may not enter any more.
    #[error("the identity provider has ended the grant")]
    Ended,
    /// The provider does not answer, or does not know us: that says nothing about the grant.
    #[error("the identity provider renews nothing now")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
}

/// No identity provider: people log in here.
#[derive(Debug)]
pub(crate) struct NoUpstream;

impl Upstream for NoUpstream {
    fn refresh<'a>(
        &'a self,
        _refresh_token: &'a SecretString,
        _grant: &'a Grant,
        _within: Duration,
    ) -> BoxFuture<'a, Refreshed> {
        // A token of a provider that was configured once.
        Box::pin(async { Refreshed::failed(RefreshFailure::Ended) })
    }

    fn revoke<'a>(&'a self, _refresh_token: &'a SecretString) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}
