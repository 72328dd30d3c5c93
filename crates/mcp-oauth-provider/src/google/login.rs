use std::sync::Arc;

use mcp_oauth_token::{ExpectedIssuer, IssuerAudience};

use super::{GoogleRules, domains, issuers};
use crate::{
    LoginConfig, ProviderConfig, login::account::admission, login::profile::LoginProfile,
    problem::Problems,
};

pub(crate) fn login_profile(
    config: &ProviderConfig,
    login: &LoginConfig,
    problems: &mut Problems,
) -> Option<LoginProfile> {
    let audiences = vec![login.client_id.clone()];
    let rules = GoogleRules {
        issuer: config.issuer.clone(),
        admission: admission(config),
        allowed_clients: Vec::new(),
        domains: domains(config, problems),
        audiences: audiences.clone(),
    };
    let accepted = issuers(config).map(|issuer| {
        IssuerAudience::new(ExpectedIssuer::Exact(issuer.to_owned()), audiences.clone())
    });
    Some(LoginProfile {
        accepted: accepted.into(),
        accounts: Arc::new(rules),
        admission: admission(config),
        scopes: &["openid", "email", "profile"],
        // Without both there is a refresh token at the first login only, or never.
        parameters: &[("access_type", "offline"), ("prompt", "consent")],
        qualified: None,
    })
}
