//! What a token is to be like.

use std::collections::BTreeMap;

use mcp_oauth_token::{Clock, SystemClock};
use serde::Serialize;
use serde_json::Value;

/// What a token is to be like: of a kind, and otherwise than the provider would make it. Every
/// identity provider of these tests takes it.
#[derive(Clone, Debug, Serialize)]
pub struct TokenRecipe {
    kind: TokenKind,
    header: BTreeMap<String, Edit>,
    claims: BTreeMap<String, Edit>,
}

/// Which token of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// What tells the client who signed in.
    IdToken,
    /// An access token for a person that only the provider can tell anything about, as Google's.
    /// The recipe says what it tells.
    Opaque,
    /// An access token for a program that acts for itself.
    Service,
    /// An access token for a person.
    User,
}

/// What happens to a member.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Edit {
    Remove,
    Set(Value),
}

impl TokenRecipe {
    /// A token just as the provider makes it.
    #[must_use]
    pub fn new(kind: TokenKind) -> Self {
        Self {
            kind,
            header: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }

    /// With this claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), Edit::Set(value.into()));
        self
    }

    /// Without this claim.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.claims.insert(name.to_owned(), Edit::Remove);
        self
    }

    /// With this claim as a time that lies so many seconds ahead.
    #[must_use]
    pub fn claim_in(self, name: &str, seconds: i64) -> Self {
        self.claim(name, now().saturating_add_signed(seconds))
    }

    /// With this member of the header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), Edit::Set(value.into()));
        self
    }

    /// Without this member of the header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.insert(name.to_owned(), Edit::Remove);
        self
    }

    /// Which token it starts from.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    pub(super) fn apply(&self, header: &mut Value, claims: &mut Value) {
        for (edits, object) in [(&self.header, header), (&self.claims, claims)] {
            let object = object.as_object_mut().expect("an object");
            for (name, edit) in edits {
                match edit {
                    Edit::Remove => object.remove(name),
                    Edit::Set(value) => object.insert(name.clone(), value.clone()),
                };
            }
        }
    }
}

/// Whole seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    SystemClock.now().as_secs()
}
