//! How a grant is renewed, and the next generation of refresh tokens made current.

use std::{sync::Arc, time::Duration};

use mcp_oauth_token::Clock;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::authorization_server::{
    background::Background,
    endings::Endings,
    event::GrantEvent,
    family::{Families, FamilyId, LiveFamily, StoredFamily},
    grant::{Grant, Renewal},
    rotation::Rotation,
    store::StoreError,
    token_refusal::TokenRefusal,
    upstream::{RefreshFailure, Upstream},
};

/// Renews grants.
///
/// A renewal that began goes on when the request that asked for it goes away. A lease that was taken
/// keeps everybody else waiting. And a provider that rotates its own refresh tokens has taken the
/// old one back by then: the new one must get into the store.
#[derive(Debug)]
pub(super) struct Renewer {
    steps: Steps,
    background: Background,
}

impl Renewer {
    pub(super) fn new(
        families: Arc<Families>,
        endings: Arc<Endings>,
        upstream: Arc<dyn Upstream>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            steps: Steps {
                families,
                endings,
                upstream,
                clock,
            },
            background: Background::default(),
        }
    }

    /// Renews a grant whose current refresh token was presented. `None` if somebody else does, or
    /// did.
    pub(super) async fn renew(
        &self,
        id: &FamilyId,
        found: StoredFamily,
    ) -> Result<Option<LiveFamily>, TokenRefusal> {
        let (steps, id) = (self.steps.clone(), id.clone());
        let told = self.background.told(|tell| async move {
            // Nobody may be there to hear it.
            let _ = tell.send(steps.renew(&id, &found).await);
        });
        told.await
            .unwrap_or_else(|undone| Err(StoreError::unavailable(undone).into()))
    }
}

/// The steps that a renewal takes.
#[derive(Clone, Debug)]
struct Steps {
    families: Arc<Families>,
    endings: Arc<Endings>,
    upstream: Arc<dyn Upstream>,
    clock: Arc<dyn Clock>,
}

impl Steps {
    async fn renew(
        &self,
        id: &FamilyId,
        found: &StoredFamily,
    ) -> Result<Option<LiveFamily>, TokenRefusal> {
        let token = match &found.family.grant.renewal {
            Renewal::Never => return Err(TokenRefusal::InvalidGrant),
            Renewal::Ourselves => {
                let grant = found.family.grant.clone();
                return Ok(self.finish(id, found, grant).await?);
            }
            Renewal::Upstream(token) => token,
        };
        let lease_ends = Instant::now() + Rotation::LEASE;
        let Some(begun) = self.begin(found).await? else {
            return Ok(None);
        };
        // As long as the call may still be on its way, nobody is to make another one.
        let within = (lease_ends - FOR_THE_STORE).saturating_duration_since(Instant::now());
        let asked = self.upstream.refresh(token, &begun.grant, within);
        let refreshed = asked.await;
        let token = refreshed.refresh_token.unwrap_or_else(|| token.clone());
        match refreshed.verdict {
            Ok(scopes) => {
                let grant = begun.grant.renewed(Renewal::Upstream(token), scopes);
                self.renewed(id, &begun, grant).await
            }
            Err(failure) => self.failed(id, &begun, token, failure).await,
        }
    }

    /// Takes the lease. `None` if somebody else did.
    async fn begin(&self, found: &StoredFamily) -> Result<Option<LiveFamily>, StoreError> {
        let family = &found.family;
        let begun = family.with_rotation(family.rotation.begun(self.clock.now()));
        let is_ours = self.families.replace(found, &begun).await?;
        Ok(is_ours.then_some(begun))
    }

    async fn renewed(
        &self,
        id: &FamilyId,
        begun: &LiveFamily,
        grant: Grant,
    ) -> Result<Option<LiveFamily>, TokenRefusal> {
        match self.still(id, begun).await? {
            Some(found) => Ok(self.finish(id, &found, grant).await?),
            None => Ok(None),
        }
    }

    async fn failed(
        &self,
        id: &FamilyId,
        begun: &LiveFamily,
        token: SecretString,
        failure: RefreshFailure,
    ) -> Result<Option<LiveFamily>, TokenRefusal> {
        let Some(found) = self.still(id, begun).await? else {
            return Ok(None);
        };
        match failure {
            RefreshFailure::Ended => {
                self.endings.end(id, GrantEvent::EndedUpstream).await?;
                Err(TokenRefusal::InvalidGrant)
            }
            RefreshFailure::Unavailable { retry_after } => {
                let abandoned = begun.abandoned(Renewal::Upstream(token));
                self.families.replace(&found, &abandoned).await?;
                Err(TokenRefusal::Unavailable { retry_after })
            }
        }
    }

    /// Makes the next generation current. `None` if what was found is not there any more.
    async fn finish(
        &self,
        id: &FamilyId,
        found: &StoredFamily,
        grant: Grant,
    ) -> Result<Option<LiveFamily>, StoreError> {
        let (now, lifetimes) = (self.clock.now(), self.families.lifetimes());
        let renewed = found.family.renewed(grant, now, lifetimes);
        if !self.families.replace(found, &renewed).await? {
            return Ok(None);
        }
        self.families.observe(GrantEvent::Refreshed, id, &renewed);
        Ok(Some(renewed))
    }

    /// What is in the store, if the lease is still ours. Somebody may have come after it was over,
    /// or the family may have ended.
    async fn still(
        &self,
        id: &FamilyId,
        begun: &LiveFamily,
    ) -> Result<Option<StoredFamily>, StoreError> {
        let found = self.families.find(id).await?;
        Ok(found.filter(|found| found.family.rotation == begun.rotation))
    }
}

/// What is left of the lease, once the provider has answered or not.
const FOR_THE_STORE: Duration = Duration::from_secs(4);
