//! The identity provider, as far as renewing and ending grants needs it.

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::grant::Grant;

/// Renews and ends what an identity provider granted. Every exchange with it ends by a deadline of its
/// own, of at most 10 seconds; there may be several to one call.
pub(crate) trait Upstream: fmt::Debug + Send + Sync {
    /// Asks for `grant` to go on.
    fn refresh<'a>(
        &'a self,
        refresh_token: &'a SecretString,
        grant: &'a Grant,
    ) -> BoxFuture<'a, Result<Refreshed, RefreshFailure>>;

    /// Gives the grant back (RFC 7009), as far as that can be done.
    fn revoke<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, ()>;
}

/// The grant goes on.
#[derive(Debug, Default)]
pub(crate) struct Refreshed {
    /// The refresh token to use from now on, if it is another one.
    pub(crate) refresh_token: Option<SecretString>,
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
    ) -> BoxFuture<'a, Result<Refreshed, RefreshFailure>> {
        // A token of a provider that was configured once.
        Box::pin(async { Err(RefreshFailure::Ended) })
    }

    fn revoke<'a>(&'a self, _refresh_token: &'a SecretString) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}
