//! Why a login does not succeed.

use std::time::Duration;

use mcp_oauth_token::{Check, Rejection, TokenError};

/// Why nobody is logged in. For the operator's log: it holds nothing secret, and no text of the
/// provider but words of a fixed form.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The account is one of the provider's, and may not enter here.
    #[error("the account may not enter: {0}")]
    Denied(Rejection),
    /// The provider does not honour the code or the refresh token, or no longer: the person has to
    /// log in again.
    #[error("the provider refuses the grant: {reason}")]
    InvalidGrant {
        /// What it says.
        reason: String,
    },
    /// The provider refuses this server as its client. Nothing works until that is put right.
    #[error("the provider refuses this server: {reason}")]
    Misconfigured {
        /// What it says, and what to do.
        reason: String,
    },
    /// The provider vouches for nobody: its id token is not right.
    #[error("the id token is refused: {0}")]
    Rejected(Rejection),
    /// The provider cannot be asked now.
    #[error("the provider cannot be asked now: {reason}")]
    Unavailable {
        /// What is missing.
        reason: String,
        /// When to try again.
        retry_after: Duration,
    },
}

impl From<TokenError> for LoginError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Rejected(rejection) => match rejection.check() {
                Check::Domain | Check::Group | Check::Tenant => Self::Denied(rejection),
                _ => Self::Rejected(rejection),
            },
            TokenError::Unavailable {
                reason,
                retry_after,
            } => Self::Unavailable {
                reason,
                retry_after,
            },
            other => Self::Unavailable {
                reason: other.to_string(),
                retry_after: RETRY_AFTER,
            },
        }
    }
}

impl LoginError {
    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable {
            reason: reason.into(),
            retry_after: RETRY_AFTER,
        }
    }
}

const RETRY_AFTER: Duration = Duration::from_secs(5);
