//! Accounts of providers that keep to OpenID Connect.

use std::sync::Arc;

use mcp_oauth_token::{
    Check, ClaimRules, ExpectedIssuer, IssuerAudience, Principal, PrincipalKind, Quoted, Rejection,
    VerifiedToken,
};

use super::{LoginConfig, profile::LoginProfile};
use crate::{ProviderConfig, admission::Admission};

/// The profile of a provider without peculiarities.
pub(super) fn login_profile(config: &ProviderConfig, login: &LoginConfig) -> LoginProfile {
    let issuer = ExpectedIssuer::Exact(config.issuer.clone());
    LoginProfile {
        accepted: vec![IssuerAudience::new(issuer, vec![login.client_id.clone()])],
        accounts: Arc::new(OpenidAccounts {
            admission: admission(config),
        }),
        admission: admission(config),
        scopes: &["openid", "profile", "email", "offline_access"],
        parameters: &[],
        qualified: None,
    }
}

/// Whom the operator lets in. Id tokens are issued to one client only: this server.
pub(crate) fn admission(config: &ProviderConfig) -> Admission {
    Admission::new(config).with_clients(Vec::new())
}

/// The rules for claims with the names of OpenID Connect Core section 5.1. Okta's `sub` is the
/// stable identifier there, which access tokens have as `uid`.
#[derive(Debug)]
struct OpenidAccounts {
    admission: Admission,
}

impl ClaimRules for OpenidAccounts {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let claims = token.claims();
        // Keycloak's tokens say what they are in a claim.
        if let Some(typ) = claims.text("typ")?
            && !typ.eq_ignore_ascii_case("ID")
        {
            let detail = format!("the claim typ is {}, which no id token has", Quoted(typ));
            return Err(Rejection::new(Check::TokenType).detail(detail));
        }
        let kind = PrincipalKind::User;
        let principal = Principal::new(token.issuer(), token.subject(), kind, token.expires_at());
        self.admission.describe(principal, claims)
    }
}
