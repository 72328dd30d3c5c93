//! How the parts of an authorization server are put together.

use std::{sync::Arc, time::Duration};

use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::ScopeSet;

use super::{
    AuthorizationServerConfig, AuthorizationServerDependencies, AuthorizationServerError, Inner,
    access_token::{AccessTokenValidator, AccessTokens},
    authorization_code::Codes,
    browser_cookie::CookieJar,
    clients::Clients,
    endings::Endings,
    family::Families,
    key_ring::Purpose,
    known_clients::KnownClients,
    login_flow::{Exchanges, Finishing, Login, LoginFlow},
    page::Pages,
    rate::RateCeiling,
    refresh_token::RefreshTokens,
    resource_indicator::ResourceIndicator,
    revoke::RevocationEndpoint,
    server_metadata::ServerMetadata,
    store::SealedStore,
    token_endpoint::TokenEndpoint,
    token_request::Offer,
    upstream::{NoUpstream, Upstream},
    upstream_login::UpstreamLogin,
};
use crate::{ResourceServerConfig, ScopePolicy, log_budget::LogBudget};

impl Inner {
    pub(super) fn new(
        config: AuthorizationServerConfig,
        dependencies: AuthorizationServerDependencies,
    ) -> Result<Self, AuthorizationServerError> {
        // The rules for the resource server of the same name.
        let mut own =
            ResourceServerConfig::new(&config.server_url, ScopePolicy::new(ScopeSet::empty()));
        own.mcp_path.clone_from(&config.mcp_path);
        own.allowed_origins.clone_from(&config.allowed_origins);
        let url = own.origin()?;
        let issuer = url.origin().ascii_serialization();
        let resource = format!("{issuer}{}", own.checked_mcp_path()?);
        config.check(&url)?;

        let AuthorizationServerDependencies {
            keys,
            store,
            clock,
            public_http,
        } = dependencies;
        let known = KnownClients::new(config.client_redirect_uris()?);
        let clients = Arc::new(Clients::new(keys.clone(), known, public_http));
        let scopes = config.advertised_scopes();
        let mut metadata = ServerMetadata::new(&issuer, scopes, clients.support_documents());
        metadata.service_documentation = config.documentation.as_deref();
        let metadata = metadata.document();
        let key_ids = keys
            .all(Purpose::AccessToken)
            .map(|key| key.id().to_string());
        let key_ids = key_ids.collect();

        let keys = Arc::new(keys);
        let store = SealedStore::new(Arc::clone(&keys), store);
        let upstream: Arc<dyn Upstream> = match &config.login {
            Login::Development(_) => Arc::new(NoUpstream),
            Login::Provider { login, .. } => Arc::new(UpstreamLogin {
                login: login.clone(),
                scopes: config.scopes.clone(),
            }),
        };
        let mut families = Families::new(
            store.clone(),
            Arc::clone(&clock),
            Arc::clone(&config.grant_observer),
            config.lifetimes,
        );
        if let Some(age) = config.copies_of_grants {
            families = families.with_copies(age);
        }
        let families = Arc::new(families);
        let endings = Endings::new(Arc::clone(&families), Arc::clone(&upstream));
        let endings = Arc::new(endings);
        let codes = Arc::new(Codes::new(
            store.clone(),
            Arc::clone(&families),
            Arc::clone(&endings),
            Arc::clone(&clock),
        ));
        let refresh_tokens = Arc::new(RefreshTokens::new(
            Arc::clone(&keys),
            Arc::clone(&families),
            Arc::clone(&endings),
            upstream,
            Arc::clone(&clock),
        ));
        let own_names = ScopeRules::new(config.scopes.ladder.clone());
        let access_tokens = Arc::new(AccessTokens::new(
            &issuer,
            &resource,
            own_names.clone(),
            config.lifetimes.access_token,
            &keys,
            Arc::clone(&clock),
        )?);
        let validator =
            AccessTokenValidator::new(Arc::clone(&access_tokens), Arc::clone(&families));
        let resource = ResourceIndicator::new(resource);
        Ok(Self {
            callback_path: config.callback_path.clone(),
            ceiling: config
                .ceiling
                .map(|ceiling| RateCeiling::new(ceiling.burst, ceiling.per_minute)),
            trusted_proxies: config.trusted_proxies.clone(),
            metadata,
            key_ids,
            origins: own.origins(&url)?,
            revocation: RevocationEndpoint {
                clients: Arc::clone(&clients),
                families,
                endings: Arc::clone(&endings),
                refresh_tokens: Arc::clone(&refresh_tokens),
                access_tokens: validator.clone(),
            },
            tokens: TokenEndpoint {
                clients: Arc::clone(&clients),
                codes: Arc::clone(&codes),
                refresh_tokens,
                access_tokens,
                offer: Offer {
                    resource: resource.clone(),
                    scopes: own_names,
                },
            },
            flow: LoginFlow {
                issuer: issuer.clone(),
                resource,
                scope_words: config.described_scopes(),
                resource_name: config.resource_name,
                scopes: config.scopes,
                clients: Arc::clone(&clients),
                keys,
                login: config.login,
                exchanges: Exchanges::new(),
                finishing: Finishing::new(store, codes, Arc::clone(&config.login_observer)),
                jar: if url.scheme() == "https" {
                    CookieJar::Host
                } else {
                    CookieJar::Loopback
                },
                pages: Pages::new(),
                clock,
                observer: config.login_observer,
                log_budget: LogBudget::new(),
                failures: LogBudget::new(),
                hints: LogBudget::one_line_every(HINT_EVERY),
                endings,
            },
            issuer,
            clients,
            validator,
        })
    }
}

const HINT_EVERY: Duration = Duration::from_secs(60 * 60);
