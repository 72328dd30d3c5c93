//! `token`: makes a token for development and tests.

use std::{error::Error, time::Duration};

use mcp_oauth_provider::ScopeRules;
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

/// A token, and what whoever asked for it should know.
#[derive(Debug)]
pub(crate) struct Minted {
    pub(crate) token: BearerToken,
    pub(crate) warning: Option<String>,
}

/// Makes a token with the key that the server checks it with.
///
/// # Errors
///
/// If the settings are not those of a server with the provider hmac.
pub(crate) fn mint(raw: &RawConfig, request: TokenRequest) -> Result<Minted, Box<dyn Error>> {
    let provider = config::hmac_provider(raw)?;
    let audience = request.audience.or(provider.audiences.into_iter().next());
    let mut token = NewToken::new(
        request.issuer.unwrap_or(provider.issuer),
        audience.unwrap_or_default(),
        request.subject,
    );
    let warning = warning(&request.scopes, &provider.scopes);
    token.scopes = request.scopes;
    token.lifetime = request.lifetime;
    token.client_id = request.client_id;
    let key = provider
        .hmac_secrets
        .first()
        .ok_or("JWT_SECRET is not set")?;
    let token = HmacSigner::new(key)?.mint(&token, SystemClock.now())?;
    Ok(Minted { token, warning })
}

/// Says which scopes mean nothing here. Such tokens are made all the same: they show how the server
/// refuses them.
fn warning(scopes: &ScopeSet, rules: &ScopeRules) -> Option<String> {
    // With a map, any name may stand for something.
    if rules.map.is_some() {
        return None;
    }
    let unknown: ScopeSet = scopes
        .iter()
        .filter(|scope| !rules.ladder.contains(scope))
        .cloned()
        .collect();
    let known: ScopeSet = rules.ladder.iter().cloned().collect();
    if scopes.is_empty() {
        Some(format!(
            "the token has no scope, and lets nobody do anything; scopes are {known}"
        ))
    } else if unknown.is_empty() {
        None
    } else {
        Some(format!(
            "this server knows no scope {unknown}, which lets nobody do anything; \
             those it knows are {known}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use mcp_oauth_token::Scope;

    use super::*;

    fn warning_of(scopes: &str, map: Option<&str>) -> Option<String> {
        let ladder = ["kafka:read", "kafka:write"].map(|name| Scope::new(name).unwrap());
        let mut rules = ScopeRules::new(ladder.to_vec());
        rules.map = map.map(|map| map.parse().unwrap());
        warning(&scopes.parse().unwrap(), &rules)
    }

    #[test]
    fn scopes_that_mean_nothing_are_named_with_those_that_do() {
        assert_eq!(warning_of("kafka:read kafka:write", None), None);
        let warning = warning_of("kafka:foo kafka:read", None).unwrap();
        assert!(warning.contains("no scope kafka:foo, "), "{warning}");
        assert!(warning.ends_with("kafka:read kafka:write"), "{warning}");
        assert!(warning_of("", None).unwrap().contains("no scope, "));
        assert_eq!(warning_of("reader", Some("reader=kafka:read")), None);
    }
}
