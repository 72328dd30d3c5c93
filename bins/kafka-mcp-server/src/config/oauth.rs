//! The settings that decide whose tokens are accepted.

use std::{borrow::Cow, sync::Arc};

use mcp_oauth_provider::{
    ConfigProblem, Field, InvalidClient, Provider, ProviderConfig, ProviderDependencies,
    ProviderKind, ReqwestClient, ReqwestConfig, ScopeMap, ScopeRules,
};
use mcp_oauth_token::{HttpClient, Scope, SystemClock};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Warnings, public_url::PublicUrl, reader::Reader, setting::Setting, settings::*, value,
};

/// How clients authenticate.
#[derive(Clone, Debug)]
pub(crate) struct OAuth {
    /// Where clients find this server.
    pub(crate) server_url: PublicUrl,
    /// Whose tokens are accepted.
    pub(crate) provider: Provider,
    /// How the provider is reached.
    pub(crate) http: Arc<dyn HttpClient>,
}

/// What the settings say, also where some are wrong.
#[derive(Debug, Default)]
pub(super) struct OAuthSettings {
    pub(super) is_enabled: bool,
    pub(super) server_url: Option<PublicUrl>,
    /// All of it, if nothing is wrong.
    pub(super) oauth: Option<OAuth>,
}

/// Reads how clients authenticate.
pub(super) fn read(reader: &mut Reader<'_>, warnings: &mut Warnings) -> OAuthSettings {
    // Unknown words are errors, whether they have an effect or not.
    let is_enabled = reader.read(OAUTH_ENABLED, value::boolean);
    let mode = reader.read_optional(OAUTH_MODE, mode);
    let kind = reader.read_optional(OAUTH_PROVIDER, provider_kind);
    let server_url = reader.read_optional(OAUTH_SERVER_URL, str::parse::<PublicUrl>);
    let rules = Rules::read(reader);
    if !is_enabled {
        if NEEDED.iter().any(|setting| reader.is_set(setting)) {
            warnings.push("OAuth is configured, but off: OAUTH_ENABLED=true turns it on".into());
        }
        return OAuthSettings::default();
    }
    for setting in NEEDED {
        if !reader.is_set(setting) {
            reader.problem(setting, "is not set, but OAUTH_ENABLED=true needs it");
        }
    }
    match mode {
        Some(Mode::Native) => warn_of_proxy_settings(reader, warnings),
        Some(Mode::Proxy) => reader.problem(OAUTH_MODE, NO_PROXY_MODE),
        None => {}
    }
    let http = http_client(reader);
    let provider = kind.and_then(|kind| {
        let config = rules.into_config(kind, reader, warnings);
        provider(config, http.clone()?, reader)
    });
    if let Some(provider) = &provider {
        let hardly_meant = provider.warnings().iter();
        warnings.extend(hardly_meant.map(|warning| {
            let name = setting_of(warning).name;
            Cow::Owned(format!("{name}: {warning}"))
        }));
    }
    let is_public = server_url.as_ref().is_some_and(|url| !url.is_loopback());
    if kind == Some(ProviderKind::Hmac) && is_public {
        warnings.push(PUBLIC_HMAC.into());
    }
    let all = server_url.clone().zip(provider).zip(http);
    OAuthSettings {
        is_enabled,
        server_url,
        oauth: all.map(|((server_url, provider), http)| OAuth {
            server_url,
            provider,
            http,
        }),
    }
}

/// Reads how tokens with hmac are made. A server need not be configured, nor OAuth be on.
pub(super) fn read_hmac(reader: &mut Reader<'_>) -> ProviderConfig {
    let kind = reader.read_optional(OAUTH_PROVIDER, provider_kind);
    if kind.is_some_and(|kind| kind != ProviderKind::Hmac) {
        reader.problem(OAUTH_PROVIDER, "is not hmac: only its tokens are made here");
    }
    if !reader.is_set(OIDC_ISSUER) {
        reader.problem(OIDC_ISSUER, "is not set, but tokens need it");
    }
    let config = Rules::read(reader).into_config(ProviderKind::Hmac, reader, &mut Vec::new());
    if let Some(http) = http_client(reader) {
        provider(config.clone(), http, reader);
    }
    config
}

/// The keys of tokens with hmac: the one that signs first.
fn hmac_secrets(reader: &mut Reader<'_>) -> Vec<SecretString> {
    let current = reader.read_secret(JWT_SECRET, JWT_SECRET_FILE);
    let previous = reader.read_secret(JWT_SECRET_PREVIOUS, JWT_SECRET_PREVIOUS_FILE);
    let previous = previous.iter().flat_map(|list| {
        let secrets = list.expose_secret().split(',').map(str::trim);
        secrets.filter(|secret| !secret.is_empty())
    });
    current
        .into_iter()
        .chain(previous.map(SecretString::from))
        .collect()
}

/// What makes a token acceptable, as the settings say.
#[derive(Debug)]
struct Rules {
    issuer: Option<String>,
    audiences: Vec<String>,
    client_id: Option<String>,
    allowed_clients: Vec<String>,
    allowed_domains: Vec<String>,
    allowed_groups: Vec<String>,
    allowed_tenants: Vec<String>,
    groups_claim: Option<String>,
    google_tokeninfo: bool,
    allow_app_tokens: bool,
    scope_map: Option<ScopeMap>,
    default_scopes: Vec<Scope>,
}

impl Rules {
    fn read(reader: &mut Reader<'_>) -> Self {
        let list = || value::list(value::text);
        Self {
            issuer: reader.read_optional(OIDC_ISSUER, value::text),
            audiences: reader.read(OIDC_AUDIENCE, list()),
            client_id: reader.read_optional(OIDC_CLIENT_ID, value::text),
            allowed_clients: reader.read(OAUTH_ALLOWED_CLIENTS, list()),
            allowed_domains: reader.read(OAUTH_ALLOWED_DOMAINS, list()),
            allowed_groups: reader.read(OAUTH_ALLOWED_GROUPS, list()),
            allowed_tenants: reader.read(OAUTH_ALLOWED_TENANTS, list()),
            groups_claim: reader.read_optional(OAUTH_GROUPS_CLAIM, value::text),
            google_tokeninfo: reader.read(OAUTH_GOOGLE_TOKENINFO, value::boolean),
            allow_app_tokens: reader.read(OAUTH_ALLOW_APP_TOKENS, value::boolean),
            scope_map: reader.read_optional(OAUTH_SCOPE_MAP, |text| {
                text.parse().map_err(|error| format!("is refused: {error}"))
            }),
            default_scopes: reader.read(OAUTH_DEFAULT_SCOPES, value::list(scope)),
        }
    }

    fn into_config(
        self,
        kind: ProviderKind,
        reader: &mut Reader<'_>,
        warnings: &mut Warnings,
    ) -> ProviderConfig {
        let mut config = ProviderConfig::new(kind, self.issuer.unwrap_or_default());
        config.audiences = self.audiences;
        config.allowed_clients = self.allowed_clients;
        config.allowed_domains = self.allowed_domains;
        config.allowed_groups = self.allowed_groups;
        config.allowed_tenants = self.allowed_tenants;
        config.google_tokeninfo = self.google_tokeninfo;
        config.allow_app_tokens = self.allow_app_tokens;
        if let Some(claim) = self.groups_claim {
            config.groups_claim = claim;
        }
        let mut scopes = ScopeRules::new(LADDER.into_iter().filter_map(known_scope).collect());
        let is_hmac = kind == ProviderKind::Hmac;
        if is_hmac {
            config.hmac_secrets = hmac_secrets(reader);
        } else if reader.is_set(JWT_SECRET) || reader.is_set(JWT_SECRET_FILE) {
            warnings.push("JWT_SECRET has no effect: it is for hmac and for proxy mode".into());
        }
        if matches!(kind, ProviderKind::Azure | ProviderKind::Google) {
            config.client_id = self.client_id;
        } else if self.client_id.is_some() {
            warnings.push("OIDC_CLIENT_ID has no effect: it is for proxy mode".into());
        }
        if is_hmac || self.scope_map.is_some() {
            if reader.is_given(OAUTH_DEFAULT_SCOPES) {
                let reason = if is_hmac { "hmac" } else { "OAUTH_SCOPE_MAP" };
                let message = format!("has no effect with {reason}: unset it");
                reader.problem(OAUTH_DEFAULT_SCOPES, message);
            }
        } else {
            scopes.default = self.default_scopes.into_iter().collect();
        }
        scopes.map = self.scope_map;
        config.scopes = scopes;
        config
    }
}

fn provider(
    config: ProviderConfig,
    http: Arc<dyn HttpClient>,
    reader: &mut Reader<'_>,
) -> Option<Provider> {
    let clock = Arc::new(SystemClock);
    match Provider::new(config, ProviderDependencies { clock, http }) {
        Ok(provider) => Some(provider),
        Err(problems) => {
            for problem in problems {
                let setting = setting_of(&problem);
                // A value that cannot be read, or is missing, has been complained of.
                if !reader.has_problem(setting) {
                    reader.problem(setting, problem.to_string());
                }
            }
            None
        }
    }
}

fn http_client(reader: &mut Reader<'_>) -> Option<Arc<dyn HttpClient>> {
    let mut config = ReqwestConfig::default();
    config.ca_pem = reader.read_optional(OIDC_CA_FILE, value::small_file);
    let proxy = reader.read_unquoted(HTTPS_PROXY, value::text);
    config.https_proxy = proxy.map(SecretString::from);
    config.no_proxy = reader.read_optional(NO_PROXY, value::text);
    match ReqwestClient::new(&config) {
        Ok(client) => Some(Arc::new(client)),
        Err(error) => {
            let setting = match error {
                InvalidClient::InvalidProxy => HTTPS_PROXY,
                _ => OIDC_CA_FILE,
            };
            reader.problem(setting, error.to_string());
            None
        }
    }
}

/// They are harmless, and part of many a configuration that was made for both modes.
fn warn_of_proxy_settings(reader: &Reader<'_>, warnings: &mut Warnings) {
    let proxy_only = [
        OIDC_CLIENT_SECRET,
        OIDC_CLIENT_SECRET_FILE,
        OAUTH_REDIRECT_URIS,
    ];
    for setting in proxy_only {
        if reader.is_set(setting) {
            let name = setting.name;
            warnings.push(format!("{name} has no effect: it is for proxy mode").into());
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Native,
    Proxy,
}

fn mode(text: &str) -> Result<Mode, String> {
    match text.to_ascii_lowercase().as_str() {
        "native" => Ok(Mode::Native),
        "proxy" => Ok(Mode::Proxy),
        _ => Err("is no mode".to_owned()),
    }
}

fn provider_kind(text: &str) -> Result<ProviderKind, String> {
    let kind = text.to_ascii_lowercase().parse();
    kind.map_err(|_| "is no provider".to_owned())
}

fn scope(text: &str) -> Result<Scope, String> {
    let known = LADDER.contains(&text).then(|| known_scope(text)).flatten();
    known.ok_or_else(|| format!("{text} is no scope of this server"))
}

fn known_scope(name: &str) -> Option<Scope> {
    Scope::new(name).ok()
}

/// The setting that a field of the provider's configuration comes from.
fn setting_of(problem: &ConfigProblem) -> &'static Setting {
    match problem.field {
        Field::AllowAppTokens => OAUTH_ALLOW_APP_TOKENS,
        Field::AllowedClients => OAUTH_ALLOWED_CLIENTS,
        Field::AllowedDomains => OAUTH_ALLOWED_DOMAINS,
        Field::AllowedGroups => OAUTH_ALLOWED_GROUPS,
        Field::AllowedTenants => OAUTH_ALLOWED_TENANTS,
        Field::Audiences => OIDC_AUDIENCE,
        Field::ClientId => OIDC_CLIENT_ID,
        Field::DefaultScopes => OAUTH_DEFAULT_SCOPES,
        Field::GoogleTokeninfo => OAUTH_GOOGLE_TOKENINFO,
        Field::GroupsClaim => OAUTH_GROUPS_CLAIM,
        Field::HmacSecrets => JWT_SECRET,
        Field::ScopeMap => OAUTH_SCOPE_MAP,
        // No setting changes the leeway.
        _ => OIDC_ISSUER,
    }
}

/// Without these there is no OAuth, whichever the provider.
const NEEDED: [&Setting; 2] = [OAUTH_SERVER_URL, OIDC_ISSUER];

/// The scopes of this server; each contains those before it.
const LADDER: [&str; 3] = ["kafka:read", "kafka:write", "kafka:admin"];

const PUBLIC_HMAC: &str = "OAUTH_PROVIDER: hmac is for development, and OAUTH_SERVER_URL is public: \
                           whoever knows JWT_SECRET can be anybody";

const NO_PROXY_MODE: &str = "this version has no proxy mode yet: use native, register your MCP \
                             client at the provider, and let it get its tokens there";

#[cfg(test)]
mod tests;
