//! Tokens of our own making, for development and tests.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{
    Algorithm, BearerToken, KeyId, ScopeSet, UnixTime, UnusableKey, VerificationKey,
    ring_provider::RING,
};

/// Signs tokens with HS256. Whoever can verify such tokens can make them, which is why they are for
/// development and tests.
pub struct HmacSigner {
    key: EncodingKey,
    kid: Option<String>,
}

impl HmacSigner {
    /// Signs with `secret`.
    ///
    /// # Errors
    ///
    /// If [`VerificationKey::from_secret`] does not accept it.
    pub fn new(secret: &SecretString) -> Result<Self, UnusableKey> {
        VerificationKey::from_secret(secret, KeyId::new(0))?;
        let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
        Ok(Self { key, kid: None })
    }

    /// Names the key, so that tokens say which one they were signed with.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self {
            kid: Some(kid.into()),
            ..self
        }
    }

    /// Makes a token that is issued at `now`.
    ///
    /// # Errors
    ///
    /// [`MintError`]
    pub fn mint(&self, token: &NewToken, now: UnixTime) -> Result<BearerToken, MintError> {
        let mut claims = json!({
            "iss": token.issuer,
            "aud": token.audience,
            "sub": token.subject,
            "iat": now.as_secs(),
            "exp": now.saturating_add(token.lifetime).as_secs(),
        });
        if !token.scopes.is_empty() {
            claims["scope"] = token.scopes.to_string().into();
        }
        if let Some(client_id) = &token.client_id {
            claims["client_id"] = client_id.as_str().into();
        }
        self.sign(&claims)
    }

    /// Makes a token with any claims, right or wrong.
    ///
    /// # Errors
    ///
    /// [`MintError`]
    pub fn sign(&self, claims: &Value) -> Result<BearerToken, MintError> {
        let mut header = json!({ "alg": Algorithm::Hs256.as_str(), "typ": "at+jwt" });
        if let Some(kid) = &self.kid {
            header["kid"] = kid.as_str().into();
        }
        let [header, claims] =
            [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signing_input = format!("{header}.{claims}");
        let signature = (RING.signer_factory)(&Algorithm::Hs256.into(), &self.key)
            .ok()
            .and_then(|signer| signer.try_sign(signing_input.as_bytes()).ok())
            .ok_or(MintError::Signature)?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        let token = BearerToken::new(format!("{signing_input}.{signature}"));
        token.map_err(|_| MintError::TooLong)
    }
}

impl fmt::Debug for HmacSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacSigner([redacted])")
    }
}

/// What a new token is to say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewToken {
    /// Its `iss`.
    pub issuer: String,
    /// Its `aud`.
    pub audience: String,
    /// Its `sub`.
    pub subject: String,
    /// The client that it is for: its `client_id`.
    pub client_id: Option<String>,
    /// Its `scope`.
    pub scopes: ScopeSet,
    /// How long it is valid: one hour.
    pub lifetime: Duration,
}

impl NewToken {
    /// A token without scopes, valid for an hour.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        subject: impl Into<String>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            subject: subject.into(),
            client_id: None,
            scopes: ScopeSet::empty(),
            lifetime: Duration::from_secs(3600),
        }
    }
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// It could not be signed.
    #[error("the token could not be signed")]
    Signature,
    /// It would be longer than tokens may be.
    #[error("the claims are too long for a token")]
    TooLong,
}

#[cfg(test)]
mod tests;
