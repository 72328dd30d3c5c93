//! The provider, as the rest of a server sees it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mcp_oauth_token::{
    Accepted, BearerToken, Clock, HttpClient, Rejection, ScopeSet, TokenError, TokenValidator,
};

use crate::{ConfigProblem, Field, ProviderConfig, ProviderKind, problem::Problems};

/// A configured identity provider. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Provider(Arc<Inner>);

impl Provider {
    /// Checks the configuration. It does no I/O: a provider that cannot be reached is no reason
    /// not to start.
    ///
    /// # Errors
    ///
    /// All that is wrong with the configuration.
    pub fn new(
        config: ProviderConfig,
        dependencies: ProviderDependencies,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = Problems::default();
        if config.audiences.is_empty() {
            problems.add(
                Field::Audiences,
                "there is no audience",
                "name what tokens are meant for",
            );
        }
        let _ = dependencies;
        problems.none_or(Self(Arc::new(Inner { config })))
    }

    /// Which provider it is.
    #[must_use]
    pub fn kind(&self) -> ProviderKind {
        self.0.config.kind
    }

    /// Its name, in configuration and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind().as_str()
    }

    /// Who issues the tokens, as configured.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.config.issuer
    }

    /// Validates its tokens, and remembers those that were valid. Until the provider was
    /// discovered, it answers [`TokenError::Unavailable`].
    #[must_use]
    pub fn validator(&self) -> Arc<dyn TokenValidator> {
        Arc::new(Unfinished)
    }

    /// The authorization servers that issue its tokens: none for HMAC keys.
    #[must_use]
    pub fn authorization_servers(&self) -> Vec<String> {
        Vec::new()
    }

    /// What clients ask the provider for to get `scopes`, in the provider's names. Empty where
    /// those are not known, because providers refuse names that they do not know.
    #[must_use]
    pub fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        scopes.clone()
    }

    /// The provider's own discovery document, unchanged. `None` before discovery, and for HMAC
    /// keys.
    #[must_use]
    pub fn metadata(&self) -> Option<Bytes> {
        None
    }

    /// The keys that the provider publishes.
    #[must_use]
    pub fn jwks(&self) -> Option<Bytes> {
        None
    }

    /// Whether tokens can be validated now.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn readiness(&self) -> Result<(), NotReady> {
        Ok(())
    }

    /// What an operator should know at start.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Numbers, for metrics.
    #[must_use]
    pub fn status(&self) -> ProviderStatus {
        ProviderStatus::default()
    }

    /// Discovers the provider and keeps its keys fresh, for as long as it is polled; ends at once
    /// where there is nothing to do. Everything works without it too, but then requests wait for
    /// what could have been there already.
    pub async fn maintain(&self) {}
}

/// What a provider needs from outside.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every new dependency is to be handed in"
)]
pub struct ProviderDependencies {
    /// Tells the time that tokens expire by.
    pub clock: Arc<dyn Clock>,
    /// Fetches what the provider publishes.
    pub http: Arc<dyn HttpClient>,
}

/// Why tokens cannot be validated now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity provider is not ready: {reason}")]
#[non_exhaustive]
pub struct NotReady {
    /// What is missing, for the operator.
    pub reason: String,
}

/// Numbers about a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderStatus {
    /// Tokens accepted from the cache.
    pub cache_hits: u64,
    /// Tokens that were not in the cache.
    pub cache_misses: u64,
    /// Tokens in the cache.
    pub cache_entries: u64,
    /// Whether the discovery document was read, or there is none to read.
    pub discovered: bool,
    /// Attempts to read the discovery document that failed.
    pub discovery_failures: u64,
    /// Keys that the provider publishes.
    pub jwks_keys: usize,
    /// When the keys were last fetched.
    pub jwks_age: Option<Duration>,
    /// Fetches of the keys that succeeded.
    pub jwks_fetches: u64,
    /// Fetches of the keys that failed.
    pub jwks_failures: u64,
    /// What went wrong last, if nothing went right since.
    pub last_error: Option<String>,
}

#[derive(Debug)]
struct Inner {
    config: ProviderConfig,
}

#[derive(Debug)]
struct Unfinished;

impl TokenValidator for Unfinished {
    fn validate<'a>(&'a self, _: &'a BearerToken) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        Box::pin(async {
            Err(TokenError::Unavailable {
                reason: "no token can be validated yet".to_owned(),
                retry_after: Duration::from_secs(1),
            })
        })
    }

    fn recheck(&self, _: &Accepted) -> Result<(), Rejection> {
        Ok(())
    }
}
