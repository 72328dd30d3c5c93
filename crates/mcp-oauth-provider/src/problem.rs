//! What is wrong with a configuration, and how to put it right.

use std::fmt;

use mcp_oauth_token::ProviderUrl;

use crate::ProviderConfig;

/// One thing that is wrong with a configuration, or hardly meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}: {fix}")]
#[non_exhaustive]
pub struct ConfigProblem {
    /// The field of [`ProviderConfig`], or of the client that people are
    /// logged in with, to change.
    pub field: Field,
    /// What is wrong with it. A value is quoted, but never that of a secret.
    pub problem: String,
    /// What to do.
    pub fix: String,
}

/// A field of [`ProviderConfig`], or of the client that people are logged in
/// with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is documented at the field that it names")]
pub enum Field {
    AllowAppTokens,
    AllowedClients,
    AllowedDomains,
    AllowedGroups,
    AllowedTenants,
    Audiences,
    ClientId,
    ClientSecret,
    DefaultScopes,
    GoogleTokeninfo,
    GroupsClaim,
    HmacSecrets,
    Issuer,
    Leeway,
    RedirectUri,
    ScopeMap,
}

/// The problems found so far: all are shown at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<ConfigProblem>);

impl Problems {
    /// Adds one.
    pub(crate) fn add(&mut self, field: Field, problem: impl Into<String>, fix: impl Into<String>) {
        self.0.push(ConfigProblem {
            field,
            problem: problem.into(),
            fix: fix.into(),
        });
    }

    /// Adds one if tokens of any audience would do: those are meant for somebody else.
    pub(crate) fn check_audiences(&mut self, config: &ProviderConfig) {
        if config.audiences.is_empty() {
            self.add(
                Field::Audiences,
                "there is no audience",
                "name what the aud of tokens for this server has to be",
            );
        }
    }

    /// The issuer as an address, or a problem.
    pub(crate) fn issuer(&mut self, config: &ProviderConfig) -> Option<ProviderUrl> {
        if config.issuer.is_empty() {
            self.add(
                Field::Issuer,
                "there is no issuer",
                "use what the provider calls itself in its discovery document",
            );
            return None;
        }
        let issuer = match ProviderUrl::new(&config.issuer) {
            Ok(issuer) => issuer,
            Err(error) => {
                self.add(
                    Field::Issuer,
                    format!("the issuer cannot be used: {error}"),
                    "use an https URL as the provider writes it, such as \
                     https://login.example.com/tenant",
                );
                return None;
            }
        };
        // RFC 8414 section 2.
        if issuer.url().query().is_some() {
            self.add(
                Field::Issuer,
                "the issuer has a query (?)",
                "leave it out: an issuer has none",
            );
            return None;
        }
        Some(issuer)
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(crate) fn into_vec(self) -> Vec<ConfigProblem> {
        self.0
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllowAppTokens => "allow_app_tokens",
            Self::AllowedClients => "allowed_clients",
            Self::AllowedDomains => "allowed_domains",
            Self::AllowedGroups => "allowed_groups",
            Self::AllowedTenants => "allowed_tenants",
            Self::Audiences => "audiences",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::DefaultScopes => "scopes.default",
            Self::GoogleTokeninfo => "google_tokeninfo",
            Self::GroupsClaim => "groups_claim",
            Self::HmacSecrets => "hmac_secrets",
            Self::Issuer => "issuer",
            Self::Leeway => "leeway",
            Self::RedirectUri => "redirect_uri",
            Self::ScopeMap => "scopes.map",
        })
    }
}
