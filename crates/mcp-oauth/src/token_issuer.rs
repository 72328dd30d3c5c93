//! Who issues the tokens.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use mcp_oauth_provider::{Provider, ProviderKind};
use mcp_oauth_token::{ScopeSet, TokenValidator};

/// Who issues the tokens that a resource server accepts: how they are checked, and what clients
/// are told about where to get one.
pub trait TokenIssuer: fmt::Debug + Send + Sync {
    /// A name, for logs and metrics.
    fn name(&self) -> &'static str;

    /// Checks its tokens. Asked for once.
    fn validator(&self) -> Arc<dyn TokenValidator>;

    /// The issuer identifiers of the authorization servers that clients may turn to.
    fn authorization_servers(&self) -> Vec<String>;

    /// The names that clients ask for these scopes by.
    fn advertised(&self, scopes: &ScopeSet) -> ScopeSet;

    /// Its metadata (RFC 8414, or OpenID Connect Discovery), for clients that ask the resource
    /// server instead.
    fn metadata(&self) -> Published;

    /// Its public keys (RFC 7517).
    fn jwks(&self) -> Published;
}

/// A document that an issuer publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth case")]
pub enum Published {
    /// The document, as it was published.
    Document(Bytes),
    /// There is none.
    Nothing,
    /// It could not be fetched yet.
    NotYet,
}

impl TokenIssuer for Provider {
    fn name(&self) -> &'static str {
        self.name()
    }

    fn validator(&self) -> Arc<dyn TokenValidator> {
        self.validator()
    }

    fn authorization_servers(&self) -> Vec<String> {
        self.authorization_servers()
    }

    fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        self.advertised(scopes)
    }

    fn metadata(&self) -> Published {
        published(self.kind(), self.metadata())
    }

    fn jwks(&self) -> Published {
        published(self.kind(), self.jwks())
    }
}

fn published(kind: ProviderKind, document: Option<Bytes>) -> Published {
    match document {
        Some(document) => Published::Document(document),
        // A symmetric key is published nowhere, ever.
        None if kind == ProviderKind::Hmac => Published::Nothing,
        None => Published::NotYet,
    }
}
