//! Who calls, and what they may do.

use std::sync::Arc;

use rmcp::{RoleServer, service::RequestContext};

use crate::Settings;

/// Who calls, and what they were granted.
///
/// An HTTP front puts one into the extensions of each request; where none is found,
/// [`Settings::default_caller`](crate::Settings::default_caller) is who calls.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Caller {
    /// A name for logs and refusals. With the issuer it tells callers apart, in what is sealed for
    /// them and in their share of ceilings: no two of them may have the same.
    pub subject: Arc<str>,
    /// Who vouches for the subject, where somebody does.
    pub issuer: Option<Arc<str>>,
    /// The program that calls on behalf of the subject, where it is known.
    pub client: Option<Arc<str>>,
    /// What they may do.
    pub grants: Vec<Grant>,
}

impl Caller {
    /// Makes a caller.
    #[must_use]
    pub fn new(subject: impl Into<Arc<str>>, grants: Vec<Grant>) -> Self {
        Self {
            subject: subject.into(),
            issuer: None,
            client: None,
            grants,
        }
    }

    /// The local operator, who may do everything.
    #[must_use]
    pub fn local() -> Self {
        Self::new("local", vec![Grant::Read, Grant::Write])
    }

    /// Who sent a request.
    pub(crate) fn of<'a>(
        context: &'a RequestContext<RoleServer>,
        settings: &'a Settings,
    ) -> &'a Self {
        let parts = context.extensions.get::<http::request::Parts>();
        let named = parts.and_then(|parts| parts.extensions.get::<Self>());
        named.unwrap_or(&settings.default_caller)
    }

    /// What tells them from others.
    pub(crate) fn identity(&self) -> Identity {
        Identity {
            issuer: self.issuer.clone(),
            subject: Arc::clone(&self.subject),
        }
    }

    /// Whether they hold `grant`.
    #[must_use]
    pub fn has(&self, grant: Grant) -> bool {
        self.grants.contains(&grant)
    }
}

/// What tells callers apart: a subject, and who vouches for it. The program they use does not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    issuer: Option<Arc<str>>,
    subject: Arc<str>,
}

/// A right to use a kind of tools. Neither implies the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Grant {
    /// `kafka:read`: look at the cluster and at records.
    Read,
    /// `kafka:write`: write records.
    Write,
}

impl Grant {
    /// The OAuth scope of this grant.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::Read => "kafka:read",
            Self::Write => "kafka:write",
        }
    }
}
