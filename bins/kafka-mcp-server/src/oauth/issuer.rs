//! The provider, as the resource server sees it.

use std::sync::Arc;

use mcp_oauth::{Published, TokenIssuer};
use mcp_oauth_provider::{Provider, ProviderKind};
use mcp_oauth_token::{ScopeSet, TokenValidator};

/// The provider, as the resource server sees it.
#[derive(Debug)]
pub(super) struct Issuer(pub(super) Provider);

impl TokenIssuer for Issuer {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn validator(&self) -> Arc<dyn TokenValidator> {
        self.0.validator()
    }

    fn authorization_servers(&self) -> Vec<String> {
        self.0.authorization_servers()
    }

    fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        self.0.advertised(scopes)
    }

    fn metadata(&self) -> Published {
        match self.0.metadata() {
            Some(document) => Published::Document(document),
            None => self.absent(),
        }
    }

    fn jwks(&self) -> Published {
        match self.0.jwks() {
            Some(document) => Published::Document(document),
            None => self.absent(),
        }
    }
}

impl Issuer {
    /// Symmetric keys are never published, nor is there anybody to discover.
    fn absent(&self) -> Published {
        if self.0.kind() == ProviderKind::Hmac {
            Published::Nothing
        } else {
            Published::NotYet
        }
    }
}
