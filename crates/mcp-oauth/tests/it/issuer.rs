//! An issuer whose tokens say themselves what becomes of them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue};
use mcp_oauth::{Published, ResourceServer, ResourceServerConfig, ScopePolicy, TokenIssuer};
use mcp_oauth_token::{
    Accepted, BearerToken, Check, Principal, PrincipalKind, Rejection, ScopeSet, TokenError,
    TokenValidator, UnixTime,
};

/// Issues `read`, `write` and `none` (by the scopes they have), `down`, and bad ones.
#[derive(Clone, Debug)]
pub(crate) struct FakeIssuer {
    pub(crate) metadata: Published,
    pub(crate) jwks: Published,
}

impl FakeIssuer {
    pub(crate) fn new() -> Self {
        let document =
            |text: &'static str| Published::Document(Bytes::from_static(text.as_bytes()));
        Self {
            metadata: document(METADATA),
            jwks: document(JWKS),
        }
    }
}

impl TokenIssuer for FakeIssuer {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn validator(&self) -> Arc<dyn TokenValidator> {
        Arc::new(FakeValidator)
    }

    fn authorization_servers(&self) -> Vec<String> {
        vec!["https://idp.example".to_owned()]
    }

    fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        scopes.clone()
    }

    fn metadata(&self) -> Published {
        self.metadata.clone()
    }

    fn jwks(&self) -> Published {
        self.jwks.clone()
    }
}

#[derive(Debug)]
struct FakeValidator;

impl FakeValidator {
    fn verdict(token: &str) -> Result<Accepted, TokenError> {
        let scopes = match token {
            "none" => "",
            "read" => "kafka:read",
            "write" => "kafka:read kafka:write",
            "down" => {
                return Err(TokenError::Unavailable {
                    reason: "nobody answers".to_owned(),
                    retry_after: Duration::from_millis(6100),
                });
            }
            "expired" => return Err(Rejection::new(Check::Expiry).into()),
            "forged" => return Err(Rejection::new(Check::Signature).into()),
            _ => return Err(Rejection::new(Check::Syntax).detail("no JWT").into()),
        };
        let mut principal = Principal::new(
            "https://idp.example",
            "alice",
            PrincipalKind::User,
            UnixTime::from_secs(4_000_000_000),
        );
        principal.scopes = scopes.parse().unwrap();
        Ok(Accepted::new(principal, None))
    }
}

impl TokenValidator for FakeValidator {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        Box::pin(async { Self::verdict(token.expose_secret()) })
    }

    fn recheck(&self, _: &Accepted) -> Result<(), Rejection> {
        Ok(())
    }
}

/// Tools other than `produce_message` need `kafka:read` only.
pub(crate) fn policy() -> ScopePolicy {
    ScopePolicy::new("kafka:read".parse().unwrap())
        .tool("produce_message", "kafka:write".parse().unwrap())
}

pub(crate) fn server() -> ResourceServer {
    server_with(|_| {}, FakeIssuer::new())
}

pub(crate) fn server_with(
    configure: impl FnOnce(&mut ResourceServerConfig),
    issuer: FakeIssuer,
) -> ResourceServer {
    let mut config = ResourceServerConfig::new("https://mcp.example", policy());
    config.allowed_origins = vec!["https://app.example".to_owned()];
    configure(&mut config);
    ResourceServer::new(config, issuer).unwrap()
}

pub(crate) fn bearer(token: &str) -> HeaderMap {
    headers([("authorization", format!("Bearer {token}").as_str())])
}

pub(crate) fn headers<const N: usize>(headers: [(&'static str, &str); N]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    map
}

pub(crate) const METADATA: &str = r#"{ "issuer": "https://idp.example", "x": 1 }"#;
pub(crate) const JWKS: &str = r#"{ "keys": [ { "kid": "a" } ] }"#;
