//! Who a valid token stands for.

use std::fmt;

use crate::{ScopeSet, UnixTime};

/// Who a valid token stands for, and what it may be used for.
///
/// `issuer` and `subject` together identify them; names and e-mail addresses are for people to
/// read, and no ground to authorise anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Principal {
    /// Who issued the token: its `iss`.
    pub issuer: String,
    /// The identifier that stays the same as long as the account exists. Which claims it is made
    /// of depends on the provider.
    pub subject: String,
    /// Whether a person or a program.
    pub kind: PrincipalKind,
    /// The client that the token was issued to.
    pub client_id: Option<String>,
    /// What the token may be used for, in the names of this server, with all that they imply.
    pub scopes: ScopeSet,
    /// Roles, as the provider names them.
    pub roles: Vec<String>,
    /// Groups, as the provider names them.
    pub groups: Vec<String>,
    /// A name for people.
    pub display_name: Option<String>,
    /// The e-mail address, if the provider says that it was verified.
    pub email: Option<String>,
    /// When the token expires: its `exp`, without leeway.
    pub expires_at: UnixTime,
}

impl Principal {
    /// A principal without scopes, of whom nothing else is known.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        subject: impl Into<String>,
        kind: PrincipalKind,
        expires_at: UnixTime,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            kind,
            client_id: None,
            scopes: ScopeSet::empty(),
            roles: Vec::new(),
            groups: Vec::new(),
            display_name: None,
            email: None,
            expires_at,
        }
    }

    /// Whether it is the same one as `other`, and may do whatever that one may.
    #[must_use]
    pub fn stands_for_all_of(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.subject == other.subject && self.may(&other.scopes)
    }

    /// Whether the token may be used for all of `needed`: the check for use inside a call, behind
    /// the one that was made at the door.
    #[must_use]
    pub fn may(&self, needed: &ScopeSet) -> bool {
        self.scopes.contains_all(needed)
    }
}

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrincipalKind {
    /// A program that acts for itself, such as with the client credentials grant.
    Service,
    /// A person.
    User,
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::User => "user",
        })
    }
}
