//! The settings that decide whose tokens are accepted.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use mcp_oauth_provider::{
    ConfigProblem, Field, InvalidClient, Provider, ProviderConfig, ProviderDependencies,
    ProviderKind, ReqwestClient, ReqwestConfig,
};
use mcp_oauth_token::{HttpClient, Scope, SystemClock};
use secrecy::SecretString;

mod client_documents;
mod logins;
mod mode;
mod rules;
mod secrets;

pub(crate) use client_documents::ClientDocuments;
pub(crate) use logins::Logins;

use self::{
    logins::{LoginSettings, Situation},
    mode::Mode,
    rules::Rules,
    secrets::Secrets,
};
use super::{
    Warnings, public_url::PublicUrl, reader::Reader, setting::Setting, settings::*, value,
};

/// How clients authenticate.
#[derive(Clone, Debug)]
pub(crate) struct OAuth {
    /// Where clients find this server.
    pub(crate) server_url: PublicUrl,
    /// Whose tokens are accepted, or who logs people in.
    pub(crate) provider: Provider,
    /// How the provider is reached.
    pub(crate) http: Arc<dyn HttpClient>,
    /// How people log in here, if they do.
    pub(crate) logins: Option<Logins>,
}

impl OAuth {
    /// Whether clients may bring tokens of the provider.
    pub(crate) fn accepts_provider_tokens(&self) -> bool {
        self.logins
            .as_ref()
            .is_none_or(|logins| logins.beside_provider)
    }
}

/// What the settings say, also where some are wrong.
#[derive(Debug, Default)]
pub(super) struct OAuthSettings {
    pub(super) is_enabled: bool,
    pub(super) server_url: Option<PublicUrl>,
    /// All of it, if nothing is wrong.
    pub(super) oauth: Option<OAuth>,
}

/// Reads how clients authenticate at a server that listens on `host`, if that is configured.
pub(super) fn read(
    reader: &mut Reader<'_>,
    host: Option<IpAddr>,
    warnings: &mut Warnings,
) -> OAuthSettings {
    // Unknown words are errors, whether they have an effect or not.
    let is_enabled = reader.read(OAUTH_ENABLED, value::boolean);
    let mode = reader.read_optional(OAUTH_MODE, Mode::parse);
    let kind = reader.read_optional(OAUTH_PROVIDER, provider_kind);
    let server_url = reader.read_optional(OAUTH_SERVER_URL, str::parse::<PublicUrl>);
    let rules = Rules::read(reader);
    let logins = LoginSettings::read(reader);
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
    let http = http_client(reader);
    let oauth = kind.zip(mode).and_then(|(kind, mode)| {
        let secrets = if kind == ProviderKind::Hmac || mode == Mode::Proxy {
            Secrets::read(reader)
        } else {
            warn_of_useless(&[JWT_SECRET, JWT_SECRET_FILE], reader, warnings);
            Secrets::default()
        };
        let client_id = rules.client_id.clone();
        let config = rules.into_config(kind, mode, &secrets, reader, warnings);
        let provider = provider(config, http.clone()?, reader);
        let url = server_url.as_ref();
        let logins = logins.resolve(
            &Situation {
                mode,
                kind,
                provider: provider.as_ref(),
                client_id,
                server_url: url,
                listens_on_loopback: host.is_none_or(|host| host.to_canonical().is_loopback()),
                secrets: &secrets,
            },
            reader,
            warnings,
        );
        if mode == Mode::Native {
            warn_of_useless(
                &[OIDC_CLIENT_SECRET, OIDC_CLIENT_SECRET_FILE],
                reader,
                warnings,
            );
            if logins.is_none() {
                warn_of_useless(&OF_LOGINS, reader, warnings);
            }
        }
        let provider = provider?;
        warn_of_provider(&provider, mode, warnings);
        if kind == ProviderKind::Hmac && url.is_some_and(|url| !url.is_loopback()) {
            warnings.push(PUBLIC_HMAC.into());
        }
        Some(OAuth {
            server_url: server_url.clone()?,
            provider,
            http: http?,
            logins,
        })
    });
    OAuthSettings {
        is_enabled,
        server_url,
        oauth,
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
    let (rules, secrets) = (Rules::read(reader), Secrets::read(reader));
    let (hmac, warnings) = (ProviderKind::Hmac, &mut Vec::new());
    let config = rules.into_config(hmac, Mode::Native, &secrets, reader, warnings);
    if let Some(http) = http_client(reader) {
        provider(config.clone(), http, reader);
    }
    config
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
            add_problems(problems, reader);
            None
        }
    }
}

fn add_problems(problems: Vec<ConfigProblem>, reader: &mut Reader<'_>) {
    for problem in problems {
        let setting = setting_of(&problem);
        // A value that cannot be read, or is missing, has been complained of.
        if !reader.has_problem(setting) {
            reader.problem(setting, problem.to_string());
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
fn warn_of_useless(settings: &[&Setting], reader: &Reader<'_>, warnings: &mut Warnings) {
    for setting in settings.iter().filter(|setting| reader.is_given(setting)) {
        let name = setting.name;
        warnings.push(format!("{name} has no effect: it is for proxy mode").into());
    }
}

/// In proxy mode, what is said of the provider's own tokens is beside the point: they are none of
/// this server's.
fn warn_of_provider(provider: &Provider, mode: Mode, warnings: &mut Warnings) {
    let of_accounts = [Field::AllowedDomains, Field::ScopeMap];
    let matters =
        |warning: &&ConfigProblem| mode == Mode::Native || of_accounts.contains(&warning.field);
    let hardly_meant = provider.warnings().iter().filter(matters);
    warnings.extend(hardly_meant.map(|warning| {
        let name = setting_of(warning).name;
        Cow::Owned(format!("{name}: {warning}"))
    }));
}

fn provider_kind(text: &str) -> Result<ProviderKind, String> {
    let kind = text.to_ascii_lowercase().parse();
    kind.map_err(|_| "is no provider".to_owned())
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
        Field::ClientSecret => OIDC_CLIENT_SECRET,
        Field::DefaultScopes => OAUTH_DEFAULT_SCOPES,
        Field::GoogleTokeninfo => OAUTH_GOOGLE_TOKENINFO,
        Field::GroupsClaim => OAUTH_GROUPS_CLAIM,
        Field::HmacSecrets => JWT_SECRET,
        Field::RedirectUri => OAUTH_REDIRECT_URIS,
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

/// Without logins at this server, these have nothing to do.
const OF_LOGINS: [&Setting; 6] = [
    OAUTH_CLIENT_DOCUMENTS,
    OAUTH_REDIRECT_URIS,
    OAUTH_REFRESH_GRACE,
    OAUTH_STORE,
    OAUTH_STORE_FILE,
    OAUTH_TRUSTED_PROXIES,
];

#[cfg(test)]
mod tests;
