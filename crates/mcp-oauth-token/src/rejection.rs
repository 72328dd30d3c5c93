//! Why a token is not accepted. For the operator's log: who presented it is told nothing of this.

use std::fmt;

/// Why a token is not accepted: the check that failed, and what may help the operator.
///
/// It never holds the token or a part of its signature. Values of claims in it are cut and escaped
/// ([`Quoted`](crate::Quoted)).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Rejection {
    check: Check,
    detail: Option<String>,
    hint: Option<String>,
}

impl Rejection {
    /// A rejection by `check`.
    #[must_use]
    pub const fn new(check: Check) -> Self {
        Self {
            check,
            detail: None,
            hint: None,
        }
    }

    /// Adds what may help the operator.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Adds what the operator may do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Whether it says what the operator may do about it.
    #[must_use]
    pub const fn has_hint(&self) -> bool {
        self.hint.is_some()
    }

    /// The check that failed.
    #[must_use]
    pub const fn check(&self) -> Check {
        self.check
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the check of {} failed", self.check)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl From<Check> for Rejection {
    fn from(check: Check) -> Self {
        Self::new(check)
    }
}

/// What is checked of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The access token is the one that the id token came with (`at_hash`).
    AccessToken,
    /// The `alg` of the header is among those configured for this issuer and fits the key.
    Algorithm,
    /// `aud` names this server.
    Audience,
    /// The token was issued to an allowed client (`azp`, `cid`, `appid`).
    Client,
    /// The token is not bound to a key of its holder (`cnf`), which is not verified here.
    Confirmation,
    /// The account belongs to an allowed domain (`hd`).
    Domain,
    /// `exp` has not passed.
    Expiry,
    /// The account belongs to an allowed group.
    Group,
    /// `iat` is not in the future.
    IssuedAt,
    /// `iss` is the configured issuer.
    Issuer,
    /// A key for `kid` is published.
    Key,
    /// The id token answers the login that was begun (`nonce`).
    Nonce,
    /// `nbf` has passed.
    NotBefore,
    /// The signature is right.
    Signature,
    /// `sub` is there and sane.
    Subject,
    /// The token is a JWT in compact form, with claims of the right types and none twice.
    Syntax,
    /// The account belongs to an allowed tenant (`tid`).
    Tenant,
    /// It is an access token, and not an id token or of another kind (`typ`, marks of the provider).
    TokenType,
    /// The provider vouches for the token (tokeninfo, introspection).
    Voucher,
}

impl Check {
    /// The word for it, in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::Algorithm => "algorithm",
            Self::Audience => "audience",
            Self::Client => "client",
            Self::Confirmation => "confirmation",
            Self::Domain => "domain",
            Self::Expiry => "expiry",
            Self::Group => "group",
            Self::IssuedAt => "issued_at",
            Self::Issuer => "issuer",
            Self::Key => "key",
            Self::Nonce => "nonce",
            Self::NotBefore => "not_before",
            Self::Signature => "signature",
            Self::Subject => "subject",
            Self::Syntax => "syntax",
            Self::Tenant => "tenant",
            Self::TokenType => "token_type",
            Self::Voucher => "voucher",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
