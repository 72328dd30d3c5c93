//! What is wrong with a configuration, and how to put it right.

use std::fmt;

use crate::ProviderKind;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}: {fix}")]
#[non_exhaustive]
pub struct ConfigProblem {
    /// The field of [`ProviderConfig`](crate::ProviderConfig) to change.
    pub field: Field,
    /// What is wrong with it. A value is quoted, but never that of a secret.
    pub problem: String,
    /// What to do.
    pub fix: String,
}

/// A field of [`ProviderConfig`](crate::ProviderConfig).
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
    DefaultScopes,
    GoogleTokeninfo,
    GroupsClaim,
    HmacSecrets,
    Issuer,
    Leeway,
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

    /// Adds one if `is_set`, because the provider has no such thing. A restriction that is not
    /// enforced must not look as if it were.
    pub(crate) fn add_if_useless(&mut self, field: Field, is_set: bool, kind: ProviderKind) {
        if is_set {
            self.add(
                field,
                format!("{field} has no meaning for the provider {kind}"),
                "leave it out",
            );
        }
    }

    /// `value`, if there are no problems.
    pub(crate) fn none_or<T>(self, value: T) -> Result<T, Vec<ConfigProblem>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
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
            Self::DefaultScopes => "scopes.default",
            Self::GoogleTokeninfo => "google_tokeninfo",
            Self::GroupsClaim => "groups_claim",
            Self::HmacSecrets => "hmac_secrets",
            Self::Issuer => "issuer",
            Self::Leeway => "leeway",
            Self::ScopeMap => "scopes.map",
        })
    }
}
