//! Identity providers for OAuth 2.1 resource servers: Okta, Google, Microsoft Entra, any other
//! OpenID provider, and a symmetric key for development.
//!
//! A provider is configured with a [`ProviderConfig`], checked as a whole by [`Provider::new`],
//! and then says which tokens it accepts and what their holders may do.

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
#[cfg(feature = "client")]
pub use http_client::{InvalidClient, ReqwestClient, ReqwestConfig};
pub use problem::{ConfigProblem, Field};
pub use provider::{NotReady, Provider, ProviderDependencies, ProviderStatus};
pub use scope_map::{InvalidScopeMap, ScopeMap};
pub use scope_rules::{Grants, ScopeRules};
