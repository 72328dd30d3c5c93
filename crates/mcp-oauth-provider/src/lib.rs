//! Identity providers for OAuth 2.1 resource servers: Okta, Google, Microsoft Entra, any other
//! OpenID provider, and a symmetric key for development.
//!
//! A provider is configured with a [`ProviderConfig`], which [`Provider::new`] checks as a whole:
//! all that is wrong is told at once, each with what to do. A [`Provider`] then says which tokens it
//! accepts, who they stand for, and what those may do. It is discovered when it is needed, so that a
//! server starts while its provider is down. Clock and HTTP client are handed in.
//!
//! ```no_run
//! use std::sync::Arc;
//! use mcp_oauth_provider::{
//!     Provider, ProviderConfig, ProviderDependencies, ProviderKind, ReqwestClient, ReqwestConfig,
//!     ScopeRules,
//! };
//! use mcp_oauth_token::{BearerToken, Scope, SystemClock};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut config =
//!     ProviderConfig::new(ProviderKind::Okta, "https://company.okta.com/oauth2/default");
//! config.audiences = vec!["api://files".to_owned()];
//! config.scopes = ScopeRules::new(vec![Scope::new("files:read")?, Scope::new("files:write")?]);
//! let provider = Provider::new(config, ProviderDependencies {
//!     clock: Arc::new(SystemClock),
//!     http: Arc::new(ReqwestClient::new(&ReqwestConfig::default())?),
//! })
//! .map_err(|problems| problems[0].clone())?;
//!
//! let verdict = provider.validator().validate(&BearerToken::new("not-a-token")?).await;
//! assert!(verdict.is_err());
//! # Ok(())
//! # }
//! ```
//!
//! | feature | |
//! |---|---|
//! | `client` (default) | `ReqwestClient`, an HTTP client for providers |
//! | `login` (default) | `Login`, for servers that log people in and issue tokens of their own |

mod admission;
mod azure;
mod config;
mod discovered_validator;
mod discovery;
mod discovery_document;
mod explanation;
mod google;
mod hmac;
#[cfg(feature = "client")]
mod http_client;
#[cfg(feature = "login")]
mod login;
mod oidc;
mod okta;
mod problem;
mod profile;
mod provider;
mod provider_validator;
mod scope_map;
mod scope_rules;

pub use config::{ProviderConfig, ProviderKind, UnknownProvider};
pub use explanation::{Explanation, Finding};
pub use hmac::secret_weakness;
#[cfg(feature = "client")]
pub use http_client::{InvalidClient, Reach, ReqwestClient, ReqwestConfig};
#[cfg(feature = "login")]
pub use login::{
    InvalidAttempt, LoggedIn, Login, LoginAttempt, LoginConfig, LoginError, Refreshed,
};
pub use problem::{ConfigProblem, Field};
pub use provider::{NotReady, Provider, ProviderDependencies, ProviderStatus};
pub use scope_map::{InvalidScopeMap, ScopeMap};
pub use scope_rules::{Grants, ScopeRules};
