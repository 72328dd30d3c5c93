//! The authorization server: it manages logins for clients that expect registration and discovery,
//! in front of identity providers that offer neither.

#![allow(
    dead_code,
    unused_imports,
    reason = "the parts are here before the whole"
)]

mod access_token;
mod authorization_code;
mod authorize_error;
mod authorize_request;
mod browser_cookie;
mod client;
mod client_address;
mod client_metadata_document;
mod clients;
mod code_challenge;
mod combined_issuer;
mod config;
mod consent;
mod development_login;
mod endpoint;
mod event;
mod family;
mod form;
mod grant;
mod key_ring;
mod known_clients;
mod login_event;
mod login_flow;
mod page;
mod problem;
mod rate;
mod redirect_uri;
mod refresh_token;
mod registration;
#[cfg(test)]
mod replica;
mod requested_metadata;
mod resource_indicator;
mod return_address;
mod revoke;
mod rotation;
mod sealed;
mod server_metadata;
mod store;
mod token_endpoint;
mod token_refusal;
mod token_request;
mod transaction;
mod unguessable;
mod unix_millis;
mod upstream;
mod upstream_login;

use std::{collections::HashSet, error::Error, net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Response,
    header::{ALLOW, ORIGIN},
    request::Parts,
};
use http_body::Body;
use http_body_util::Full;
use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::{ScopeSet, TokenValidator};
use url::Url;

pub use client_address::{InvalidProxies, TrustedProxies};
pub use combined_issuer::CombinedIssuer;
pub use config::{
    AuthorizationServerConfig, AuthorizationServerDependencies, AuthorizationServerError, Ceiling,
};
pub use development_login::DevelopmentLogin;
pub use event::{GrantEvent, GrantObserver, GrantSummary};
pub use family::Lifetimes;
pub use key_ring::{KeyRing, WeakSecret};
pub use login_event::{LoginEnd, LoginObserver};
pub use login_flow::Login;
#[cfg(feature = "file-store")]
pub use store::FileStore;
#[cfg(feature = "redis-store")]
pub use store::RedisStore;
pub use store::{MemoryStore, Store, StoreError, StoreKey};

use self::{
    access_token::{AccessTokenValidator, AccessTokens},
    authorization_code::Codes,
    browser_cookie::CookieJar,
    clients::Clients,
    endpoint::Endpoint,
    family::Families,
    form::Form,
    key_ring::Purpose,
    known_clients::KnownClients,
    login_flow::LoginFlow,
    page::Pages,
    problem::Problem,
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
use crate::{
    Cors, Published, Refusal, ResourceServerConfig, ScopePolicy, TokenIssuer,
    body_limits::BodyLimits,
    origin::{AllowedOrigins, is_loopback},
    refusal::{Reason, Reply},
};

/// Lets people log in, and gives tokens to the clients that they allow it (the authorization server
/// of OAuth 2.1, as MCP has it).
///
/// It is the [`TokenIssuer`] of the [`ResourceServer`](crate::ResourceServer) for the same
/// endpoint, and answers requests that are not for that one: a server asks it first, whether it
/// [`serves`](Self::serves) a path. Metadata is served by the resource server, which publishes what
/// its issuer says.
///
/// It is cheap to clone: all clones are one server. Servers that share keys and a store are one
/// server, too.
#[derive(Clone, Debug)]
pub struct AuthorizationServer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    issuer: String,
    callback_path: String,
    ceiling: Option<RateCeiling>,
    trusted_proxies: TrustedProxies,
    metadata: Bytes,
    key_ids: HashSet<String>,
    origins: AllowedOrigins,
    clients: Arc<Clients>,
    flow: LoginFlow,
    tokens: TokenEndpoint,
    revocation: RevocationEndpoint,
    validator: AccessTokenValidator,
    pages: Pages,
}

impl AuthorizationServer {
    /// A server.
    ///
    /// # Errors
    ///
    /// If the configuration is wrong in itself.
    pub fn new(
        config: AuthorizationServerConfig,
        dependencies: AuthorizationServerDependencies,
    ) -> Result<Self, AuthorizationServerError> {
        Inner::new(config, dependencies).map(|inner| Self(Arc::new(inner)))
    }

    /// Whether requests for a path are for this server.
    #[must_use]
    pub fn serves(&self, path: &str) -> bool {
        Endpoint::at(path, &self.0.callback_path).is_some()
    }

    /// Answers a request for a path that this [`serves`](Self::serves). Its body is read only where
    /// it is needed, up to 64 KiB, and for 10 seconds. `peer` is where it comes from.
    pub async fn respond<B>(&self, head: &Parts, body: B, peer: IpAddr) -> Response<Full<Bytes>>
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        let server = &*self.0;
        if let Some(ceiling) = &server.ceiling {
            let address = server.trusted_proxies.client_address(peer, &head.headers);
            if let Err(wait) = ceiling.admit(address) {
                return Problem::TooMany(wait).json();
            }
        }
        match Endpoint::at(head.uri.path(), &server.callback_path) {
            Some(endpoint) if endpoint.is_for_scripts() => {
                server.answer_script(endpoint, head, body).await
            }
            Some(Endpoint::Authorize) => server.answer_authorize(head, body).await,
            Some(_) => server.answer_callback(head).await,
            None => Refusal::new(Reason::NotFound).into_response(),
        }
    }

    /// An issuer of the tokens of this server, and those of another one besides.
    #[must_use]
    pub const fn combined_with<I: TokenIssuer>(self, other: I) -> CombinedIssuer<I> {
        CombinedIssuer {
            server: self,
            other,
        }
    }

    fn key_ids(&self) -> HashSet<String> {
        self.0.key_ids.clone()
    }
}

impl TokenIssuer for AuthorizationServer {
    fn name(&self) -> &'static str {
        "authorization-server"
    }

    fn validator(&self) -> Arc<dyn TokenValidator> {
        Arc::new(self.0.validator.clone())
    }

    fn authorization_servers(&self) -> Vec<String> {
        vec![self.0.issuer.clone()]
    }

    fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        scopes.clone()
    }

    fn metadata(&self) -> Published {
        Published::Document(self.0.metadata.clone())
    }

    fn jwks(&self) -> Published {
        // A symmetric key is published nowhere, ever.
        Published::Nothing
    }
}

impl Inner {
    async fn answer_authorize<B>(&self, head: &Parts, body: B) -> Reply
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        match head.method {
            Method::GET => self.flow.authorize(head.uri.query(), &head.headers).await,
            Method::POST => match BODY_LIMITS.read(body).await {
                Ok(body) => self.flow.consent(&head.headers, &body).await,
                Err(refusal) => refusal.into_response(),
            },
            _ => Problem::MethodNotAllowed("GET, POST").reply(&self.pages, &head.headers),
        }
    }

    async fn answer_callback(&self, head: &Parts) -> Reply {
        if head.method == Method::GET {
            self.flow.callback(head.uri.query(), &head.headers).await
        } else {
            Problem::MethodNotAllowed("GET").reply(&self.pages, &head.headers)
        }
    }

    async fn answer_script<B>(&self, endpoint: Endpoint, head: &Parts, body: B) -> Reply
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        let mut reply = if !self.origins.admit(&head.headers) {
            Refusal::new(Reason::ForeignOrigin).into_response()
        } else if head.method == Method::OPTIONS {
            Cors::new(SCRIPT_METHODS).preflight(&head.headers)
        } else if head.method != Method::POST {
            let mut reply = Refusal::new(Reason::MethodNotAllowed).into_response();
            let methods = HeaderValue::from_static(SCRIPT_METHODS);
            reply.headers_mut().insert(ALLOW, methods);
            reply
        } else {
            match BODY_LIMITS.read(body).await {
                Ok(body) => self.answer_post(endpoint, head, &body).await,
                Err(refusal) => refusal.into_response(),
            }
        };
        let origin = head.headers.get(ORIGIN);
        let admitted = origin.filter(|origin| self.origins.admit_value(origin));
        Cors::share(admitted, reply.headers_mut());
        reply
    }

    async fn answer_post(&self, endpoint: Endpoint, head: &Parts, body: &[u8]) -> Reply {
        match endpoint {
            Endpoint::Register => match self.clients.register(&head.headers, body) {
                Ok(registration) => registration.into_response(),
                Err(refusal) => refusal.into_response(),
            },
            Endpoint::Revoke => self.revocation.answer(head, body).await,
            _ => self.tokens.answer(head, body).await,
        }
    }

    fn new(
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
        let mut metadata =
            ServerMetadata::new(&issuer, &config.scopes.ladder, clients.support_documents());
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
                scopes: config.scopes.ladder.iter().cloned().collect(),
            }),
        };
        let mut families = Families::new(
            store.clone(),
            Arc::clone(&clock),
            Arc::clone(&upstream),
            Arc::clone(&config.grant_observer),
            config.lifetimes,
        );
        if let Some(age) = config.copies_of_grants {
            families = families.with_copies(age);
        }
        let families = Arc::new(families);
        let codes = Arc::new(Codes::new(
            store.clone(),
            Arc::clone(&families),
            Arc::clone(&clock),
        ));
        let refresh_tokens = Arc::new(RefreshTokens::new(
            Arc::clone(&keys),
            Arc::clone(&families),
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
        let pages = Pages::new();
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
                store,
                codes,
                login: config.login,
                jar: if url.scheme() == "https" {
                    CookieJar::Host
                } else {
                    CookieJar::Loopback
                },
                pages: pages.clone(),
                clock,
                observer: config.login_observer,
            },
            issuer,
            clients,
            validator,
            pages,
        })
    }
}

/// More than any request needs.
const BODY_LIMITS: BodyLimits = BodyLimits {
    max_bytes: Form::MAX_BYTES,
    deadline: Duration::from_secs(10),
};
const SCRIPT_METHODS: &str = "POST, OPTIONS";
