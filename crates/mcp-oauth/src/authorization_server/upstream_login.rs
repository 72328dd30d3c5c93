//! Grants of people who logged in at an identity provider.

use futures_util::future::BoxFuture;
use mcp_oauth_provider::{Login, LoginError};
use mcp_oauth_token::ScopeSet;
use secrecy::SecretString;

use super::upstream::{RefreshFailure, Refreshed, Upstream};

/// Renews and ends grants at the provider that people log in at.
#[derive(Debug)]
pub(super) struct UpstreamLogin {
    pub(super) login: Login,
    /// What there is to ask for.
    pub(super) scopes: ScopeSet,
}

impl Upstream for UpstreamLogin {
    fn refresh<'a>(
        &'a self,
        refresh_token: &'a SecretString,
    ) -> BoxFuture<'a, Result<Refreshed, RefreshFailure>> {
        Box::pin(async move {
            match self.login.refresh(refresh_token, &self.scopes, None).await {
                Ok(refreshed) => Ok(Refreshed {
                    refresh_token: refreshed.refresh_token,
                }),
                Err(LoginError::Unavailable {
                    reason,
                    retry_after,
                }) => {
                    tracing::warn!(reason, "a grant is not renewed now: no answer");
                    Err(RefreshFailure::Unavailable { retry_after })
                }
                // It says nothing about the grant, and has to be put right.
                Err(error @ LoginError::Misconfigured { .. }) => {
                    tracing::error!(%error, "no grant can be renewed");
                    Err(RefreshFailure::Unavailable { retry_after: LATER })
                }
                Err(error) => {
                    tracing::info!(%error, "a grant is over");
                    Err(RefreshFailure::Ended)
                }
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

const LATER: std::time::Duration = std::time::Duration::from_secs(60);
