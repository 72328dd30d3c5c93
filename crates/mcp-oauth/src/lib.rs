//! OAuth 2.1 for MCP servers, as a resource server.

mod body_peek;
mod challenge;
mod config;
mod cors;
mod demand;
mod fingerprint;
#[cfg(feature = "tower")]
mod layer;
mod metadata;
mod observer;
mod origin;
mod refusal;
mod resource_server;
mod scope_policy;
mod token_issuer;

pub use config::{ConfigError, ResourceServerConfig};
#[cfg(feature = "tower")]
pub use layer::{OAuthLayer, OAuthService};
pub use observer::{AuthObserver, Decision};
pub use refusal::Refusal;
pub use resource_server::ResourceServer;
pub use scope_policy::ScopePolicy;
pub use token_issuer::{Published, TokenIssuer};
