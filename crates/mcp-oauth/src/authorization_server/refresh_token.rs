//! Refresh tokens: how they are written, and how they are used.

mod renewer;

use std::{sync::Arc, time::Duration};

use mcp_oauth_token::{Clock, ScopeSet};
use tokio::time::{Instant, sleep};

use self::renewer::Renewer;
use super::{
    endings::Endings,
    event::GrantEvent,
    family::{Families, FamilyId, LiveFamily},
    grant::Renewal,
    key_ring::{KeyRing, Purpose},
    rotation::{Presented, Rotation},
    sealed,
    token_refusal::TokenRefusal,
    token_request::{Offer, TokenRequest},
    upstream::Upstream,
};

/// Gives out refresh tokens, and takes them back for others (RFC 6749 section 6).
///
/// Each is good for one use ([`Rotation`]). Of any number of requests with the same one, on any
/// number of servers, one renews the grant, and the others wait for what it brings. Whatever becomes
/// of that one, the next request can go on after its lease.
#[derive(Debug)]
pub(crate) struct RefreshTokens {
    keys: Arc<KeyRing>,
    families: Arc<Families>,
    endings: Arc<Endings>,
    clock: Arc<dyn Clock>,
    renewer: Renewer,
}

impl RefreshTokens {
    pub(crate) fn new(
        keys: Arc<KeyRing>,
        families: Arc<Families>,
        endings: Arc<Endings>,
        upstream: Arc<dyn Upstream>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let renewer = Renewer::new(
            Arc::clone(&families),
            Arc::clone(&endings),
            upstream,
            Arc::clone(&clock),
        );
        Self {
            keys,
            families,
            endings,
            clock,
            renewer,
        }
    }

    /// Waits until all renewals have come to their end.
    pub(crate) async fn drain(&self) {
        self.renewer.drain().await;
    }

    /// The refresh token that a family has now. `None` if it has none.
    pub(crate) fn seal(&self, id: &FamilyId, family: &LiveFamily) -> Option<String> {
        if matches!(family.grant.renewal, Renewal::Never) {
            return None;
        }
        let generation = family.rotation.current().to_be_bytes();
        let plaintext = [&generation, id.as_str().as_bytes()].concat();
        // The same text for all who ask for the same generation.
        let purpose = Purpose::RefreshToken;
        Some(sealed::seal_deterministic(&self.keys, purpose, &plaintext))
    }

    /// The family that a token is of, and its generation. `None` if it is no refresh token.
    pub(crate) fn open(&self, token: &str) -> Option<(FamilyId, u64)> {
        let plaintext = sealed::open(&self.keys, Purpose::RefreshToken, token).ok()?;
        let (generation, id) = plaintext.split_first_chunk()?;
        let id = str::from_utf8(id).ok()?;
        Some((FamilyId::named(id), u64::from_be_bytes(*generation)))
    }

    /// Uses the token of a request.
    pub(crate) async fn refresh(
        &self,
        request: &TokenRequest<'_>,
        offer: &Offer,
    ) -> Result<Refreshed, TokenRefusal> {
        let token = request.form.value("refresh_token");
        let token = token.ok_or(TokenRefusal::InvalidRequest(
            "The refresh token is missing.",
        ))?;
        let (id, generation) = self.open(token).ok_or(TokenRefusal::InvalidGrant)?;
        let patience = Instant::now() + PATIENCE;
        // Until when somebody else had the lease, the last time it was looked.
        let mut leased_until = None;
        loop {
            let found = self.families.find(&id).await?;
            let found = found.ok_or(TokenRefusal::InvalidGrant)?;
            // Whoever asks for what they cannot have changes nothing.
            let scopes = request.scopes_of(&found.family.grant, offer)?;
            let now = self.clock.now();
            let family = match found.family.rotation.present(generation, now) {
                Presented::Predecessor => found.family,
                // Who had it gave it back: the provider renews nothing now, and all who waited
                // would only ask it the same.
                Presented::Current if leased_until.is_some_and(|until| now < until) => {
                    return Err(TokenRefusal::Unavailable { retry_after: LATER });
                }
                Presented::Current => match self.renewer.renew(&id, found).await? {
                    Some(family) => family,
                    // Somebody else was faster.
                    None => {
                        leased_until = Some(self.clock.now().saturating_add(Rotation::LEASE));
                        continue;
                    }
                },
                Presented::Pending { remaining } => {
                    if Instant::now() >= patience {
                        return Err(TokenRefusal::Unavailable {
                            retry_after: remaining,
                        });
                    }
                    leased_until = Some(now.saturating_add(remaining));
                    sleep(PAUSE).await;
                    continue;
                }
                Presented::Reused => return Err(self.end(&id, GrantEvent::RefreshReused).await),
                Presented::Unheard => return Err(self.end(&id, GrantEvent::Lost).await),
            };
            // The account may have less than it had when the request was read.
            let scopes = offer.scopes.common(&scopes, &family.grant.scopes);
            if scopes.is_empty() {
                return Err(TokenRefusal::InvalidScope);
            }
            return Ok(Refreshed { id, family, scopes });
        }
    }

    /// Ends the family, and says what to answer.
    async fn end(&self, id: &FamilyId, why: GrantEvent) -> TokenRefusal {
        match self.endings.end(id, why).await {
            Ok(()) => TokenRefusal::InvalidGrant,
            Err(error) => error.into(),
        }
    }
}

/// A family whose current token is to be given out.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) id: FamilyId,
    pub(crate) family: LiveFamily,
    pub(crate) scopes: ScopeSet,
}

/// How long a request waits for what another one brings.
const PATIENCE: Duration = Duration::from_secs(5);
/// When to try again what somebody else has just tried.
const LATER: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests;
