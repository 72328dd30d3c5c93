use std::fmt;

use crate::{
    Check, Claims, JwtHeader, KeyId, Principal, Rejection, UnixTime, UnverifiedJwt, VerificationKey,
};

/// What an issuer's tokens say about who they stand for.
pub trait ClaimRules: fmt::Debug + Send + Sync {
    /// Makes the principal out of the claims of a token that is right in all that is the same for
    /// every issuer, or finds that it lacks what this issuer's access tokens have.
    ///
    /// # Errors
    ///
    /// The check that fails.
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection>;

    /// What the operator may do about a token that `check` refuses. What the token says is not
    /// verified then.
    fn hint(&self, check: Check, header: &JwtHeader, claims: &Claims) -> Option<String> {
        let _ = (check, header, claims);
        None
    }
}

/// A token whose signature was verified, and whose `iss`, `aud`, `sub`, `exp`, `nbf` and `iat` are
/// right.
pub struct VerifiedToken<'a> {
    jwt: &'a UnverifiedJwt<'a>,
    key: &'a VerificationKey,
    checked: &'a CheckedClaims<'a>,
}

impl<'a> VerifiedToken<'a> {
    pub(super) const fn new(
        jwt: &'a UnverifiedJwt<'a>,
        key: &'a VerificationKey,
        checked: &'a CheckedClaims<'a>,
    ) -> Self {
        Self { jwt, key, checked }
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &'a JwtHeader {
        self.jwt.header()
    }

    /// All claims.
    #[must_use]
    pub const fn claims(&self) -> &'a Claims {
        self.jwt.claims()
    }

    /// Who issued it: its `iss`.
    #[must_use]
    pub const fn issuer(&self) -> &'a str {
        self.checked.issuer
    }

    /// Its `sub`: not empty, of at most 255 bytes, and without control characters.
    #[must_use]
    pub const fn subject(&self) -> &'a str {
        self.checked.subject
    }

    /// When it expires: its `exp`, without leeway.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.checked.expires_at
    }

    /// The key that signed it.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key.id()
    }

    /// The issuer whose tokens the key signs, if the key set says so. Whether that is the issuer of
    /// the token is for the rules to check: it may hold a placeholder.
    #[must_use]
    pub fn key_issuer(&self) -> Option<&'a str> {
        self.key.issuer()
    }
}

impl fmt::Debug for VerifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken")
            .field("jwt", self.jwt)
            .finish_non_exhaustive()
    }
}

/// The claims that every token has.
#[derive(Clone, Copy)]
pub(super) struct CheckedClaims<'a> {
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    pub(super) expires_at: UnixTime,
}
