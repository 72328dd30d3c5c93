//! What makes logging in at one provider different from another, as data.

use std::sync::Arc;

use mcp_oauth_token::{ClaimRules, ExpectedIssuer, IssuerAudience, ScopeSet};

use super::LoginConfig;
use crate::{
    ProviderConfig, ProviderKind, admission::Admission, azure, discovery_document::Endpoints,
    google, login::account, problem::Problems,
};

/// How people log in at a provider, and which id tokens are accepted of it.
#[derive(Debug)]
pub(crate) struct LoginProfile {
    /// Which issuers go with which audiences.
    pub(crate) accepted: Vec<IssuerAudience>,
    /// Who an id token stands for.
    pub(crate) accounts: Arc<dyn ClaimRules>,
    /// Whom the operator lets in.
    pub(crate) admission: Admission,
    /// What is asked for at every login, as far as the provider knows it.
    pub(crate) scopes: &'static [&'static str],
    /// What else the authorization request says.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// The names of scopes, where they are qualified.
    pub(crate) qualified: Option<QualifiedScopes>,
}

/// Scopes with the name of what they are scopes of (Entra).
#[derive(Debug)]
pub(crate) struct QualifiedScopes {
    /// What they begin with.
    pub(crate) prefix: String,
    /// What is asked for in the place of none.
    pub(crate) default: &'static str,
}

impl LoginProfile {
    /// The profile for a configuration. What is wrong with that is added to `problems`; `None` says
    /// that too much is.
    pub(super) fn new(
        config: &ProviderConfig,
        login: &LoginConfig,
        problems: &mut Problems,
    ) -> Option<Self> {
        match config.kind {
            ProviderKind::Azure => azure::login_profile(config, login, problems),
            ProviderKind::Google => google::login_profile(config, login, problems),
            ProviderKind::Hmac => None,
            ProviderKind::Oidc => Some(Self {
                // OpenID Connect Core section 11: without consent there is no offline access.
                parameters: &[("prompt", "consent")],
                ..account::login_profile(config, login)
            }),
            ProviderKind::Okta => Some(account::login_profile(config, login)),
        }
    }

    /// The scopes to ask for, to get what `mapped` stands for here.
    pub(super) fn requested(&self, mapped: &ScopeSet, endpoints: &Endpoints) -> Vec<String> {
        let known = endpoints.scopes.as_deref();
        let is_known = |name: &&str| {
            known.is_none_or(|known| *name == "openid" || known.iter().any(|known| known == name))
        };
        let always = self.scopes.iter().copied().filter(is_known);
        let mut requested: Vec<_> = always.map(str::to_owned).collect();
        for name in mapped.iter().map(ToString::to_string) {
            if !requested.contains(&name) {
                requested.push(name);
            }
        }
        if let Some(QualifiedScopes { prefix, default }) = &self.qualified
            && mapped.is_empty()
        {
            requested.push(format!("{prefix}{default}"));
        }
        requested
    }

    /// The scopes to repeat where a code or a refresh token is exchanged. Only Entra wants them
    /// there; elsewhere they could only make less of what was granted.
    pub(super) fn repeated<'a>(&self, requested: &'a [String]) -> &'a [String] {
        match self.qualified {
            Some(_) => requested,
            None => &[],
        }
    }

    /// The scopes that the provider grants, in the names that access tokens have them in.
    pub(super) fn granted(&self, mut names: Vec<String>) -> Vec<String> {
        if let Some(QualifiedScopes { prefix, .. }) = &self.qualified {
            let bare = names.iter().filter_map(|name| name.strip_prefix(prefix));
            let bare: Vec<_> = bare.map(str::to_owned).collect();
            names.extend(bare);
        }
        names
    }

    /// Whether an answer to an authorization request is of this provider.
    pub(super) fn is_issuer(&self, iss: &str) -> bool {
        self.accepted.iter().any(|pair| match &pair.issuer {
            ExpectedIssuer::Tenant { template, tenants } => tenants
                .iter()
                .any(|tenant| template.replace("{tenantid}", tenant) == iss),
            issuer => issuer.as_str() == iss,
        })
    }
}
