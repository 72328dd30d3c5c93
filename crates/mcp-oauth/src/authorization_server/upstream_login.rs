//! Grants of people who logged in at an identity provider.

use std::time::Duration;

use futures_util::future::BoxFuture;
use mcp_oauth_provider::{Login, LoginError};
use secrecy::SecretString;

use super::{
    grant::Grant,
    upstream::{RefreshFailure, Refreshed, Upstream},
};

/// Renews and ends grants at the provider that people log in at.
#[derive(Debug)]
pub(super) struct UpstreamLogin(pub(super) Login);

impl Upstream for UpstreamLogin {
    fn refresh<'a>(
        &'a self,
        refresh_token: &'a SecretString,
        grant: &'a Grant,
    ) -> BoxFuture<'a, Result<Refreshed, RefreshFailure>> {
        Box::pin(async move {
            let subject = Some(grant.identity.subject.as_str());
            let renewed = self.0.refresh(refresh_token, &grant.scopes, subject);
            match renewed.await {
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
            if let Err(error) = self.0.revoke(refresh_token).await {
                tracing::warn!(%error, "the identity provider was not told that a grant is over");
            }
        })
    }
}

const LATER: Duration = Duration::from_secs(60);
