//! Grants of people who logged in at an identity provider.

use std::time::Duration;

use futures_util::future::BoxFuture;
use mcp_oauth_provider::{Login, LoginError, ScopeRules};
use mcp_oauth_token::{Check, Principal, ScopeSet};
use secrecy::SecretString;

use super::{
    grant::Grant,
    upstream::{RefreshFailure, Refreshed, Upstream},
};

/// Renews and ends grants at the provider that people log in at.
#[derive(Debug)]
pub(super) struct UpstreamLogin {
    pub(super) login: Login,
    pub(super) scopes: ScopeRules,
}

impl Upstream for UpstreamLogin {
    fn refresh<'a>(
        &'a self,
        refresh_token: &'a SecretString,
        grant: &'a Grant,
        within: Duration,
    ) -> BoxFuture<'a, Refreshed> {
        Box::pin(async move {
            let subject = Some(grant.identity.subject.as_str());
            let login = &self.login;
            let asked = login.refresh(refresh_token, &grant.scopes, subject, within);
            match asked.await {
                Ok(refreshed) => Refreshed {
                    refresh_token: refreshed.refresh_token,
                    verdict: match refreshed.principal {
                        Ok(Some(principal)) => self.scopes_left(grant, &principal),
                        // It says nothing new.
                        Ok(None) => Ok(grant.scopes.clone()),
                        Err(error) => Err(failure(error)),
                    },
                },
                Err(error) => Refreshed::failed(failure(error)),
            }
        })
    }

    fn revoke<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.login.revoke(refresh_token).await {
                tracing::warn!(%error, "the identity provider was not told that a grant is over");
            }
        })
    }
}

impl UpstreamLogin {
    /// What the account may have now of what was allowed.
    fn scopes_left(
        &self,
        grant: &Grant,
        principal: &Principal,
    ) -> Result<ScopeSet, RefreshFailure> {
        let left = self.scopes.common(&grant.scopes, &principal.scopes);
        if left.is_empty() {
            tracing::info!("a grant is over: the account may have nothing of it any more");
            return Err(RefreshFailure::Ended);
        }
        Ok(left)
    }
}

/// What an error says about a grant.
fn failure(error: LoginError) -> RefreshFailure {
    match &error {
        LoginError::Unavailable {
            reason,
            retry_after,
        } => {
            tracing::warn!(reason, "a grant is not renewed now: no answer");
            RefreshFailure::Unavailable {
                retry_after: *retry_after,
            }
        }
        // It says nothing about the grant, and has to be put right.
        LoginError::Misconfigured { .. } => {
            tracing::error!(%error, "no grant can be renewed");
            RefreshFailure::Unavailable { retry_after: LATER }
        }
        LoginError::Rejected(rejection) if may_pass_later(rejection.check()) => {
            tracing::warn!(%error, "a grant is not renewed now");
            RefreshFailure::Unavailable { retry_after: SOON }
        }
        _ => {
            tracing::info!(%error, "a grant is over");
            RefreshFailure::Ended
        }
    }
}

/// Whether the check says nothing about the account: a key may be newer than the keys that could be
/// fetched, and one of two clocks be wrong.
const fn may_pass_later(check: Check) -> bool {
    matches!(
        check,
        Check::Expiry | Check::IssuedAt | Check::Key | Check::NotBefore
    )
}

/// Keys are fetched again by then.
const SOON: Duration = Duration::from_secs(30);
const LATER: Duration = Duration::from_secs(60);
