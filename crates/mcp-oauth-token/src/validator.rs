//! What decides whether a token is accepted.

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;

use crate::{Accepted, BearerToken, Rejection};

/// Decides whether a token is accepted.
pub trait TokenValidator: fmt::Debug + Send + Sync {
    /// Checks a token in full. Ends by a deadline of its own.
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>>;

    /// Checks a token again that was accepted before, for somebody who still goes on with what it
    /// was accepted for. Unlike [`Self::validate`] it takes nobody's word of minutes ago: who else
    /// remembers that a provider vouched for the token asks anew. Ends by a deadline of its own.
    fn validate_anew<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        self.validate(token)
    }

    /// Checks again what can change about a token that [`Self::validate`] accepted: whether it has
    /// expired since, and whether its key is still published. It does no I/O, and is asked for
    /// each request that a cache answers.
    ///
    /// # Errors
    ///
    /// The check that fails now.
    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection>;
}

/// Why a token is not accepted now.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not valid, whoever is asked.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It cannot be decided: what the provider publishes or says is needed for it, and is not
    /// there. Worth another try.
    #[error("the token cannot be checked now: {reason}")]
    Unavailable {
        /// What is missing, for the operator.
        reason: String,
        /// When to try again.
        retry_after: Duration,
    },
}
