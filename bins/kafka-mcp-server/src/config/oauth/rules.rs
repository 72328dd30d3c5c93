//! The settings that decide which tokens and accounts of the provider are accepted.

use mcp_oauth_provider::{ProviderConfig, ProviderKind, ScopeMap, ScopeRules};
use mcp_oauth_token::Scope;

use super::{LADDER, known_scope, mode::Mode, secrets::Secrets};
use crate::config::{Setting, Warnings, reader::Reader, settings::*, value};

/// What makes a token or an account acceptable, as the settings say.
#[derive(Debug)]
pub(super) struct Rules {
    issuer: Option<String>,
    audiences: Vec<String>,
    pub(super) client_id: Option<String>,
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
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
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

    /// The configuration of the provider.
    pub(super) fn into_config(
        mut self,
        kind: ProviderKind,
        mode: Mode,
        secrets: &Secrets,
        reader: &mut Reader<'_>,
        warnings: &mut Warnings,
    ) -> ProviderConfig {
        if mode == Mode::Proxy {
            self.adapt_to_proxy(reader, warnings);
        }
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
            config.hmac_secrets = secrets.to_vec();
        }
        if mode == Mode::Proxy || matches!(kind, ProviderKind::Azure | ProviderKind::Google) {
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

    /// In proxy mode the provider's id tokens are for this server, and nobody brings its access
    /// tokens.
    fn adapt_to_proxy(&mut self, reader: &mut Reader<'_>, warnings: &mut Warnings) {
        let mut warn = |setting: &Setting, is_set: bool| {
            if is_set {
                let name = setting.name;
                warnings.push(format!("{name} has no effect: it is for native mode").into());
            }
        };
        warn(OAUTH_GOOGLE_TOKENINFO, self.google_tokeninfo);
        warn(OAUTH_ALLOW_APP_TOKENS, self.allow_app_tokens);
        self.google_tokeninfo = false;
        self.allow_app_tokens = false;
        if !self.allowed_clients.is_empty() {
            let message = "has no effect in proxy mode, where clients register here: unset it";
            reader.problem(OAUTH_ALLOWED_CLIENTS, message);
            self.allowed_clients.clear();
        }
        if self.audiences.is_empty() {
            // It is named for nothing but the rules for tokens of the provider, which none reaches.
            self.audiences.extend(self.client_id.clone());
        }
    }
}

fn scope(text: &str) -> Result<Scope, String> {
    let known = LADDER.contains(&text).then(|| known_scope(text)).flatten();
    known.ok_or_else(|| format!("{text} is no scope of this server"))
}
