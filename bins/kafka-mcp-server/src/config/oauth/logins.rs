//! The settings of an authorization server of our own: proxy mode, and the login for development.

use std::{sync::Arc, time::Duration};

use mcp_oauth::{
    AuthorizationServer, AuthorizationServerConfig, AuthorizationServerDependencies,
    AuthorizationServerError, DevelopmentLogin, KeyRing, Login, MemoryStore, TrustedProxies,
};
use mcp_oauth_provider::{LoginConfig, Provider, ProviderKind, ScopeRules};
use mcp_oauth_token::{Scope, SystemClock};
use secrecy::SecretString;
use url::Url;

use super::{ClientDocuments, LADDER, add_problems, known_scope, mode::Mode, secrets::Secrets};
use crate::config::{
    Warnings, duration, public_url::PublicUrl, reader::Reader, setting::Setting, settings::*,
    store::StoreSetting, value,
};

/// How people log in at this server, which then issues tokens of its own.
#[derive(Clone, Debug)]
pub(crate) struct Logins {
    /// What its authorization server is told, less who is told what becomes of logins.
    pub(crate) config: AuthorizationServerConfig,
    /// What it seals and signs with.
    pub(crate) keys: KeyRing,
    /// Where it keeps logins.
    pub(crate) store: StoreSetting,
    /// Whether the metadata of clients is fetched.
    pub(crate) client_documents: ClientDocuments,
    /// Whether tokens of the provider are accepted besides its own.
    pub(crate) beside_provider: bool,
    /// What the login for development asks for.
    pub(crate) development_code: Option<SecretString>,
    /// Where the provider sends people back to, which has to be registered there.
    pub(crate) callback: Option<String>,
}

/// The settings of logins, whether they have an effect or not.
#[derive(Debug)]
pub(super) struct LoginSettings {
    wants_development: Option<bool>,
    client_documents: Option<bool>,
    redirect_uris: Vec<String>,
    store: StoreSetting,
    grace: Duration,
    trusted_proxies: TrustedProxies,
}

/// Whose logins they are to be.
#[derive(Debug)]
pub(super) struct Situation<'a> {
    pub(super) mode: Mode,
    pub(super) kind: ProviderKind,
    pub(super) provider: Option<&'a Provider>,
    pub(super) client_id: Option<String>,
    pub(super) server_url: Option<&'a PublicUrl>,
    /// Whether only this machine can connect.
    pub(super) listens_on_loopback: bool,
    pub(super) secrets: &'a Secrets,
}

impl LoginSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let url = |text: &str| {
            let url = Url::parse(text).map(|_| text.to_owned());
            url.map_err(|error| format!("{text}: {error}"))
        };
        Self {
            wants_development: reader.read_optional(OAUTH_DEV_LOGIN, value::boolean),
            client_documents: reader.read_optional(OAUTH_CLIENT_DOCUMENTS, value::boolean),
            redirect_uris: reader.read(OAUTH_REDIRECT_URIS, value::list(url)),
            store: StoreSetting::read(reader),
            grace: reader.read(OAUTH_REFRESH_GRACE, duration(Duration::ZERO, MAX_GRACE)),
            trusted_proxies: reader.read(OAUTH_TRUSTED_PROXIES, |text| {
                text.parse().map_err(|error| format!("is refused: {error}"))
            }),
        }
    }

    /// How people log in here; `None` if they do not, or not with what is wrong.
    pub(super) fn resolve(
        self,
        at: &Situation<'_>,
        reader: &mut Reader<'_>,
        warnings: &mut Warnings,
    ) -> Option<Logins> {
        let is_development = self.has_development_login(at, reader);
        if at.mode == Mode::Native && !is_development {
            return None;
        }
        at.secrets.check(reader);
        let client = (at.kind != ProviderKind::Hmac).then(|| client(at, reader));
        let server_url = at.server_url?;
        let (callback_path, redirect_uris) = self.split_redirect_uris(server_url, reader)?;
        let callback = format!("{server_url}{callback_path}");
        let (login, development_code) = if is_development {
            let Some((login, code)) = DevelopmentLogin::new() else {
                reader.problem(
                    OAUTH_DEV_LOGIN,
                    "cannot be had: the system has no randomness",
                );
                return None;
            };
            (Login::Development(Arc::new(login)), Some(code))
        } else {
            let (client_id, secret) = client??;
            let client = LoginConfig::new(client_id, secret, &*callback);
            (provider_login(at, client, reader)?, None)
        };
        let current = at.secrets.current.as_ref()?;
        // What is too weak for a key has been complained of.
        let keys = KeyRing::new(current, &at.secrets.previous).ok()?;
        let mut config = AuthorizationServerConfig::new(server_url.to_string(), scopes(), login);
        config.resource_name = "Apache Kafka".to_owned();
        config.scope_words = scope_words();
        config.callback_path = callback_path;
        config.redirect_uris = redirect_uris;
        config.lifetimes.grace = self.grace;
        config.trusted_proxies = self.trusted_proxies;
        config.copies_of_grants = self.store.is_far_away().then_some(AGE_OF_COPIES);
        let logins = Logins {
            callback: development_code.is_none().then_some(callback),
            client_documents: ClientDocuments::new(self.client_documents, reader, warnings)?,
            store: self.store,
            keys,
            beside_provider: at.mode == Mode::Native,
            development_code,
            config,
        };
        logins.check(reader)?;
        Some(logins)
    }

    fn has_development_login(&self, at: &Situation<'_>, reader: &mut Reader<'_>) -> bool {
        let obstacle = if at.kind != ProviderKind::Hmac {
            Some(format!(
                "has no meaning for the provider {}: unset it",
                at.kind
            ))
        } else if at.server_url.is_some_and(|url| !url.is_loopback()) {
            Some("is for development on one machine, and OAUTH_SERVER_URL is public".to_owned())
        } else if !at.listens_on_loopback {
            Some(
                "is for development on one machine, and MCP_HTTP_HOST is open to others".to_owned(),
            )
        } else {
            None
        };
        match (self.wants_development, obstacle) {
            (Some(false), _) => {}
            (_, None) => return true,
            (Some(true), Some(obstacle)) => reader.problem(OAUTH_DEV_LOGIN, obstacle),
            (None, Some(_)) => {}
        }
        if at.kind == ProviderKind::Hmac && at.mode == Mode::Proxy {
            let message = "hmac has nobody to log in at, but for OAUTH_DEV_LOGIN on one machine: \
                           use another provider, or native mode";
            reader.problem(OAUTH_PROVIDER, message);
        }
        false
    }

    /// The path of the callback, and the redirect URIs of clients: what is on the server's own
    /// origin is where the provider sends people back to.
    fn split_redirect_uris(
        &self,
        server_url: &PublicUrl,
        reader: &mut Reader<'_>,
    ) -> Option<(String, Vec<String>)> {
        let (own, others): (Vec<_>, Vec<_>) = self.redirect_uris.iter().partition(|uri| {
            let uri = Url::parse(uri);
            uri.is_ok_and(|uri| server_url.is_origin_of(&uri))
        });
        let callback = match *own {
            [] => "/oauth/callback".to_owned(),
            // Not cut from the text: there are several spellings of one origin. What is left without
            // a path is refused with those that are none.
            [uri] => {
                let uri = Url::parse(uri).ok()?;
                let path = uri.as_str().strip_prefix(&server_url.to_string());
                path.unwrap_or_default().to_owned()
            }
            _ => {
                let message = "several entries are on OAUTH_SERVER_URL, and the provider sends \
                               people back to one";
                reader.problem(OAUTH_REDIRECT_URIS, message);
                return None;
            }
        };
        Some((callback, others.into_iter().cloned().collect()))
    }
}

/// The client that the provider knows this server as.
fn client(at: &Situation<'_>, reader: &mut Reader<'_>) -> Option<(String, SecretString)> {
    let secret = reader.read_secret(OIDC_CLIENT_SECRET, OIDC_CLIENT_SECRET_FILE);
    let needs = [
        (OIDC_CLIENT_ID, at.client_id.is_none()),
        (OIDC_CLIENT_SECRET, secret.is_none()),
    ];
    for (setting, is_missing) in needs {
        let is_known = reader.has_problem(setting) || reader.has_problem(OIDC_CLIENT_SECRET_FILE);
        if is_missing && !is_known {
            let message = "is not set, but proxy mode needs it: register this server as a client \
                           of the provider";
            reader.problem(setting, message);
        }
    }
    at.client_id.clone().zip(secret)
}

fn provider_login(
    at: &Situation<'_>,
    client: LoginConfig,
    reader: &mut Reader<'_>,
) -> Option<Login> {
    match at.provider?.login(client) {
        Ok(login) => Some(Login::Provider {
            name: name(at.kind).to_owned(),
            login,
        }),
        Err(problems) => {
            add_problems(problems, reader);
            None
        }
    }
}

impl Logins {
    /// An authorization server as it is configured.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration.
    pub(crate) fn server(
        &self,
        config: AuthorizationServerConfig,
        store: Arc<dyn mcp_oauth::Store>,
    ) -> Result<AuthorizationServer, AuthorizationServerError> {
        let dependencies = AuthorizationServerDependencies {
            keys: self.keys.clone(),
            store,
            clock: Arc::new(SystemClock),
            public_http: self.client_documents.http(),
        };
        AuthorizationServer::new(config, dependencies)
    }

    /// Whether there can be such a server. What there cannot is a matter of the settings, and to be
    /// told with all others.
    fn check(&self, reader: &mut Reader<'_>) -> Option<()> {
        if let Some(problem) = self.store.problem() {
            reader.problem(StoreSetting::source(reader), problem);
            return None;
        }
        let clock = Arc::new(SystemClock);
        let store = Arc::new(MemoryStore::new(clock));
        match self.server(self.config.clone(), store) {
            Ok(_) => Some(()),
            Err(error) => {
                let setting: &Setting = match &error {
                    AuthorizationServerError::Keys { .. } => JWT_SECRET,
                    AuthorizationServerError::Origin(_) => OAUTH_SERVER_URL,
                    _ => OAUTH_REDIRECT_URIS,
                };
                reader.problem(setting, error.to_string());
                None
            }
        }
    }
}

/// Clients that ask for nothing get the least.
fn scopes() -> ScopeRules {
    let mut scopes = ScopeRules::new(LADDER.into_iter().filter_map(known_scope).collect());
    scopes.default = scopes.ladder.first().cloned().into_iter().collect();
    scopes
}

fn scope_words() -> Vec<(Scope, String)> {
    let words = [
        "read topics, messages, consumer groups and the state of the cluster",
        "write messages",
        "do all else that the server offers",
    ];
    let known = LADDER.into_iter().zip(words);
    let words = known.filter_map(|(name, words)| Some((known_scope(name)?, words.to_owned())));
    words.collect()
}

/// What people call it.
fn name(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Azure => "Microsoft",
        ProviderKind::Google => "Google",
        ProviderKind::Okta => "Okta",
        _ => "your identity provider",
    }
}

/// As long as a revoked token may go on where replicas share a store.
const AGE_OF_COPIES: Duration = Duration::from_secs(5);
const MAX_GRACE: Duration = Duration::from_secs(5 * 60);
