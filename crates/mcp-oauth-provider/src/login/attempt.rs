//! One login, from the redirect to the code.

use mcp_oauth_token::ScopeSet;
use secrecy::{ExposeSecret, SecretString};

/// What a login is begun with, and what its end is held against. It is to be kept where nobody else
/// reads or changes it, and used once.
#[derive(Clone, Debug)]
pub struct LoginAttempt {
    nonce: String,
    code_verifier: SecretString,
    scopes: ScopeSet,
}

impl LoginAttempt {
    /// An attempt with a `nonce` (OpenID Connect Core section 3.1.2.1) and a PKCE verifier, both
    /// random and of this attempt alone, to get `scopes` of this server.
    ///
    /// # Errors
    ///
    /// If the nonce has less than 16 or more than 128 characters, or the verifier less than 43 or
    /// more than 128, or either has other characters than letters, digits and `-._~` (RFC 7636
    /// section 4.1).
    pub fn new(
        nonce: impl Into<String>,
        code_verifier: SecretString,
        scopes: ScopeSet,
    ) -> Result<Self, InvalidAttempt> {
        let nonce = nonce.into();
        let is_well_formed = |text: &str, at_least: usize| {
            (at_least..=MAX_CHARS).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        if !is_well_formed(&nonce, MIN_NONCE_CHARS)
            || !is_well_formed(code_verifier.expose_secret(), MIN_VERIFIER_CHARS)
        {
            return Err(InvalidAttempt);
        }
        Ok(Self {
            nonce,
            code_verifier,
            scopes,
        })
    }

    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    pub(crate) fn code_verifier(&self) -> &str {
        self.code_verifier.expose_secret()
    }

    pub(crate) const fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }
}

/// A nonce or a PKCE verifier that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the nonce or the PKCE verifier is too short, too long, or has characters that none has")]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct InvalidAttempt;

const MIN_NONCE_CHARS: usize = 16;
const MIN_VERIFIER_CHARS: usize = 43;
const MAX_CHARS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(nonce: &str, code_verifier: &str) -> Result<LoginAttempt, InvalidAttempt> {
        LoginAttempt::new(nonce, code_verifier.into(), ScopeSet::empty())
    }

    // RFC 7636 section 4.1.
    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        let nonce = "n".repeat(22);
        for length in [43, 128] {
            assert!(attempt(&nonce, &"~".repeat(length)).is_ok(), "{length}");
        }
        for length in [0, 42, 129] {
            assert!(attempt(&nonce, &"~".repeat(length)).is_err(), "{length}");
        }
        assert!(attempt(&nonce, &"+".repeat(43)).is_err());
    }

    #[test]
    fn a_nonce_that_can_be_guessed_is_refused() {
        let code_verifier = "v".repeat(43);
        assert!(attempt("", &code_verifier).is_err());
        assert!(attempt("12345", &code_verifier).is_err());
    }

    #[test]
    fn an_attempt_does_not_print_its_verifier() {
        let attempt = attempt(&"n".repeat(22), &"canary-".repeat(8)).unwrap();
        assert!(!format!("{attempt:?}").contains("canary"));
    }
}
