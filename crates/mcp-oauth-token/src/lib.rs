//! Validation of OAuth 2.1 access tokens for resource servers, and MCP servers in particular.

mod accepted;
mod bearer_token;
mod clock;
mod http_client;
mod principal;
mod rejection;
mod scope;
mod validator;

pub use accepted::{Accepted, KeyId};
pub use bearer_token::{BearerToken, NoBearerToken};
pub use clock::{Clock, SystemClock, UnixTime};
pub use http_client::{FetchLimits, HttpClient, HttpError};
pub use principal::{Principal, PrincipalKind};
pub use rejection::{Check, Rejection};
pub use scope::{InvalidScope, Scope, ScopeSet};
pub use validator::{TokenError, TokenValidator};
