//! Validation of OAuth 2.1 access tokens for resource servers, and MCP servers in particular.

mod accepted;
mod algorithm;
mod bearer_token;
mod clock;
mod http_client;
mod jwks;
mod jwt;
mod jwt_policy;
mod jwt_verifier;
mod mint;
mod principal;
mod provider_url;
mod quoted;
mod rejection;
mod ring_provider;
mod scope;
#[cfg(test)]
#[path = "../testdata/signing_key.rs"]
mod signing_key;
mod token_cache;
mod validator;
mod verification_key;

pub use accepted::{Accepted, KeyId};
pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use bearer_token::{BearerToken, NoBearerToken};
pub use clock::{Clock, SystemClock, UnixTime};
pub use http_client::{FetchLimits, HttpClient, HttpError};
pub use jwks::{JwksStatus, JwksStore, KeyError};
pub use jwt::{Claims, JwtHeader, UnverifiedJwt};
pub use jwt_policy::{ExpectedIssuer, InvalidPolicy, IssuerAudience, JwtPolicy};
pub use jwt_verifier::{ClaimRules, JwtVerifier, KeySource, VerifiedToken};
pub use mint::{HmacSigner, MintError, NewToken};
pub use principal::{Principal, PrincipalKind};
pub use provider_url::{InvalidProviderUrl, ProviderUrl};
pub use quoted::Quoted;
pub use rejection::{Check, Rejection};
pub use scope::{InvalidScope, Scope, ScopeSet};
pub use token_cache::{CacheStats, CachedValidator};
pub use validator::{TokenError, TokenValidator};
pub use verification_key::{UnusableKey, VerificationKey};
