//! Verification of id tokens (OpenID Connect Core sections 3.1.3.6 to 3.1.3.8).

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mcp_oauth_token::{
    BearerToken, Check, ClaimRules, Claims, Clock, JwksStore, JwtHeader, JwtPolicy, JwtVerifier,
    KeySource, Principal, Quoted, Rejection, TokenValidator, VerifiedToken,
};
use ring::digest;
use secrecy::{ExposeSecret, SecretString};

use super::{LoginError, profile::LoginProfile};
use crate::discovery_document::DiscoveryDocument;

/// Verifies the id tokens that a provider issues to this server.
pub(super) struct IdTokens {
    pub(super) profile: Arc<LoginProfile>,
    pub(super) client_id: String,
    pub(super) leeway: Duration,
    pub(super) clock: Arc<dyn Clock>,
}

/// What one id token has to go with.
pub(super) struct Expected {
    /// What the authorization request said, after a login.
    pub(super) nonce: Option<String>,
    /// Whose login it is, after a refresh.
    pub(super) subject: Option<String>,
    /// The access token that came with it.
    pub(super) access_token: SecretString,
    /// The scopes that came with it.
    pub(super) granted: Vec<String>,
}

impl IdTokens {
    /// Verifies one, and says who it stands for.
    ///
    /// # Errors
    ///
    /// [`LoginError::Denied`], [`LoginError::Rejected`], or [`LoginError::Unavailable`] without the
    /// provider's keys.
    pub(super) async fn verify(
        &self,
        id_token: &SecretString,
        expected: Expected,
        document: &DiscoveryDocument,
        keys: &Arc<JwksStore>,
    ) -> Result<Principal, LoginError> {
        let mut policy = JwtPolicy::new(self.profile.accepted.clone(), document.algorithms.clone());
        policy.leeway = self.leeway;
        policy.takes_id_tokens = true;
        let rules = IdTokenRules {
            profile: Arc::clone(&self.profile),
            client_id: self.client_id.clone(),
            expected,
        };
        let keys = KeySource::Jwks(Arc::clone(keys));
        let verifier = JwtVerifier::new(policy, keys, Arc::new(rules), Arc::clone(&self.clock))
            .map_err(|error| LoginError::Misconfigured {
                reason: error.to_string(),
            })?;
        let malformed = || Rejection::new(Check::Syntax).detail("the id token is no JWT");
        let id_token = BearerToken::new(id_token.expose_secret())
            .map_err(|_| LoginError::Rejected(malformed()))?;
        let accepted = verifier.validate(&id_token).await?;
        Ok(Principal::clone(&accepted.principal))
    }
}

/// The rules for one id token: those of the provider, and those that bind it to one login.
struct IdTokenRules {
    profile: Arc<LoginProfile>,
    client_id: String,
    expected: Expected,
}

impl ClaimRules for IdTokenRules {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        check_type(token.header())?;
        self.check_presenter(token.claims())?;
        self.check_nonce(token.claims())?;
        self.check_access_token(token)?;
        let mut principal = self.profile.accounts.principal(token)?;
        self.check_subject(&principal.subject)?;
        principal.client_id = Some(self.client_id.clone());
        self.profile
            .admission
            .admit(principal, &self.expected.granted)
    }

    fn hint(&self, check: Check, header: &JwtHeader, claims: &Claims) -> Option<String> {
        self.profile.accounts.hint(check, header, claims)
    }
}

impl IdTokenRules {
    /// Section 3.1.3.7, points 3 to 5: it is for this client, for no other besides, and was issued
    /// to no other. That this client is among the audiences was checked before.
    fn check_presenter(&self, claims: &Claims) -> Result<(), Rejection> {
        if let Some(other) = claims
            .list("aud")?
            .iter()
            .find(|aud| **aud != self.client_id)
        {
            let detail = format!("it is also for {}", Quoted(other));
            return Err(Rejection::new(Check::Audience).detail(detail));
        }
        match claims.text("azp")? {
            Some(azp) if azp != self.client_id => {
                let detail = format!("it was issued to {}", Quoted(azp));
                Err(Rejection::new(Check::Client).detail(detail))
            }
            _ => Ok(()),
        }
    }

    /// Section 3.1.3.7, point 11: it is the answer to our question, and not to somebody else's.
    fn check_nonce(&self, claims: &Claims) -> Result<(), Rejection> {
        let Some(expected) = &self.expected.nonce else {
            return Ok(());
        };
        let detail = match claims.text("nonce")? {
            Some(nonce) if nonce == expected => return Ok(()),
            Some(_) => "the nonce is not that of this login",
            None => "there is no nonce",
        };
        Err(Rejection::new(Check::Nonce).detail(detail))
    }

    /// Section 3.1.3.8: if it names an access token, that is the one which came with it.
    fn check_access_token(&self, token: &VerifiedToken<'_>) -> Result<(), Rejection> {
        let Some(at_hash) = token.claims().text("at_hash")? else {
            return Ok(());
        };
        let expected = at_hash_of(&self.expected.access_token, token.header().alg());
        if expected.as_deref() == Some(at_hash) {
            return Ok(());
        }
        let detail = "at_hash is not that of the access token";
        Err(Rejection::new(Check::AccessToken).detail(detail))
    }

    /// Section 12.2: whoever is logged in stays the same.
    fn check_subject(&self, subject: &str) -> Result<(), Rejection> {
        match &self.expected.subject {
            Some(expected) if expected != subject => {
                let detail = "it is of another account than the one that logged in";
                Err(Rejection::new(Check::Subject).detail(detail))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for IdTokenRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenRules")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// RFC 8725 section 3.11: what calls itself an access token is none.
fn check_type(header: &JwtHeader) -> Result<(), Rejection> {
    match header.typ() {
        Some(typ) if !typ.eq_ignore_ascii_case("JWT") => {
            let detail = format!("typ is {}, which is not that of id tokens", Quoted(typ));
            Err(Rejection::new(Check::TokenType).detail(detail))
        }
        _ => Ok(()),
    }
}

/// The left half of the hash that goes with the algorithm of the id token.
fn at_hash_of(access_token: &SecretString, alg: &str) -> Option<String> {
    let algorithm = match alg {
        "ES256" | "PS256" | "RS256" => &digest::SHA256,
        "ES384" => &digest::SHA384,
        // Ed25519 hashes with SHA-512.
        "EdDSA" => &digest::SHA512,
        _ => return None,
    };
    let digest = digest::digest(algorithm, access_token.expose_secret().as_bytes());
    let (left, _) = digest
        .as_ref()
        .split_at_checked(algorithm.output_len() / 2)?;
    Some(URL_SAFE_NO_PAD.encode(left))
}
