//! Validation of OAuth 2.1 access tokens for resource servers, and MCP servers in particular.
//!
//! [`JwtVerifier`] decides about tokens that are signed JWTs, with the keys that an identity
//! provider publishes ([`JwksStore`]) or with secrets; [`CachedValidator`] remembers what it
//! accepted. What an issuer's claims mean is for [`ClaimRules`] to say. Clock and HTTP client are
//! handed in, and nothing of the process is read or set.
//!
//! ```
//! use std::sync::Arc;
//! use mcp_oauth_token::{
//!     Algorithm, ClaimRules, Clock, ExpectedIssuer, HmacSigner, IssuerAudience, JwtPolicy,
//!     JwtVerifier, KeyId, KeySource, NewToken, Principal, PrincipalKind, Rejection, SystemClock,
//!     TokenValidator, VerificationKey, VerifiedToken,
//! };
//!
//! #[derive(Debug)]
//! struct People;
//!
//! impl ClaimRules for People {
//!     fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
//!         let kind = PrincipalKind::User;
//!         Ok(Principal::new(token.issuer(), token.subject(), kind, token.expires_at()))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = "thirty-two bytes, and nobody knows them".into();
//! let issuer = ExpectedIssuer::Exact("https://issuer.example".to_owned());
//! let pair = IssuerAudience::new(issuer, vec!["api://kafka".to_owned()]);
//! let verifier = JwtVerifier::new(
//!     JwtPolicy::new(vec![pair], vec![Algorithm::Hs256]),
//!     KeySource::Secrets(vec![VerificationKey::from_secret(&secret, KeyId::new(1))?]),
//!     Arc::new(People),
//!     Arc::new(SystemClock),
//! )?;
//!
//! let alice = NewToken::new("https://issuer.example", "api://kafka", "alice");
//! let token = HmacSigner::new(&secret)?.mint(&alice, SystemClock.now())?;
//! assert_eq!(verifier.validate(&token).await?.principal.subject, "alice");
//!
//! let other = NewToken::new("https://issuer.example", "api://other", "alice");
//! let token = HmacSigner::new(&secret)?.mint(&other, SystemClock.now())?;
//! assert!(verifier.validate(&token).await.is_err());
//! # Ok(())
//! # }
//! ```

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
