use std::sync::Arc;

use mcp_oauth_token::{
    Check, ClaimRules, Claims, IssuerAudience, JwtHeader, Principal, Rejection, VerifiedToken,
};

use super::{Authority, rules::AzureRules, scope_prefix};
use crate::{
    Field, LoginConfig, ProviderConfig,
    login::account::admission,
    login::profile::{LoginProfile, QualifiedScopes},
    problem::Problems,
};

/// The login by the endpoints of version 2.0, whose id tokens are of that version whatever the
/// application is set to.
pub(crate) fn login_profile(
    config: &ProviderConfig,
    login: &LoginConfig,
    problems: &mut Problems,
) -> Option<LoginProfile> {
    let issuer = problems.issuer(config)?;
    let authority = Authority::new(&issuer).ok()?;
    if !authority.is_v2(&issuer) {
        problems.add(
            Field::Issuer,
            "the issuer is that of version 1.0, where nobody is logged in",
            "use <cloud>/<tenant id>/v2.0, such as https://login.microsoftonline.com/<tenant id>/v2.0",
        );
        return None;
    }
    let expected = authority.expected_v2(&config.allowed_tenants);
    let mut accepted = IssuerAudience::new(expected, vec![login.client_id.clone()]);
    accepted.version = Some("2.0".to_owned());
    let prefix = match scope_prefix(config) {
        none if none.is_empty() => format!("api://{}/", login.client_id),
        prefix => prefix,
    };
    let accounts = AzureAccounts(AzureRules {
        admission: admission(config),
        authority,
        allow_app_tokens: false,
        scope_prefix: prefix.clone(),
        lacks_client_id: false,
    });
    Some(LoginProfile {
        accepted: vec![accepted],
        accounts: Arc::new(accounts),
        admission: admission(config),
        scopes: &["openid", "profile", "offline_access"],
        parameters: &[],
        qualified: Some(QualifiedScopes {
            prefix,
            default: ".default",
        }),
    })
}

/// Who Entra's id tokens stand for.
#[derive(Debug)]
struct AzureAccounts(AzureRules);

impl ClaimRules for AzureAccounts {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        self.0.account(token)
    }

    fn hint(&self, check: Check, header: &JwtHeader, claims: &Claims) -> Option<String> {
        self.0.hint(check, header, claims)
    }
}
