//! How a grant is renewed, and the next generation of refresh tokens made current.

use std::{sync::Arc, time::Duration};

use mcp_oauth_token::Clock;
use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use crate::authorization_server::{
    background::Background,
    endings::{Endings, NotEnded},
    event::GrantEvent,
    family::{Families, FamilyId, LiveFamily, StoredFamily},
    grant::{Grant, Renewal},
    rotation::Rotation,
    store::StoreError,
    token_refusal::TokenRefusal,
    upstream::{RefreshFailure, Refreshed, Upstream},
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

    /// Waits until all renewals have come to their end.
    pub(super) async fn drain(&self) {
        self.background.drain().await;
    }

    /// Renews a grant whose current refresh token was presented. `None` if somebody else does, or
    /// did.
    pub(super) async fn renew(&self, id: &FamilyId, found: StoredFamily) -> Outcome {
        let (steps, id) = (self.steps.clone(), id.clone());
        let told = self.background.told(|tell| async move {
            // Nobody may be there to hear it.
            let _ = tell.send(steps.renew(&id, &found).await);
        });
        told.await.unwrap_or_else(|undone| Err(undone.into()))
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
    async fn renew(&self, id: &FamilyId, found: &StoredFamily) -> Outcome {
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
        loop {
            match self.settle(id, &begun, token, &refreshed).await {
                Ok(Some(outcome)) => return outcome,
                // Somebody wrote in between.
                Ok(None) if Instant::now() < lease_ends => {}
                Ok(None) => return Ok(None),
                Err(error) if Instant::now() + PAUSE < lease_ends => {
                    tracing::warn!(%error, "what became of a grant is not stored yet");
                    sleep(PAUSE).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Takes the lease. `None` if somebody else did.
    async fn begin(&self, found: &StoredFamily) -> Result<Option<LiveFamily>, StoreError> {
        let family = &found.family;
        let begun = family.with_rotation(family.rotation.begun(self.clock.now()));
        let is_ours = self.families.replace(found, &begun).await?;
        Ok(is_ours.then_some(begun))
    }

    /// Stores what the provider said. `None` if that is to be tried again.
    async fn settle(
        &self,
        id: &FamilyId,
        begun: &LiveFamily,
        token: &SecretString,
        refreshed: &Refreshed,
    ) -> Result<Option<Outcome>, NotEnded> {
        let found = match self.families.find(id).await? {
            Some(found) if found.family.rotation == begun.rotation => found,
            // Somebody came after the lease was over.
            Some(_) => return Ok(Some(Ok(None))),
            None => {
                self.give_back(refreshed);
                return Ok(Some(Ok(None)));
            }
        };
        let token = refreshed.refresh_token.as_ref().unwrap_or(token);
        let renewal = Renewal::Upstream(token.clone());
        match &refreshed.verdict {
            Ok(scopes) => {
                let grant = begun.grant.renewed(renewal, scopes.clone());
                let finished = self.finish(id, &found, grant).await?;
                Ok(finished.map(|family| Ok(Some(family))))
            }
            Err(RefreshFailure::Ended) => {
                self.endings.end(id, GrantEvent::EndedUpstream).await?;
                self.give_back(refreshed);
                Ok(Some(Err(TokenRefusal::InvalidGrant)))
            }
            Err(RefreshFailure::Unavailable { retry_after }) => {
                let (abandoned, retry_after) = (begun.abandoned(renewal), *retry_after);
                let is_done = self.families.replace(&found, &abandoned).await?;
                Ok(is_done.then_some(Err(TokenRefusal::Unavailable { retry_after })))
            }
        }
    }

    /// The family has ended, and never had the token that the provider sent.
    fn give_back(&self, refreshed: &Refreshed) {
        if let Some(token) = &refreshed.refresh_token {
            self.endings.give_back(token.clone());
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
}

/// What comes of a renewal: the family, or `None` if somebody else renews it or did.
type Outcome = Result<Option<LiveFamily>, TokenRefusal>;

/// What is left of the lease, once the provider has answered or not.
const FOR_THE_STORE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use std::future::pending;

    use crate::authorization_server::replica::World;

    // RFC 6749 section 5.2 has no word for it; an error of the grant would end the login.
    #[tokio::test]
    async fn while_too_much_is_under_way_a_login_is_not_renewed_and_not_lost() {
        let world = World::new();
        let server = world.replica();
        let tokens = server.log_in_upstream().await;
        let background = &server.tokens.refresh_tokens.renewer.background;
        while background.begin(pending()).is_ok() {}
        let answer = server.refresh(tokens.refresh_token(), &[]).await;
        answer.expect(503, "temporarily_unavailable");
        assert_eq!(answer.headers["retry-after"], "5");
        assert_eq!(world.upstream.calls(), 0);
        let other = world.replica();
        let answer = other.refresh(tokens.refresh_token(), &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
