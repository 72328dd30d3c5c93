//! `token`: makes a token for development and tests.

use std::{error::Error, time::Duration};

use mcp_oauth_token::{BearerToken, Clock, HmacSigner, NewToken, ScopeSet, SystemClock};

use crate::config::{self, RawConfig};

/// What the token is to say.
#[derive(Clone, Debug)]
pub(crate) struct TokenRequest {
    /// Whom it stands for.
    pub(crate) subject: String,
    /// What it is good for.
    pub(crate) scopes: ScopeSet,
    /// How long it is valid.
    pub(crate) lifetime: Duration,
    /// The client that it is for.
    pub(crate) client_id: Option<String>,
    /// Another issuer than the configured one.
    pub(crate) issuer: Option<String>,
    /// Another audience than the first of those configured.
    pub(crate) audience: Option<String>,
}

/// Makes a token with the key that the server checks it with.
///
/// # Errors
///
/// If the settings are not those of a server with the provider hmac.
pub(crate) fn mint(raw: &RawConfig, request: TokenRequest) -> Result<BearerToken, Box<dyn Error>> {
    let provider = config::hmac_provider(raw)?;
    let audience = request.audience.or(provider.audiences.into_iter().next());
    let mut token = NewToken::new(
        request.issuer.unwrap_or(provider.issuer),
        audience.unwrap_or_default(),
        request.subject,
    );
    token.scopes = request.scopes;
    token.lifetime = request.lifetime;
    token.client_id = request.client_id;
    let key = provider
        .hmac_secrets
        .first()
        .ok_or("JWT_SECRET is not set")?;
    Ok(HmacSigner::new(key)?.mint(&token, SystemClock.now())?)
}
