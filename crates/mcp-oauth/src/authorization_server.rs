//! The authorization server: it manages logins for clients that expect registration and discovery,
//! in front of identity providers that offer neither.

mod access_token;
mod authorization_code;
mod authorize_error;
mod authorize_request;
mod background;
mod browser_cookie;
mod client;
mod client_address;
mod client_metadata_document;
mod clients;
mod clock_skew;
mod code_challenge;
mod combined_issuer;
mod config;
mod consent;
mod construction;
mod development_login;
mod endings;
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
mod recent;
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
use mcp_oauth_token::{ScopeSet, TokenValidator};

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
    access_token::AccessTokenValidator, clients::Clients, endpoint::Endpoint, form::Form,
    login_flow::LoginFlow, problem::Problem, rate::RateCeiling, revoke::RevocationEndpoint,
    token_endpoint::TokenEndpoint,
};
use crate::{
    Cors, Published, Refusal, TokenIssuer,
    body_limits::BodyLimits,
    origin::AllowedOrigins,
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
///
/// ```
/// use std::{error::Error, sync::Arc};
///
/// use mcp_oauth::{
///     AuthorizationServer, AuthorizationServerConfig, AuthorizationServerDependencies,
///     DevelopmentLogin, KeyRing, Login, MemoryStore, OAuthLayer, ResourceServer,
///     ResourceServerConfig, ScopePolicy,
/// };
/// use mcp_oauth_provider::ScopeRules;
/// use mcp_oauth_token::{Scope, SystemClock};
/// use secrecy::{ExposeSecret, SecretString};
///
/// fn oauth(secret: &SecretString) -> Result<(AuthorizationServer, OAuthLayer), Box<dyn Error>> {
///     let (login, code) = DevelopmentLogin::new().ok_or("no random bytes")?;
///     println!("Log in with the code {}", code.expose_secret());
///     let (url, clock) = ("http://localhost:8080", Arc::new(SystemClock));
///     let scopes = ScopeRules::new(vec![Scope::new("notes:read")?, Scope::new("notes:write")?]);
///     let login = Login::Development(Arc::new(login));
///     let server = AuthorizationServer::new(
///         AuthorizationServerConfig::new(url, scopes, login),
///         AuthorizationServerDependencies {
///             keys: KeyRing::new(secret, &[])?,
///             store: Arc::new(MemoryStore::new(clock.clone())),
///             clock,
///             public_http: None,
///         },
///     )?;
///     let policy = ScopePolicy::new("notes:read".parse()?).tool("delete", "notes:write".parse()?);
///     let config = ResourceServerConfig::new(url, policy);
///     let layer = OAuthLayer::new(ResourceServer::new(config, server.clone())?);
///     Ok((server, layer))
/// }
/// # let (server, _) = oauth(&"a secret of 32 bytes or even more".into())?;
/// # assert!(server.serves("/oauth/token"));
/// # Ok::<(), Box<dyn Error>>(())
/// ```
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
        let admitted = server.admit(head, peer);
        match Endpoint::at(head.uri.path(), &server.callback_path) {
            Some(endpoint) if endpoint.is_for_scripts() => {
                let mut reply = match admitted {
                    Ok(()) => server.answer_script(endpoint, head, body).await,
                    Err(problem) => server.flow.refuse_script(problem),
                };
                server.share(head, &mut reply);
                reply
            }
            _ if let Err(problem) = admitted => server.flow.refuse(problem, &head.headers),
            Some(Endpoint::Authorize) => server.answer_authorize(head, body).await,
            Some(_) => server.answer_callback(head).await,
            None => Refusal::new(Reason::NotFound).into_response(),
        }
    }

    /// Waits until what requests began, and does not depend on them, has come to its end: until the
    /// identity provider has been told of what was revoked, and what it sent for a login is in the
    /// store. For a server that stops, after the last request. It takes seconds; what is under
    /// way when the last clone of the server is dropped is broken off.
    pub async fn drain(&self) {
        let server = &*self.0;
        server.flow.finishing.drain().await;
        // A renewal may bring about that something is revoked.
        server.tokens.refresh_tokens.drain().await;
        server.revocation.endings.drain().await;
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
    /// Counts a request against the ceiling of its address.
    fn admit(&self, head: &Parts, peer: IpAddr) -> Result<(), Problem> {
        let Some(ceiling) = &self.ceiling else {
            return Ok(());
        };
        let address = self.trusted_proxies.client_address(peer, &head.headers);
        ceiling.admit(address).map_err(Problem::TooMany)
    }

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
            _ => self
                .flow
                .refuse(Problem::MethodNotAllowed("GET, POST"), &head.headers),
        }
    }

    async fn answer_callback(&self, head: &Parts) -> Reply {
        if head.method == Method::GET {
            self.flow.callback(head.uri.query(), &head.headers).await
        } else {
            self.flow
                .refuse(Problem::MethodNotAllowed("GET"), &head.headers)
        }
    }

    async fn answer_script<B>(&self, endpoint: Endpoint, head: &Parts, body: B) -> Reply
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        if !self.origins.admit(&head.headers) {
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
        }
    }

    /// Lets the web page that asked read the answer, whatever it is.
    fn share(&self, head: &Parts, reply: &mut Reply) {
        let origin = head.headers.get(ORIGIN);
        let admitted = origin.filter(|origin| self.origins.admit_value(origin));
        Cors::share(admitted, reply.headers_mut());
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
}

/// More than any request needs.
const BODY_LIMITS: BodyLimits = BodyLimits {
    max_bytes: Form::MAX_BYTES,
    deadline: Duration::from_secs(10),
};
const SCRIPT_METHODS: &str = "POST, OPTIONS";
