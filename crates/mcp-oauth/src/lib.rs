//! OAuth 2.1 for MCP servers: only holders of a good token get in, and clients find out by
//! themselves where to get one.
//!
//! This crate is the resource server of [MCP's authorization][mcp]. It stands in front of any MCP
//! server that is a tower service over HTTP, such as those of rmcp, on plain hyper, axum or
//! anything else that speaks `http`. Which identity provider issues the tokens, and how they are
//! checked, is the matter of `mcp-oauth-provider` and `mcp-oauth-token`.
//!
//! # What it does
//!
//! - A request without a token is answered by 401 and a challenge that leads to the metadata
//!   (RFC 6750, RFC 9728); one with a bad token likewise, and never with a word on what is bad
//!   about it. That is in the log.
//! - A message that needs scopes the token does not have is answered by 403 with all that it
//!   needs. [`ScopePolicy`] says what needs what, down to the single tool; messages that can be
//!   read in two ways get past nobody.
//! - While the provider cannot be reached, what depends on it is answered by 503.
//! - Metadata is served at all addresses where clients look: `oauth-protected-resource`,
//!   `oauth-authorization-server` and `openid-configuration` under `/.well-known/`, with and
//!   without the path of the endpoint, and `jwks.json`.
//! - Web pages may call if their origin is the server's own, configured, or on loopback; preflights
//!   are answered.
//! - The server behind it finds out who calls from an `Arc<Principal>` in the extensions of the
//!   request. It never sees the token, and so cannot pass it on.
//!
//! # How to use it
//!
//! ```
//! use std::{error::Error, sync::Arc};
//!
//! use mcp_oauth::{OAuthLayer, ResourceServer, ResourceServerConfig, ScopePolicy};
//! use mcp_oauth_provider::{Provider, ProviderConfig, ProviderDependencies, ProviderKind, ScopeRules};
//! use mcp_oauth_token::{HttpClient, Scope, SystemClock};
//!
//! fn oauth(http: Arc<dyn HttpClient>) -> Result<OAuthLayer, Box<dyn Error>> {
//!     let issuer = "https://company.okta.com/oauth2/default";
//!     let mut config = ProviderConfig::new(ProviderKind::Okta, issuer);
//!     config.audiences = vec!["api://notes".to_owned()];
//!     config.scopes = ScopeRules::new(vec![Scope::new("notes:read")?, Scope::new("notes:write")?]);
//!     let dependencies = ProviderDependencies { clock: Arc::new(SystemClock), http };
//!     let provider = Provider::new(config, dependencies).map_err(|problems| format!("{problems:?}"))?;
//!
//!     let policy = ScopePolicy::new("notes:read".parse()?).tool("delete", "notes:write".parse()?);
//!     let config = ResourceServerConfig::new("https://notes.example.com", policy);
//!     Ok(OAuthLayer::new(ResourceServer::new(config, provider)?))
//! }
//! ```
//!
//! `oauth(http)?.layer(service)` is then what to serve. The examples `hyper` and `axum` are whole
//! servers of rmcp; both print a token to try them with.
//!
//! Identity providers offer their clients neither registration nor the discovery that MCP wants. An
//! [`AuthorizationServer`] in front of one does: it lets people log in there, asks them for consent,
//! and issues tokens of its own, as the [`TokenIssuer`] of the same endpoint. While developing, it
//! does without a provider ([`DevelopmentLogin`]).
//!
//! Who has a pipeline of their own does without the layer, and calls the functions of
//! [`ResourceServer`] instead. Who has another source of tokens implements [`TokenIssuer`].
//!
//! # What is left to the server
//!
//! - To look again inside a call, where more is known of it: `Principal::may`. A list of tools is
//!   filtered by [`ScopePolicy::lets_call`].
//! - To check the `Host` header, to bound headers and connections, and to bound the bodies of all
//!   requests together: the layer bounds each one, in size and time.
//! - To poll `Provider::maintain`, so that no request waits for the provider's keys.
//!
//! # Features
//!
//! | feature                | default | adds |
//! |------------------------|---------|------|
//! | `authorization-server` | yes     | [`AuthorizationServer`] |
//! | `client`               | yes     | the HTTP client of `mcp-oauth-provider`; without it, bring a `HttpClient` |
//! | `file-store`           | no      | `FileStore`: logins that survive a restart |
//! | `redis-store`          | no      | `RedisStore`: logins that replicas share |
//! | `tower`                | yes     | [`OAuthLayer`] |
//!
//! [mcp]: https://modelcontextprotocol.io/specification/draft/basic/authorization

#[cfg(feature = "authorization-server")]
mod authorization_server;
#[cfg(any(feature = "authorization-server", feature = "tower"))]
mod body_limits;
mod body_peek;
mod challenge;
mod config;
mod cors;
mod demand;
mod fingerprint;
#[cfg(feature = "tower")]
mod layer;
mod log_budget;
mod metadata;
mod observer;
mod origin;
mod refusal;
mod resource_server;
mod scope_policy;
mod token_issuer;

#[cfg(feature = "file-store")]
pub use authorization_server::FileStore;
#[cfg(feature = "redis-store")]
pub use authorization_server::RedisStore;
#[cfg(feature = "authorization-server")]
pub use authorization_server::{
    AuthorizationServer, AuthorizationServerConfig, AuthorizationServerDependencies,
    AuthorizationServerError, Ceiling, CombinedIssuer, DevelopmentLogin, GrantEvent, GrantObserver,
    GrantSummary, InvalidProxies, KeyRing, Lifetimes, Login, LoginEnd, LoginObserver, MemoryStore,
    Store, StoreError, StoreKey, TrustedProxies, WeakSecret,
};
pub use config::{ConfigError, ResourceServerConfig};
pub use cors::Cors;
#[cfg(feature = "tower")]
pub use layer::{OAuthLayer, OAuthService};
pub use observer::{AuthObserver, Decision};
pub use refusal::Refusal;
pub use resource_server::ResourceServer;
pub use scope_policy::ScopePolicy;
pub use token_issuer::{Published, TokenIssuer};

/// The code of the guide compiles.
#[cfg(all(doctest, feature = "client", feature = "tower"))]
#[doc = include_str!("../../../docs/embedding.md")]
struct Guide;
