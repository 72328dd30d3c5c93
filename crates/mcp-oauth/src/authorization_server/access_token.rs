//! Access tokens of our own (RFC 9068).

mod validator;

use std::{sync::Arc, time::Duration};

use mcp_oauth_provider::{Grants, ScopeRules};
use mcp_oauth_token::{
    Algorithm, BearerToken, Check, ClaimRules, Clock, ExpectedIssuer, HmacSigner, InvalidPolicy,
    IssuerAudience, JwtPolicy, JwtVerifier, KeyId, KeySource, MintError, Principal, PrincipalKind,
    Rejection, ScopeSet, UnusableKey, VerificationKey, VerifiedToken,
};
use serde_json::json;

use super::{
    family::{FamilyId, Lifetimes, LiveFamily},
    key_ring::{KeyRing, Purpose},
    unguessable::unguessable,
};

pub(crate) use validator::AccessTokenValidator;

/// Makes access tokens, and reads them.
///
/// They are signed with keys of their own: whoever knows the secret of the ring as a secret for
/// tokens can make none, and nothing else that the server seals or signs passes for one.
#[derive(Debug)]
pub(crate) struct AccessTokens {
    issuer: String,
    lifetime: Duration,
    signer: HmacSigner,
    verifier: JwtVerifier,
    clock: Arc<dyn Clock>,
}

impl AccessTokens {
    /// Tokens that `issuer` issues for `resource`, with scopes as `scopes` orders them.
    pub(crate) fn new(
        issuer: &str,
        resource: &str,
        scopes: ScopeRules,
        lifetime: Duration,
        keys: &KeyRing,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, UnusableTokens> {
        let newest = keys.newest(Purpose::AccessToken);
        let signer = HmacSigner::new(&newest.to_secret())?.with_kid(newest.id().to_string());
        let secrets = keys
            .all(Purpose::AccessToken)
            .zip(0..)
            .map(|(key, number)| {
                let secret = VerificationKey::from_secret(&key.to_secret(), KeyId::new(number))?;
                Ok::<_, UnusableKey>(secret.with_kid(&key.id().to_string()))
            });
        // Clients that ask for the resource with a trailing slash mean the same one.
        let audiences = vec![resource.to_owned(), format!("{resource}/")];
        let expected = ExpectedIssuer::Exact(issuer.to_owned());
        let pair = IssuerAudience::new(expected, audiences);
        let verifier = JwtVerifier::new(
            JwtPolicy::new(vec![pair], vec![Algorithm::Hs256]),
            KeySource::Secrets(secrets.collect::<Result<_, _>>()?),
            Arc::new(OwnClaims { scopes }),
            Arc::clone(&clock),
        )?;
        Ok(Self {
            issuer: issuer.to_owned(),
            lifetime: lifetime.min(Lifetimes::MAX_ACCESS_TOKEN),
            signer,
            verifier,
            clock,
        })
    }

    /// Makes a token of a family. It does not outlive the family.
    pub(crate) fn mint(
        &self,
        id: &FamilyId,
        family: &LiveFamily,
        scopes: &ScopeSet,
    ) -> Result<AccessToken, MintError> {
        let now = self.clock.now();
        let expires_in = self.lifetime.min(family.ends_at.saturating_since(now));
        let grant = &family.grant;
        let mut claims = json!({
            "iss": self.issuer,
            "aud": grant.resource,
            "sub": grant.identity.subject,
            "client_id": grant.client_id,
            "scope": scopes.to_string(),
            FAMILY: id.as_str(),
            "jti": unguessable().ok_or(MintError::Signature)?,
            "iat": now.as_secs(),
            "exp": now.saturating_add(expires_in).as_secs(),
        });
        for (name, value) in [
            ("name", &grant.identity.name),
            ("email", &grant.identity.email),
        ] {
            if let Some(value) = value {
                claims[name] = value.as_str().into();
            }
        }
        Ok(AccessToken {
            token: self.signer.sign(&claims)?,
            expires_in,
        })
    }
}

/// A token that was made.
#[derive(Debug)]
pub(crate) struct AccessToken {
    pub(crate) token: BearerToken,
    pub(crate) expires_in: Duration,
}

/// What the claims of our own tokens say.
#[derive(Debug)]
struct OwnClaims {
    scopes: ScopeRules,
}

impl ClaimRules for OwnClaims {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        // The signature says that we made it, and these that it is what it is here for.
        let header = token.header();
        if header.typ() != Some("at+jwt") || header.kid().is_none() {
            let detail = "it is none of the access tokens that are issued here";
            return Err(Rejection::new(Check::TokenType).detail(detail));
        }
        let claims = token.claims();
        if claims.text(FAMILY)?.is_none() {
            return Err(Rejection::new(Check::TokenType).detail("it is of no family"));
        }
        let granted: Vec<_> = claims
            .text("scope")?
            .unwrap_or_default()
            .split(' ')
            .map(str::to_owned)
            .collect();
        let text = |name| Ok::<_, Rejection>(claims.text(name)?.map(str::to_owned));
        let (issuer, subject) = (token.issuer(), token.subject());
        let mut principal =
            Principal::new(issuer, subject, PrincipalKind::User, token.expires_at());
        principal.client_id = text("client_id")?;
        principal.display_name = text("name")?;
        principal.email = text("email")?;
        principal.scopes = self.scopes.resolve(Grants {
            scopes: &granted,
            ..Grants::default()
        });
        Ok(principal)
    }
}

/// Why there can be no tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnusableTokens {
    #[error(transparent)]
    Key(#[from] UnusableKey),
    #[error(transparent)]
    Policy(#[from] InvalidPolicy),
}

const FAMILY: &str = "family";

#[cfg(test)]
mod tests;
