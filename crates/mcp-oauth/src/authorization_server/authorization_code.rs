//! Authorization codes: what a client gets at the end of a login, and takes to the token endpoint.

use std::{sync::Arc, time::Duration};

use mcp_oauth_token::{Clock, ScopeSet, UnixTime};
use serde::{Deserialize, Serialize};

use super::{
    clock_skew,
    code_challenge::CodeChallenge,
    endings::Endings,
    event::GrantEvent,
    family::{Families, FamilyId, LiveFamily},
    grant::Grant,
    store::{SealedStore, StoreError},
    token_refusal::TokenRefusal,
    token_request::{Offer, TokenRequest},
    unguessable::unguessable,
    unix_millis,
};

/// The codes that are on their way (RFC 6749 section 4.1).
///
/// The family of a code has its name before it begins, and a family begins once: that is what makes
/// a code good for one use, however many servers it is presented to at the same time. A code is
/// remembered beyond its life, so that its second use is noticed.
#[derive(Debug)]
pub(crate) struct Codes {
    store: SealedStore,
    families: Arc<Families>,
    endings: Arc<Endings>,
    clock: Arc<dyn Clock>,
}

impl Codes {
    pub(crate) const fn new(
        store: SealedStore,
        families: Arc<Families>,
        endings: Arc<Endings>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            families,
            endings,
            clock,
        }
    }

    /// Makes a code for what somebody allowed, to be sent to `redirect_uri`.
    pub(crate) async fn issue(
        &self,
        grant: Grant,
        code_challenge: CodeChallenge,
        redirect_uri: &str,
    ) -> Result<String, StoreError> {
        let random = unguessable().zip(FamilyId::random());
        let (code, family) =
            random.ok_or_else(|| StoreError::unavailable("the system gives no random bytes"))?;
        let record = Record {
            grant,
            code_challenge,
            redirect_uri: redirect_uri.to_owned(),
            family,
            issued_at: self.clock.now(),
        };
        let is_new = self.store.put_new(KIND, code.as_bytes(), &record, MEMORY);
        if is_new.await? {
            Ok(code)
        } else {
            Err(StoreError::unavailable("a random number came twice"))
        }
    }

    /// Begins the family of a code.
    ///
    /// A request that is not by the client that the code is for changes nothing: without the
    /// verifier nobody can use up a code, nor end what came of it.
    pub(crate) async fn redeem(
        &self,
        request: &TokenRequest<'_>,
        offer: &Offer,
    ) -> Result<Redeemed, TokenRefusal> {
        let code = request.form.value("code");
        let code = code.ok_or(TokenRefusal::InvalidRequest("The code is missing."))?;
        // Not looked for unless it could be one.
        if code.len() != CODE_LEN {
            return Err(TokenRefusal::InvalidGrant);
        }
        let stored = self.store.get::<Record>(KIND, code.as_bytes()).await?;
        let record = stored.ok_or(TokenRefusal::InvalidGrant)?.value;
        if !record.is_for(request) {
            return Err(TokenRefusal::InvalidGrant);
        }
        let scopes = request.scopes_of(&record.grant, offer)?;
        if clock_skew::lives(record.issued_at, LIFETIME, self.clock.now()) {
            let family = self.families.begin(&record.family, record.grant).await?;
            if let Some(family) = family {
                return Ok(Redeemed {
                    id: record.family,
                    family,
                    scopes,
                });
            }
        }
        // RFC 6749 section 4.1.2: "If an authorization code is used more than once, the
        // authorization server MUST deny the request and SHOULD revoke (when possible) all tokens
        // previously issued based on that authorization code."
        let ended = self.endings.end(&record.family, GrantEvent::CodeReused);
        ended.await?;
        Err(TokenRefusal::InvalidGrant)
    }
}

/// A family that has begun.
#[derive(Debug)]
pub(crate) struct Redeemed {
    pub(crate) id: FamilyId,
    pub(crate) family: LiveFamily,
    pub(crate) scopes: ScopeSet,
}

/// What the store holds of a code, under the code itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Record {
    grant: Grant,
    code_challenge: CodeChallenge,
    redirect_uri: String,
    family: FamilyId,
    #[serde(with = "unix_millis")]
    issued_at: UnixTime,
}

impl Record {
    /// Whether the code was sent to whoever made this request. OAuth 2.1 leaves out the redirect
    /// URI, since the verifier proves more; whoever sends it has to send the same one.
    fn is_for(&self, request: &TokenRequest<'_>) -> bool {
        let redirect_uri = request.form.value("redirect_uri");
        let verifier = request.form.value("code_verifier").unwrap_or_default();
        request.client_id == self.grant.client_id
            && redirect_uri.is_none_or(|uri| uri == self.redirect_uri)
            && self.code_challenge.is_met_by(verifier)
    }
}

const KIND: &str = "code";
/// 32 bytes as text.
const CODE_LEN: usize = 43;
const LIFETIME: Duration = Duration::from_secs(60);
const MEMORY: Duration = Duration::from_secs(10 * 60);

#[cfg(test)]
mod tests;
