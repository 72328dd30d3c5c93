//! The resource server: plain functions over parts of HTTP requests.

mod refusing;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, header::ORIGIN};
use http_body_util::Full;
use mcp_oauth_token::{Accepted, BearerToken, Principal, TokenError, TokenValidator};

use crate::{
    ConfigError, Decision, Refusal, ResourceServerConfig, ScopePolicy, TokenIssuer,
    body_peek::Ambiguous,
    cors::Cors,
    demand::Demand,
    fingerprint::Fingerprinter,
    log_budget::LogBudget,
    metadata::{self, Document, ProtectedResource},
    origin::AllowedOrigins,
    refusal::{Reason, Reply},
};

/// Protects one MCP endpoint (the resource server of OAuth 2.1).
///
/// `OAuthLayer` does all of this around a tower service. Who has a pipeline of their own calls
/// these in this order, and returns the first answer there is:
///
/// 1. [`respond`](Self::respond), for what is not for the MCP service;
/// 2. [`check_origin`](Self::check_origin), before a body is read;
/// 3. [`authenticate`](Self::authenticate), before a body is read;
/// 4. [`authorize`](Self::authorize), with the body;
/// 5. [`share`](Self::share), for whatever the answer is.
///
/// It is cheap to clone: all clones are one server.
#[derive(Clone, Debug)]
pub struct ResourceServer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    resource: String,
    resource_metadata: String,
    config: ResourceServerConfig,
    origins: AllowedOrigins,
    issuer: Arc<dyn TokenIssuer>,
    validator: Arc<dyn TokenValidator>,
    fingerprinter: Fingerprinter,
    log_budget: LogBudget,
}

impl ResourceServer {
    /// A server that accepts the tokens of one issuer.
    ///
    /// # Errors
    ///
    /// If the configuration is wrong in itself.
    pub fn new(
        config: ResourceServerConfig,
        issuer: impl TokenIssuer + 'static,
    ) -> Result<Self, ConfigError> {
        let own = config.origin()?;
        let origins = config.origins(&own)?;
        let own = own.origin().ascii_serialization();
        let mcp_path = config.checked_mcp_path()?;
        Ok(Self(Arc::new(Inner {
            resource: format!("{own}{mcp_path}"),
            resource_metadata: metadata::protected_resource_url(&own, mcp_path),
            origins,
            validator: issuer.validator(),
            issuer: Arc::new(issuer),
            fingerprinter: Fingerprinter::new().ok_or(ConfigError::Randomness)?,
            log_budget: LogBudget::new(),
            config,
        })))
    }

    /// The URL that identifies the endpoint to clients and authorization servers (RFC 8707).
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.0.resource
    }

    /// The URL of the endpoint's metadata, as challenges name it.
    #[must_use]
    pub fn resource_metadata(&self) -> &str {
        &self.0.resource_metadata
    }

    /// Which scopes a message needs.
    #[must_use]
    pub fn policy(&self) -> &ScopePolicy {
        &self.0.config.scope_policy
    }

    /// Answers requests that need no token: for metadata documents, preflights of the endpoint,
    /// and what an authorization server would answer, which this is not. `None` if it is none of
    /// these.
    #[must_use]
    pub fn respond(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Option<Response<Full<Bytes>>> {
        let mcp_path = &self.0.config.mcp_path;
        if let Some(document) = Document::at(path, mcp_path) {
            return Some(self.answer_cross_origin(headers, || {
                if method == Method::OPTIONS {
                    Cors::new(metadata::METHODS).preflight(headers)
                } else {
                    document.answer(method, &self.description(), &*self.0.issuer)
                }
            }));
        }
        if path == mcp_path && method == Method::OPTIONS {
            let preflight = || Cors::new(MCP_METHODS).preflight(headers);
            return Some(self.answer_cross_origin(headers, preflight));
        }
        let belongs_to_authorization_server =
            path.starts_with("/oauth/") || matches!(path, "/authorize" | "/token" | "/register");
        belongs_to_authorization_server.then(|| Refusal::new(Reason::NotFound).into_response())
    }

    /// Checks that no web page sent the request which may not.
    ///
    /// # Errors
    ///
    /// 403 for a foreign origin.
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if self.0.origins.admit(headers) {
            Ok(())
        } else {
            Err(self.refuse_origin())
        }
    }

    /// Lets web pages of an origin read an answer, if they may call.
    pub fn share(&self, origin: Option<&HeaderValue>, reply: &mut HeaderMap) {
        let admitted = origin.filter(|origin| self.0.origins.admit_value(origin));
        Cors::share(admitted, reply);
    }

    /// Finds out who sends a request.
    ///
    /// # Errors
    ///
    /// 401 if the token is missing or not accepted, 503 if that cannot be decided now.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Accepted, Refusal> {
        self.validate(&self.token(headers)?).await
    }

    /// The token of a request: the first half of [`authenticate`](Self::authenticate), for who needs
    /// it later to see whether its holder [may stay](Self::lets_stay).
    ///
    /// # Errors
    ///
    /// 401 without one.
    pub fn token(&self, headers: &HeaderMap) -> Result<BearerToken, Refusal> {
        BearerToken::from_headers(headers).map_err(|reason| self.refuse_tokenless(headers, reason))
    }

    /// Finds out whose token it is: the second half of [`authenticate`](Self::authenticate).
    ///
    /// # Errors
    ///
    /// 401 if it is not accepted, 503 if that cannot be decided now.
    pub async fn validate(&self, token: &BearerToken) -> Result<Accepted, Refusal> {
        match self.0.validator.validate(token).await {
            Ok(accepted) => {
                self.observe(Decision::Accepted {
                    principal: &accepted.principal,
                    from_cache: accepted.from_cache,
                });
                Ok(accepted)
            }
            Err(error) => Err(self.refuse_token(token, &error)),
        }
    }

    /// Whether who was let in may stay, while an answer goes on for long: a stream is to end when its
    /// token is revoked, and its expiry is for the caller to mind. What cannot be decided now
    /// changes nothing.
    pub async fn lets_stay(&self, token: &BearerToken, principal: &Principal) -> bool {
        match self.0.validator.validate_anew(token).await {
            Ok(accepted) => accepted.principal.stands_for_all_of(principal),
            Err(TokenError::Rejected(rejection)) => {
                self.end_stay(token, &rejection);
                false
            }
            Err(undecided) => {
                tracing::debug!(reason = %undecided, "a token cannot be checked anew now");
                true
            }
        }
    }

    /// Checks that a principal may do what a message asks for. For a request without a body, it
    /// is the empty one.
    ///
    /// # Errors
    ///
    /// 403 if the token is short of scopes; 400 if the message can be read in several ways.
    pub fn authorize(
        &self,
        principal: &Principal,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), Refusal> {
        let demand = Demand::of(headers, body).map_err(|Ambiguous| self.refuse_body())?;
        demand
            .check(self.policy(), principal)
            .map_err(|needed| self.refuse_principal(principal, &demand, &needed))
    }
}

impl ResourceServer {
    fn answer_cross_origin(&self, request: &HeaderMap, answer: impl FnOnce() -> Reply) -> Reply {
        let mut reply = match self.check_origin(request) {
            Ok(()) => answer(),
            Err(refusal) => refusal.into_response(),
        };
        self.share(request.get(ORIGIN), reply.headers_mut());
        reply
    }

    fn description(&self) -> ProtectedResource<'_> {
        let Inner { config, issuer, .. } = &*self.0;
        ProtectedResource {
            resource: &self.0.resource,
            resource_name: config.resource_name.as_deref(),
            resource_documentation: config.resource_documentation.as_deref(),
            authorization_servers: issuer.authorization_servers(),
            scopes_supported: issuer.advertised(&config.scope_policy.everything()),
            bearer_methods_supported: ["header"],
        }
    }

    fn observe(&self, decision: Decision<'_>) {
        self.0.config.observer.decided(self.provider(), decision);
    }

    fn provider(&self) -> &'static str {
        self.0.issuer.name()
    }
}

/// The methods that the endpoint may take; the MCP service may take fewer.
const MCP_METHODS: &str = "POST, GET, DELETE, OPTIONS";
