//! What an authorization server is told about itself.

use std::{sync::Arc, time::Duration};

use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::{Clock, HttpClient, Scope, ScopeSet};
use url::Url;

use super::{
    access_token::UnusableTokens,
    client_address::TrustedProxies,
    endpoint::Endpoint,
    event::{self, GrantObserver},
    family::Lifetimes,
    key_ring::KeyRing,
    login_event::{self, LoginObserver},
    login_flow::Login,
    redirect_uri::{InvalidRedirectUri, RedirectUri},
    store::Store,
};
use crate::{ConfigError, origin::is_loopback};

/// What an authorization server is told about itself. Nothing of this is ever taken from a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthorizationServerConfig {
    /// The origin under which clients reach the server: its issuer identifier.
    pub server_url: String,
    /// The path of the MCP endpoint, which the tokens are for. Default: `/mcp`.
    pub mcp_path: String,
    /// How the server is called, for people.
    pub resource_name: String,
    /// The scopes that there are, each containing those before it, and those that a client gets
    /// that asks for none.
    pub scopes: ScopeRules,
    /// The scopes that clients are told of, who often ask for all of them; what the endpoint needs is
    /// enough. Default: all that there are.
    pub scopes_supported: Option<ScopeSet>,
    /// What the scopes allow, in words: `Read topics and messages`.
    pub scope_words: Vec<(Scope, String)>,
    /// How people log in.
    pub login: Login,
    /// The path that the identity provider sends people back to. Default: `/oauth/callback`.
    pub callback_path: String,
    /// Redirect URIs of clients, besides those of well-known clients and all on loopback.
    pub redirect_uris: Vec<String>,
    /// Origins of web pages that may register and get tokens, besides the server's own and loopback
    /// ones.
    pub allowed_origins: Vec<String>,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
    /// For a store that is far away: how old what is known of a grant may be when one of its access
    /// tokens is checked. Default: the store is asked each time.
    pub copies_of_grants: Option<Duration>,
    /// The most requests that one address may send. Many people share the addresses of a hosted
    /// client: 6000 a minute, and 2000 at once. `None`: any number.
    pub ceiling: Option<Ceiling>,
    /// The proxies in front of the server, whose word counts for where requests come from.
    pub trusted_proxies: TrustedProxies,
    /// A page for developers.
    pub documentation: Option<String>,
    /// Is told what becomes of logins. Default: nobody.
    pub login_observer: Arc<dyn LoginObserver>,
    /// Is told what happens to grants. Default: nobody.
    pub grant_observer: Arc<dyn GrantObserver>,
}

impl AuthorizationServerConfig {
    /// A server under `server_url` that lets people log in with `login`, for `scopes`.
    #[must_use]
    pub fn new(server_url: impl Into<String>, scopes: ScopeRules, login: Login) -> Self {
        Self {
            server_url: server_url.into(),
            mcp_path: "/mcp".to_owned(),
            resource_name: "this server".to_owned(),
            scopes,
            scopes_supported: None,
            scope_words: Vec::new(),
            login,
            callback_path: "/oauth/callback".to_owned(),
            redirect_uris: Vec::new(),
            allowed_origins: Vec::new(),
            lifetimes: Lifetimes::default(),
            copies_of_grants: None,
            ceiling: Some(Ceiling::default()),
            trusted_proxies: TrustedProxies::default(),
            documentation: None,
            login_observer: Arc::new(login_event::Unobserved),
            grant_observer: Arc::new(event::Unobserved),
        }
    }

    /// Checks what is not checked where it is used.
    pub(super) fn check(&self, own: &Url) -> Result<(), AuthorizationServerError> {
        let path = &self.callback_path;
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        let is_path = path.len() > 1 && path.starts_with('/') && path.bytes().all(is_allowed);
        let is_taken = *path == self.mcp_path
            || path.starts_with("/.well-known/")
            || Endpoint::at(path, "").is_some();
        if !is_path || is_taken {
            return Err(AuthorizationServerError::CallbackPath {
                callback_path: path.clone(),
            });
        }
        if matches!(self.login, Login::Development(_)) && !is_loopback(own) {
            return Err(AuthorizationServerError::DevelopmentLogin {
                server_url: self.server_url.clone(),
            });
        }
        if self.scopes.ladder.is_empty() {
            return Err(AuthorizationServerError::Scopes);
        }
        Ok(())
    }

    pub(super) fn client_redirect_uris(
        &self,
    ) -> Result<Vec<RedirectUri>, AuthorizationServerError> {
        let uris = self.redirect_uris.iter().map(|uri| {
            let invalid = |source: InvalidRedirectUri| AuthorizationServerError::RedirectUri {
                redirect_uri: uri.clone(),
                problem: source.to_string(),
            };
            RedirectUri::new(uri).map_err(invalid)
        });
        uris.collect()
    }

    /// The scopes that clients are told of.
    pub(super) fn advertised_scopes(&self) -> Vec<&str> {
        let is_told = |scope: &&Scope| {
            let told = self.scopes_supported.as_ref();
            told.is_none_or(|told| told.contains(scope))
        };
        let told = self.scopes.ladder.iter().filter(is_told);
        told.map(Scope::as_str).collect()
    }

    /// The scopes with words for each: their own names, where there are no others.
    pub(super) fn described_scopes(&self) -> Vec<(Scope, String)> {
        let describe = |scope: &Scope| {
            let mut words = self.scope_words.iter();
            let found = words.find(|(described, _)| described == scope);
            let words = found.map_or_else(|| scope.to_string(), |(_, words)| words.clone());
            (scope.clone(), words)
        };
        self.scopes.ladder.iter().map(describe).collect()
    }
}

/// The most requests that one address may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a ceiling has these two numbers")]
pub struct Ceiling {
    /// In a minute.
    pub per_minute: u32,
    /// At once.
    pub burst: u32,
}

impl Default for Ceiling {
    fn default() -> Self {
        Self {
            per_minute: 6000,
            burst: 2000,
        }
    }
}

/// What an authorization server works with.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "another dependency is another thing to hand in"
)]
pub struct AuthorizationServerDependencies {
    /// Seals and signs.
    pub keys: KeyRing,
    /// Remembers logins.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Fetches the metadata of clients whose id is a URL. Strangers choose these URLs, so it must
    /// connect to public addresses only. Without it, clients register.
    pub public_http: Option<Arc<dyn HttpClient>>,
}

/// Why there can be no such authorization server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationServerError {
    /// The path that the identity provider sends people back to.
    #[error("the callback path {callback_path:?} is not of the form /oauth/callback")]
    CallbackPath {
        /// The path.
        callback_path: String,
    },
    /// The login for development lets in whoever can read what the server prints.
    #[error("the development login is for servers on loopback, which {server_url} is not")]
    DevelopmentLogin {
        /// The server's own origin.
        server_url: String,
    },
    /// The keys make no tokens.
    #[error("the keys make no access tokens: {problem}")]
    Keys {
        /// What is wrong.
        problem: String,
    },
    /// What it has in common with a resource server.
    #[error(transparent)]
    Origin(#[from] ConfigError),
    /// A redirect URI of a client.
    #[error("no code can be sent to the redirect URI {redirect_uri:?}: {problem}")]
    RedirectUri {
        /// The URI.
        redirect_uri: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing to be allowed.
    #[error("there are no scopes to be allowed")]
    Scopes,
}

impl From<UnusableTokens> for AuthorizationServerError {
    fn from(error: UnusableTokens) -> Self {
        Self::Keys {
            problem: error.to_string(),
        }
    }
}
