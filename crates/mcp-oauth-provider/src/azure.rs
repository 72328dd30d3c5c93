//! Microsoft Entra ID.

use std::sync::Arc;

use mcp_oauth_token::{ExpectedIssuer, IssuerAudience};

#[cfg(feature = "login")]
pub(crate) use self::login::login_profile;
use self::{
    authority::{Authority, Tenant, is_guid},
    rules::{AzureRules, GRAPH},
};
use crate::{
    ConfigProblem, Field, ProviderConfig,
    admission::Admission,
    explanation::Expectation,
    problem::Problems,
    profile::{DiscoverySite, Keys, Profile, Requestable},
};

mod authority;
#[cfg(feature = "login")]
mod login;
mod rules;

pub(crate) fn profile(config: &ProviderConfig, problems: &mut Problems) -> Option<Profile> {
    problems.check_audiences(config);
    let issuer = problems.issuer(config)?;
    let authority = match Authority::new(&issuer) {
        Ok(authority) => authority,
        Err((problem, fix)) => {
            problems.add(Field::Issuer, problem, fix);
            return None;
        }
    };
    check_tenants(config, authority.tenant(), problems);
    check_graph(config, problems);
    let application_ids = application_ids(config);
    let scope_prefix = scope_prefix(config);
    let rules = AzureRules {
        admission: Admission::new(config),
        authority: authority.clone(),
        allow_app_tokens: config.allow_app_tokens,
        scope_prefix: scope_prefix.clone(),
        lacks_client_id: application_ids.is_empty(),
    };
    Some(Profile {
        accepted: accepted(config, &authority, &application_ids),
        keys: Keys::Published(DiscoverySite {
            named: authority.named(&issuer),
            issuer,
        }),
        takes_id_tokens: false,
        rules: Arc::new(rules),
        requestable: Requestable::Mapped {
            prefix: Some(scope_prefix),
        },
        tokeninfo: None,
        expectations: vec![
            Expectation::new("ver", "1.0 or 2.0, each with its own iss and aud"),
            Expectation::new("tid", "the tenant of the issuer, or an allowed one"),
            Expectation::new("oid", "the account"),
            Expectation::new("azp", "the client, in version 2.0"),
            Expectation::new("appid", "the client, in version 1.0"),
            Expectation::new("scp", "the scopes of a user's token"),
            Expectation::new("roles", "the roles; without scp, an application's own"),
        ],
        warnings: warnings(&application_ids),
    })
}

/// The pairs of issuer and audience. In version 2.0 the audience is the identifier of the
/// application, in 1.0 what the client asked for.
fn accepted(
    config: &ProviderConfig,
    authority: &Authority,
    application_ids: &[String],
) -> Vec<IssuerAudience> {
    let pair = |issuer: ExpectedIssuer, audiences: &[String], version: &str| {
        let mut pair = IssuerAudience::new(issuer, audiences.to_vec());
        pair.version = Some(version.to_owned());
        pair
    };
    let v2 = authority.expected_v2(&config.allowed_tenants);
    let v2 = (!application_ids.is_empty()).then(|| pair(v2, application_ids, "2.0"));
    let v1 = authority.expected_v1(&config.allowed_tenants).into_iter();
    let v1 = v1.map(|issuer| pair(issuer, &config.audiences, "1.0"));
    v2.into_iter().chain(v1).collect()
}

/// The identifiers of the application in its audiences, or else the one that is configured.
fn application_ids(config: &ProviderConfig) -> Vec<String> {
    let audiences = config.audiences.iter().map(String::as_str);
    let ids = audiences.map(|audience| audience.strip_prefix("api://").unwrap_or(audience));
    let ids: Vec<_> = ids.filter(|id| is_guid(id)).map(str::to_owned).collect();
    if ids.is_empty() {
        return config.client_id.iter().cloned().collect();
    }
    ids
}

/// What the names of scopes begin with where clients ask for them: the application ID URI.
fn scope_prefix(config: &ProviderConfig) -> String {
    let mut uris = config
        .audiences
        .iter()
        .filter(|audience| audience.contains("://"));
    match (uris.next(), config.audiences.first()) {
        (Some(uri), _) => format!("{}/", uri.trim_end_matches('/')),
        (None, Some(id)) => format!("api://{id}/"),
        (None, None) => String::new(),
    }
}

fn check_tenants(config: &ProviderConfig, tenant: &Tenant, problems: &mut Problems) {
    let allowed = &config.allowed_tenants;
    if allowed.iter().any(|tenant| !is_guid(tenant)) {
        problems.add(
            Field::AllowedTenants,
            "a tenant is not named by its id",
            "use the Directory (tenant) ID, which tokens have as tid",
        );
    }
    match tenant {
        Tenant::Shared(name) if allowed.is_empty() => problems.add(
            Field::AllowedTenants,
            format!("the issuer is that of {name}, which lets every tenant in the world enter"),
            "name the ids of the tenants that may enter, or use the issuer of one tenant",
        ),
        Tenant::Id(id) if allowed.iter().any(|other| !other.eq_ignore_ascii_case(id)) => problems
            .add(
                Field::AllowedTenants,
                format!("the issuer is that of the tenant {id}, and of no other"),
                "leave it out, or use organizations as tenant in the issuer",
            ),
        _ => {}
    }
}

/// Adds a problem if tokens for Microsoft Graph are expected.
fn check_graph(config: &ProviderConfig, problems: &mut Problems) {
    if config.audiences.iter().any(|aud| GRAPH.contains(&&**aud)) {
        problems.add(
            Field::Audiences,
            "that is Microsoft Graph, whose tokens nobody else can verify",
            "use the application ID URI of this server, such as api://<application id>",
        );
    }
}

fn warnings(application_ids: &[String]) -> Vec<ConfigProblem> {
    let no_v2 = ConfigProblem {
        field: Field::ClientId,
        problem: "only tokens of version 1.0 are accepted: those of 2.0 have the application \
                  (client) id as audience, which is not among the audiences (api://<id>) either"
            .to_owned(),
        fix: "set it to the application (client) id".to_owned(),
    };
    let has_v2 = !application_ids.is_empty();
    (!has_v2).then_some(no_v2).into_iter().collect()
}
