//! Validation of OAuth 2.1 access tokens for resource servers, and MCP servers in particular.

mod accepted;
mod algorithm;
mod bearer_token;
mod clock;
mod http_client;
mod principal;
mod provider_url;
mod rejection;
mod ring_provider;
mod scope;
mod validator;
mod verification_key;

pub use accepted::{Accepted, KeyId};
pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use bearer_token::{BearerToken, NoBearerToken};
pub use clock::{Clock, SystemClock, UnixTime};
pub use http_client::{FetchLimits, HttpClient, HttpError};
pub use principal::{Principal, PrincipalKind};
pub use provider_url::{InvalidProviderUrl, ProviderUrl};
pub use rejection::{Check, Rejection};
pub use scope::{InvalidScope, Scope, ScopeSet};
pub use validator::{TokenError, TokenValidator};
pub use verification_key::{UnusableKey, VerificationKey};
