//! Validates tokens with the keys that a provider publishes, once it is discovered.

use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use mcp_oauth_token::{
    Accepted, BearerToken, Check, ClaimRules, InvalidPolicy, JwksStore, JwtPolicy, JwtVerifier,
    KeySource, Rejection, TokenError, TokenValidator,
};

use crate::{
    ProviderDependencies, discovery::Discovery, discovery_document::DiscoveryDocument,
    profile::DiscoverySite,
};

/// Validates JWTs of a provider that may not be discovered yet. The first token that comes before
/// has it discovered.
#[derive(Debug)]
pub(crate) struct DiscoveredValidator {
    discovery: Discovery,
    /// The algorithms in it are replaced by those of the provider.
    policy: JwtPolicy,
    rules: Arc<dyn ClaimRules>,
    dependencies: ProviderDependencies,
    discovered: OnceLock<Result<Discovered, InvalidPolicy>>,
}

/// What there is of a provider that was discovered.
#[derive(Debug)]
pub(crate) struct Discovered {
    pub(crate) keys: Arc<JwksStore>,
    verifier: JwtVerifier,
}

impl DiscoveredValidator {
    pub(crate) fn new(
        site: DiscoverySite,
        policy: JwtPolicy,
        rules: Arc<dyn ClaimRules>,
        dependencies: ProviderDependencies,
    ) -> Self {
        Self {
            discovery: Discovery::new(site, Arc::clone(&dependencies.http)),
            policy,
            rules,
            dependencies,
            discovered: OnceLock::new(),
        }
    }

    pub(crate) const fn discovery(&self) -> &Discovery {
        &self.discovery
    }

    pub(crate) const fn dependencies(&self) -> &ProviderDependencies {
        &self.dependencies
    }

    /// What there is, if the provider was discovered.
    pub(crate) fn discovered(&self) -> Option<&Discovered> {
        self.use_document(self.discovery.found()?).ok()
    }

    /// The document and the keys, as soon as the provider is discovered.
    ///
    /// # Errors
    ///
    /// [`TokenError::Unavailable`], within 5 seconds.
    #[cfg(feature = "login")]
    pub(crate) async fn discover(
        &self,
    ) -> Result<(&DiscoveryDocument, &Arc<JwksStore>), TokenError> {
        let document = self.discovery.document().await?;
        Ok((document, &self.use_document(document)?.keys))
    }

    /// Discovers the provider, and then keeps its keys fresh for as long as it is polled.
    pub(crate) async fn maintain(&self) {
        self.discovery.persist().await;
        if let Some(discovered) = self.discovered() {
            discovered.keys.maintain().await;
        }
    }

    fn use_document(&self, document: &DiscoveryDocument) -> Result<&Discovered, TokenError> {
        let discovered = self.discovered.get_or_init(|| self.discovered_by(document));
        // The policy was checked at start, so that this does not happen.
        discovered.as_ref().map_err(|error| {
            Rejection::new(Check::Algorithm)
                .detail(error.to_string())
                .into()
        })
    }

    fn discovered_by(&self, document: &DiscoveryDocument) -> Result<Discovered, InvalidPolicy> {
        let http = Arc::clone(&self.dependencies.http);
        let keys = Arc::new(JwksStore::new(document.jwks_uri.clone(), http));
        let mut policy = self.policy.clone();
        policy.algorithms.clone_from(&document.algorithms);
        let verifier = JwtVerifier::new(
            policy,
            KeySource::Jwks(Arc::clone(&keys)),
            Arc::clone(&self.rules),
            Arc::clone(&self.dependencies.clock),
        )?;
        Ok(Discovered { keys, verifier })
    }
}

impl TokenValidator for DiscoveredValidator {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        Box::pin(async move {
            let document = self.discovery.document().await?;
            self.use_document(document)?.verifier.validate(token).await
        })
    }

    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection> {
        match self.discovered() {
            Some(discovered) => discovered.verifier.recheck(accepted),
            None => Err(Check::Key.into()),
        }
    }
}
