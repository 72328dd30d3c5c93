//! The provider, as the rest of a server sees it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use mcp_oauth_token::{
    BearerToken, CachedValidator, Clock, HttpClient, Principal, ScopeSet, TokenValidator,
};

use crate::{
    ConfigProblem, Explanation, ProviderConfig, ProviderKind,
    discovered_validator::DiscoveredValidator,
    explanation::Expectation,
    problem::Problems,
    profile::{Profile, Requestable},
    provider_validator::ProviderValidator,
};
#[cfg(feature = "login")]
use crate::{Login, LoginConfig};

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
        let profile = Profile::new(&config, &mut problems);
        let inner = profile
            .filter(|_| problems.is_empty())
            .and_then(|profile| Inner::new(profile, config, dependencies, &mut problems));
        match inner {
            Some(inner) => Ok(Self(Arc::new(inner))),
            None => Err(problems.into_vec()),
        }
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
    /// discovered, it answers [`TokenError::Unavailable`](mcp_oauth_token::TokenError::Unavailable).
    #[must_use]
    pub fn validator(&self) -> Arc<dyn TokenValidator> {
        Arc::clone(&self.0.validator) as Arc<dyn TokenValidator>
    }

    /// The authorization servers that issue its tokens: none for HMAC keys.
    #[must_use]
    pub fn authorization_servers(&self) -> Vec<String> {
        match self.kind() {
            ProviderKind::Hmac => Vec::new(),
            _ => vec![self.0.config.issuer.clone()],
        }
    }

    /// What clients ask the provider for to get `scopes`, in the provider's names. Empty where
    /// those are not known, because providers refuse names that they do not know.
    #[must_use]
    pub fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        self.0.requestable.names(scopes, &self.0.config)
    }

    /// The provider's own discovery document, unchanged. `None` before discovery, and for HMAC
    /// keys.
    #[must_use]
    pub fn metadata(&self) -> Option<Bytes> {
        let document = self.discovered()?.discovery().found()?;
        Some(document.published.clone())
    }

    /// The keys that the provider publishes. `None` before they were fetched, and for HMAC keys.
    #[must_use]
    pub fn jwks(&self) -> Option<Bytes> {
        self.discovered()?.discovered()?.keys.document()
    }

    /// Whether tokens can be validated now.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn readiness(&self) -> Result<(), NotReady> {
        let Some(validator) = self.discovered() else {
            return Ok(());
        };
        let not_ready = |reason: Option<String>, otherwise: &str| NotReady {
            reason: reason.unwrap_or_else(|| otherwise.to_owned()),
        };
        let Some(discovered) = validator.discovered() else {
            let (_, reason) = validator.discovery().failures();
            return Err(not_ready(reason, "it is not discovered yet"));
        };
        if discovered.keys.document().is_none() {
            let reason = discovered.keys.status().last_error;
            return Err(not_ready(reason, "its keys are not fetched yet"));
        }
        Ok(())
    }

    /// The issuer that its discovery document has to name. That is the configured one but for
    /// Entra's of several tenants, where a place for the tenant stands in it. `None` for HMAC keys,
    /// which nobody discovers.
    #[must_use]
    pub fn discovered_issuer(&self) -> Option<&str> {
        Some(&self.discovered()?.discovery().site().named)
    }

    /// What it starts with and is hardly meant, for the operator.
    #[must_use]
    pub fn warnings(&self) -> &[ConfigProblem] {
        &self.0.warnings
    }

    /// Numbers, for metrics.
    #[must_use]
    pub fn status(&self) -> ProviderStatus {
        let cache = self.0.validator.stats();
        let mut status = ProviderStatus {
            cache_hits: cache.hits,
            cache_misses: cache.misses,
            cache_entries: cache.entries,
            discovered: true,
            ..ProviderStatus::default()
        };
        if let Some(validator) = self.discovered() {
            status.discovered = validator.discovery().found().is_some();
            (status.discovery_failures, status.last_error) = validator.discovery().failures();
            if let Some(discovered) = validator.discovered() {
                let keys = discovered.keys.status();
                status.jwks_keys = keys.keys;
                status.jwks_age = keys.age;
                status.jwks_fetches = keys.fetches_succeeded;
                status.jwks_failures = keys.fetches_failed;
                status.last_error = keys.last_error;
            }
        }
        status
    }

    /// Discovers the provider and keeps its keys fresh, for as long as it is polled; ends at once
    /// where there is nothing to do. Everything works without it too, but then requests wait for
    /// what could have been there already.
    pub async fn maintain(&self) {
        if let Some(validator) = self.discovered() {
            validator.maintain().await;
        }
    }

    /// Explains what the provider makes of a token, claim by claim, as [`Self::validator`] would
    /// decide without a memory.
    pub async fn explain(&self, token: &BearerToken) -> Explanation {
        let verdict = self.0.validator.inner().validate(token).await;
        let verdict = verdict.map(|accepted| Principal::clone(&accepted.principal));
        Explanation::new(token, &self.0.expectations, verdict)
    }

    /// Logs people in at the provider, with this server as its client.
    ///
    /// # Errors
    ///
    /// All that is wrong with the configuration; HMAC keys have nobody to log in.
    #[cfg(feature = "login")]
    pub fn login(&self, client: LoginConfig) -> Result<Login, Vec<ConfigProblem>> {
        Login::new(self.clone(), client)
    }

    #[cfg(feature = "login")]
    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.0.config
    }

    pub(crate) fn discovered(&self) -> Option<&DiscoveredValidator> {
        self.0.validator.inner().discovered()
    }
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
    pub cache_entries: usize,
    /// Whether the discovery document was read, or there is none to read.
    pub discovered: bool,
    /// Attempts to read the discovery document that failed.
    pub discovery_failures: u64,
    /// Keys that the provider publishes.
    pub jwks_keys: usize,
    /// How long ago the keys were fetched.
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
    validator: Arc<CachedValidator<ProviderValidator>>,
    requestable: Requestable,
    expectations: Vec<Expectation>,
    warnings: Vec<ConfigProblem>,
}

impl Inner {
    fn new(
        profile: Profile,
        config: ProviderConfig,
        dependencies: ProviderDependencies,
        problems: &mut Problems,
    ) -> Option<Self> {
        let of_all = Expectation::of_all(&profile.accepted).into_iter();
        let expectations = of_all.chain(profile.expectations.clone()).collect();
        let requestable = profile.requestable.clone();
        let warnings = profile.warnings.clone();
        let validator = ProviderValidator::new(profile, &config, dependencies, problems)?;
        Some(Self {
            config,
            validator: Arc::new(CachedValidator::new(validator)),
            requestable,
            expectations,
            warnings,
        })
    }
}
