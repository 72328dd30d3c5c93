//! What makes one provider different from another, as data.

use std::{collections::BTreeSet, sync::Arc};

use mcp_oauth_token::{ClaimRules, IssuerAudience, ProviderUrl, Scope, ScopeSet, VerificationKey};

use crate::{
    ConfigProblem, Field, ProviderConfig, ProviderKind, azure, explanation::Expectation, google,
    google::Tokeninfo, hmac, oidc, okta, problem::Problems,
};

/// Which tokens of a provider are accepted, and who they stand for.
#[derive(Debug)]
pub(crate) struct Profile {
    /// Where the keys come from.
    pub(crate) keys: Keys,
    /// Which issuers go with which audiences.
    pub(crate) accepted: Vec<IssuerAudience>,
    /// Whether id tokens pass for access tokens.
    pub(crate) takes_id_tokens: bool,
    /// Who a token stands for.
    pub(crate) rules: Arc<dyn ClaimRules>,
    /// What clients ask for.
    pub(crate) requestable: Requestable,
    /// What asks the provider about tokens that only it understands.
    pub(crate) tokeninfo: Option<Tokeninfo>,
    /// What the provider's tokens have besides the claims that all tokens have.
    pub(crate) expectations: Vec<Expectation>,
    /// What starts and is hardly meant.
    pub(crate) warnings: Vec<ConfigProblem>,
}

impl Profile {
    /// The profile for a configuration. What is wrong with that is added to `problems`; `None` says
    /// that too much is.
    pub(crate) fn new(config: &ProviderConfig, problems: &mut Problems) -> Option<Self> {
        refuse_useless(config, problems);
        check_scopes(config, problems);
        check_names(config, problems);
        match config.kind {
            ProviderKind::Azure => azure::profile(config, problems),
            ProviderKind::Google => google::profile(config, problems),
            ProviderKind::Hmac => hmac::profile(config, problems),
            ProviderKind::Oidc => oidc::profile(config, problems),
            ProviderKind::Okta => okta::profile(config, problems),
        }
    }
}

/// Where the keys of a provider come from.
#[derive(Debug)]
pub(crate) enum Keys {
    /// It is discovered.
    Published(DiscoverySite),
    /// They are configured.
    Secret(Vec<VerificationKey>),
}

/// Where a provider is discovered, and as what.
#[derive(Clone, Debug)]
pub(crate) struct DiscoverySite {
    /// The issuer that is configured: its path leads to the document.
    pub(crate) issuer: ProviderUrl,
    /// The issuer that the document names, as a string: nearly always the same.
    pub(crate) named: String,
}

impl DiscoverySite {
    /// The site of an issuer that names itself as it is configured.
    pub(crate) fn new(issuer: ProviderUrl) -> Self {
        let named = issuer.as_str().to_owned();
        Self { issuer, named }
    }
}

/// Which scopes a client asks the provider for. Providers refuse names that they do not know.
#[derive(Clone, Debug)]
pub(crate) enum Requestable {
    /// Always these.
    Fixed(&'static [&'static str]),
    /// Those that the map turns into what is needed, behind a prefix.
    Mapped {
        /// Such as `api://id/`, for names that are not URLs already.
        prefix: Option<String>,
    },
    /// Ours.
    Ours,
}

impl Requestable {
    pub(crate) fn names(&self, scopes: &ScopeSet, config: &ProviderConfig) -> ScopeSet {
        let named = |name: &str| Scope::new(name).ok();
        match self {
            Self::Fixed(names) => names.iter().copied().filter_map(named).collect(),
            Self::Mapped { prefix } => {
                let names = config.scopes.names_for(scopes).into_iter();
                let qualified = names.filter_map(|name| match prefix {
                    Some(prefix) if !name.contains("://") => named(&format!("{prefix}{name}")),
                    _ => named(name),
                });
                qualified.collect()
            }
            Self::Ours => scopes.clone(),
        }
    }
}

/// Adds a problem for each setting that the provider has no use for. A restriction that nothing
/// enforces must not look as if it were one.
fn refuse_useless(config: &ProviderConfig, problems: &mut Problems) {
    use ProviderKind::{Azure, Google, Hmac, Oidc, Okta};
    let settings: [(_, bool, &[ProviderKind]); 6] = [
        (Field::AllowAppTokens, config.allow_app_tokens, &[Azure]),
        (
            Field::AllowedDomains,
            !config.allowed_domains.is_empty(),
            &[Google],
        ),
        (
            Field::AllowedGroups,
            !config.allowed_groups.is_empty(),
            &[Azure, Hmac, Oidc, Okta],
        ),
        (
            Field::AllowedTenants,
            !config.allowed_tenants.is_empty(),
            &[Azure],
        ),
        (Field::GoogleTokeninfo, config.google_tokeninfo, &[Google]),
        // Whoever has a key could make tokens of a provider that signs with others (RFC 8725
        // section 3.1).
        (Field::HmacSecrets, !config.hmac_secrets.is_empty(), &[Hmac]),
    ];
    for (field, is_set, kinds) in settings {
        if is_set && !kinds.contains(&config.kind) {
            let problem = format!("it has no meaning for the provider {}", config.kind);
            problems.add(field, problem, "leave it out");
        }
    }
}

/// Adds a problem for each scope that is given and does not exist.
fn check_scopes(config: &ProviderConfig, problems: &mut Problems) {
    let rules = &config.scopes;
    let known = || {
        let names: Vec<_> = rules.ladder.iter().map(Scope::as_str).collect();
        format!("use {}", names.join(", "))
    };
    let mut check = |field, scope: &Scope| {
        if !rules.ladder.contains(scope) {
            problems.add(
                field,
                format!("{scope} is no scope of this server"),
                known(),
            );
        }
    };
    for scope in rules.default.iter() {
        check(Field::DefaultScopes, scope);
    }
    let targets: BTreeSet<_> = rules.map.iter().flat_map(|map| map.targets()).collect();
    for scope in targets {
        check(Field::ScopeMap, scope);
    }
}

/// Adds a problem for each name that is empty, and so would match what is empty.
fn check_names(config: &ProviderConfig, problems: &mut Problems) {
    let groups_claim = std::slice::from_ref(&config.groups_claim);
    let client_id = config.client_id.as_slice();
    for (field, names) in [
        (Field::AllowedClients, &*config.allowed_clients),
        (Field::AllowedDomains, &*config.allowed_domains),
        (Field::AllowedGroups, &*config.allowed_groups),
        (Field::AllowedTenants, &*config.allowed_tenants),
        (Field::Audiences, &*config.audiences),
        (Field::ClientId, client_id),
        (Field::GroupsClaim, groups_claim),
    ] {
        if names.iter().any(|name| name.trim().is_empty()) {
            problems.add(field, "it holds an empty name", "leave that out");
        }
    }
}
