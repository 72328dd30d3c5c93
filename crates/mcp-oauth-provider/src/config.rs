//! How a provider is configured.

use std::{fmt, str::FromStr, time::Duration};

use secrecy::SecretString;

use crate::ScopeRules;

/// Configures a provider. [`Provider::new`](crate::Provider::new) checks it as a whole.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProviderConfig {
    /// Which provider.
    pub kind: ProviderKind,
    /// Who issues the tokens: exactly what the provider calls itself.
    pub issuer: String,
    /// What tokens must be meant for, at least one of them: `aud`.
    pub audiences: Vec<String>,
    /// The client registered for this server. Google: the audience to expect if `audiences` is
    /// empty. Entra: the audience of tokens of version 2.0, where `audiences` has no GUID.
    pub client_id: Option<String>,
    /// The clients that tokens may have been issued to. Empty: any.
    pub allowed_clients: Vec<String>,
    /// Google: the Workspace domains (`hd`) that accounts may belong to. `*` says that any account
    /// may enter; so does an empty list, with a warning.
    pub allowed_domains: Vec<String>,
    /// Entra: the tenants that accounts may belong to. Required where the issuer is `common`,
    /// `organizations` or `consumers`.
    pub allowed_tenants: Vec<String>,
    /// The groups of which accounts must be in one. Empty: any account.
    pub allowed_groups: Vec<String>,
    /// The claim that lists groups.
    pub groups_claim: String,
    /// Google: also accept access tokens, which only Google can tell anything about, by asking it
    /// about each.
    pub google_tokeninfo: bool,
    /// Entra: also accept tokens of applications that act for themselves, by their roles.
    pub allow_app_tokens: bool,
    /// HMAC: the keys. The first one signs and verifies, the others only verify.
    pub hmac_secrets: Vec<SecretString>,
    /// Which scopes tokens have.
    pub scopes: ScopeRules,
    /// How far the clocks of provider and server may differ: at most two minutes.
    pub leeway: Duration,
}

impl ProviderConfig {
    /// The configuration of a provider, with secure defaults for all the rest. It is not complete:
    /// tokens need an audience, and scopes.
    #[must_use]
    pub fn new(kind: ProviderKind, issuer: impl Into<String>) -> Self {
        Self {
            kind,
            issuer: issuer.into(),
            audiences: Vec::new(),
            client_id: None,
            allowed_clients: Vec::new(),
            allowed_domains: Vec::new(),
            allowed_tenants: Vec::new(),
            allowed_groups: Vec::new(),
            groups_claim: "groups".to_owned(),
            google_tokeninfo: false,
            allow_app_tokens: false,
            hmac_secrets: Vec::new(),
            scopes: ScopeRules::default(),
            leeway: Duration::from_secs(30),
        }
    }
}

/// A provider of identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderKind {
    /// Microsoft Entra ID.
    Azure,
    /// Google.
    Google,
    /// A symmetric key, for development and tests.
    Hmac,
    /// Any other OpenID provider whose access tokens are JWTs.
    Oidc,
    /// Okta.
    Okta,
}

impl ProviderKind {
    /// Its name, in configuration and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Google => "google",
            Self::Hmac => "hmac",
            Self::Oidc => "oidc",
            Self::Okta => "okta",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderKind {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        Ok(match text {
            "azure" | "azuread" => Self::Azure,
            "google" => Self::Google,
            "hmac" => Self::Hmac,
            "oidc" => Self::Oidc,
            "okta" => Self::Okta,
            _ => return Err(UnknownProvider),
        })
    }
}

/// A name that no provider has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of azure (or azuread), google, hmac, oidc, okta")]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct UnknownProvider;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_known_by_name() {
        for (name, kind) in [
            ("azure", ProviderKind::Azure),
            ("azuread", ProviderKind::Azure),
            ("google", ProviderKind::Google),
            ("hmac", ProviderKind::Hmac),
            ("oidc", ProviderKind::Oidc),
            ("okta", ProviderKind::Okta),
        ] {
            assert_eq!(name.parse(), Ok(kind));
        }
        assert_eq!("Okta ".parse::<ProviderKind>(), Err(UnknownProvider));
    }

    #[test]
    fn secrets_are_not_printed() {
        let mut config = ProviderConfig::new(ProviderKind::Hmac, "https://issuer.example");
        config.hmac_secrets = vec!["canary".into()];
        assert!(!format!("{config:?}").contains("canary"));
    }
}
