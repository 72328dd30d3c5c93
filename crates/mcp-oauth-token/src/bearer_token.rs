//! The token of a request, as RFC 6750 section 2.1 transports it.

use std::fmt;

use http::{HeaderMap, header::AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};

/// A bearer token. It cannot be printed.
#[derive(Clone)]
pub struct BearerToken(SecretString);

impl BearerToken {
    /// Takes the token from the `Authorization` header, the one place where it may be: tokens in a
    /// query or a form are never read.
    ///
    /// # Errors
    ///
    /// [`NoBearerToken::Missing`] without the header; [`NoBearerToken::Malformed`] if there are
    /// several, another scheme, or anything but one token of at most 16 KiB after the scheme.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, NoBearerToken> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(NoBearerToken::Missing)?;
        if values.next().is_some() {
            return Err(NoBearerToken::Malformed);
        }
        let value = value.to_str().map_err(|_| NoBearerToken::Malformed)?;
        let (scheme, token) = value.split_once(' ').ok_or(NoBearerToken::Malformed)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(NoBearerToken::Malformed);
        }
        Self::new(token)
    }

    /// Takes a token that came another way.
    ///
    /// # Errors
    ///
    /// [`NoBearerToken::Malformed`] if it is empty, longer than 16 KiB, or has characters that no
    /// bearer token has.
    pub fn new(token: impl Into<String>) -> Result<Self, NoBearerToken> {
        let token = token.into();
        if token.len() > MAX_BYTES || !is_b64token(&token) {
            return Err(NoBearerToken::Malformed);
        }
        Ok(Self(token.into()))
    }

    /// The token itself. Whoever calls this sees to it that it is not printed or kept.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken([redacted])")
    }
}

/// Why a request carries no bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoBearerToken {
    /// There is an `Authorization` header, but not with one bearer token.
    #[error("the Authorization header holds no single bearer token")]
    Malformed,
    /// There is no `Authorization` header.
    #[error("there is no Authorization header")]
    Missing,
}

/// The `b64token` of RFC 6750 section 2.1.
fn is_b64token(text: &str) -> bool {
    let unpadded = text.trim_end_matches('=');
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !unpadded.is_empty() && unpadded.bytes().all(is_allowed)
}

const MAX_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn from(values: &[&str]) -> Result<String, NoBearerToken> {
        let values = values
            .iter()
            .map(|value| (AUTHORIZATION, value.parse().unwrap()));
        BearerToken::from_headers(&values.collect()).map(|token| token.expose_secret().to_owned())
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        for header in [
            "Bearer a.b-c_~+/==",
            "bearer a.b-c_~+/==",
            "BEARER a.b-c_~+/==",
        ] {
            assert_eq!(from(&[header]).unwrap(), "a.b-c_~+/==");
        }
    }

    // RFC 6750 section 2.1 allows one space and one b64token.
    #[test]
    fn anything_but_one_token_is_malformed() {
        let long = format!("Bearer {}", "a".repeat(MAX_BYTES + 1));
        for header in [
            "Basic x",
            "Bearer",
            "Bearer ",
            "Bearer  x",
            "Bearer a b",
            "Bearer a,b",
            "Bearer ä",
            "Bearer =",
            "Bearer a=b",
            "x",
            "",
            &long,
        ] {
            assert_eq!(from(&[header]), Err(NoBearerToken::Malformed), "{header}");
        }
        let twice = from(&["Bearer a", "Bearer a"]);
        assert_eq!(twice, Err(NoBearerToken::Malformed));
    }

    #[test]
    fn no_header_is_no_credential() {
        assert_eq!(from(&[]), Err(NoBearerToken::Missing));
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = BearerToken::new("canary").unwrap();
        assert!(!format!("{token:?}").contains("canary"));
    }
}
