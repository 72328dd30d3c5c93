//! Google: id tokens, and access tokens that only Google understands.

use std::{slice, sync::Arc};

use mcp_oauth_token::{
    Check, ClaimRules, Claims, ExpectedIssuer, IssuerAudience, Principal, PrincipalKind, Quoted,
    Rejection, UnixTime, VerifiedToken,
};

#[cfg(feature = "login")]
pub(crate) use self::login::login_profile;
pub(crate) use self::tokeninfo::Tokeninfo;
use crate::{
    ConfigProblem, Field, ProviderConfig,
    admission::{Admission, filled, verified_email},
    explanation::Expectation,
    problem::Problems,
    profile::{DiscoverySite, Keys, Profile, Requestable},
};

#[cfg(feature = "login")]
mod login;
mod tokeninfo;

pub(crate) fn profile(config: &ProviderConfig, problems: &mut Problems) -> Option<Profile> {
    let audiences = audiences(config);
    if audiences.is_empty() {
        problems.add(
            Field::Audiences,
            "there is no audience",
            "name the client id, which ends in .apps.googleusercontent.com",
        );
    }
    let site = site(config, problems)?;
    let rules = Arc::new(GoogleRules {
        issuer: config.issuer.clone(),
        admission: Admission::new(config).with_clients(presenters(config)),
        allowed_clients: config.allowed_clients.clone(),
        domains: domains(config, problems),
        audiences: audiences.clone(),
    });
    let accepted = issuers(config).map(|issuer| {
        IssuerAudience::new(ExpectedIssuer::Exact(issuer.to_owned()), audiences.clone())
    });
    let tokeninfo = config
        .google_tokeninfo
        .then(|| Tokeninfo::new(&site, Arc::clone(&rules), config.leeway));
    Some(Profile {
        keys: Keys::Published(site),
        accepted: accepted.into(),
        takes_id_tokens: true,
        rules,
        requestable: Requestable::Fixed(&["openid", "email"]),
        tokeninfo,
        expectations: vec![
            Expectation::new("azp", "a client that is an audience, or allowed"),
            Expectation::new("hd", "an allowed domain, where domains are configured"),
            Expectation::new("email_verified", "true, or the address does not count"),
        ],
        warnings: warnings(config),
    })
}

/// Who an account of Google's is, and whether it may enter.
#[derive(Debug)]
pub(crate) struct GoogleRules {
    /// Tokens spell it in two ways; an account is one, whichever its token has.
    issuer: String,
    admission: Admission,
    allowed_clients: Vec<String>,
    domains: Vec<String>,
    audiences: Vec<String>,
}

impl GoogleRules {
    /// # Errors
    ///
    /// The check that fails.
    fn principal(&self, account: Account<'_>) -> Result<Principal, Rejection> {
        // Anybody's service account can get a token with any audience. Its `azp` is itself.
        let is_service = account.azp == Some(account.subject);
        let is_listed_service = is_service
            && self
                .allowed_clients
                .iter()
                .any(|client| client == account.subject);
        if !is_listed_service {
            self.check_domain(account.hd)?;
        }
        let kind = if is_service {
            PrincipalKind::Service
        } else {
            PrincipalKind::User
        };
        let mut principal =
            Principal::new(&*self.issuer, account.subject, kind, account.expires_at);
        principal.client_id = Some(account.azp.unwrap_or(account.audience).to_owned());
        principal.display_name = account.name;
        principal.email = account.email;
        self.admission.admit(principal, account.scopes)
    }

    /// Checks the domain of the account. Its address says nothing: anybody can have an account with
    /// an address of any domain.
    fn check_domain(&self, hd: Option<&str>) -> Result<(), Rejection> {
        let is_allowed = |hd: &str| {
            self.domains
                .iter()
                .any(|domain| domain.eq_ignore_ascii_case(hd))
        };
        if self.domains.is_empty() || hd.is_some_and(is_allowed) {
            return Ok(());
        }
        let detail = match hd {
            Some(hd) => format!("the domain {} is not allowed", Quoted(hd)),
            None => "the account is of no Workspace domain, or the token does not say".to_owned(),
        };
        Err(Rejection::new(Check::Domain).detail(detail))
    }

    fn audience<'a>(&self, found: &[&'a str]) -> Option<&'a str> {
        let is_ours = |found: &&str| self.audiences.iter().any(|audience| audience == found);
        found.iter().copied().find(is_ours)
    }
}

impl ClaimRules for GoogleRules {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let claims: &Claims = token.claims();
        self.principal(Account {
            subject: token.subject(),
            audience: self.audience(&claims.list("aud")?).ok_or(Check::Audience)?,
            azp: filled(claims, "azp")?,
            hd: filled(claims, "hd")?,
            email: verified_email(claims)?,
            name: filled(claims, "name")?.map(str::to_owned),
            scopes: &[],
            expires_at: token.expires_at(),
        })
    }
}

/// What Google says about an account, in a token or when it is asked.
#[derive(Debug)]
struct Account<'a> {
    subject: &'a str,
    audience: &'a str,
    azp: Option<&'a str>,
    hd: Option<&'a str>,
    email: Option<String>,
    name: Option<String>,
    scopes: &'a [String],
    expires_at: UnixTime,
}

fn site(config: &ProviderConfig, problems: &mut Problems) -> Option<DiscoverySite> {
    let issuer = problems.issuer(config)?;
    if config.issuer != ISSUER && !issuer.is_loopback() {
        problems.add(
            Field::Issuer,
            format!("Google's issuer is {ISSUER}"),
            "use that, or the provider oidc for another issuer",
        );
        return None;
    }
    Some(DiscoverySite::new(issuer))
}

/// The two forms of the issuer that Google's documentation allows for.
fn issuers(config: &ProviderConfig) -> [&str; 2] {
    let bare = config.issuer.split_once("://").map_or("", |(_, bare)| bare);
    [&config.issuer, bare]
}

/// The clients whose tokens are for this server.
fn audiences(config: &ProviderConfig) -> Vec<String> {
    if config.audiences.is_empty() {
        return config.client_id.iter().cloned().collect();
    }
    config.audiences.clone()
}

/// The clients that may have asked for such a token.
fn presenters(config: &ProviderConfig) -> Vec<String> {
    let own = audiences(config)
        .into_iter()
        .chain(config.client_id.clone());
    own.chain(config.allowed_clients.iter().cloned()).collect()
}

/// The domains that may enter; none says that all may.
fn domains(config: &ProviderConfig, problems: &mut Problems) -> Vec<String> {
    let is_any = |domain: &String| domain == ANY_DOMAIN;
    if !config.allowed_domains.iter().any(is_any) {
        return config.allowed_domains.clone();
    }
    if config.allowed_domains.len() > 1 {
        problems.add(
            Field::AllowedDomains,
            "* stands beside other domains",
            "name the domains, or * alone for every Google account",
        );
    }
    Vec::new()
}

fn warnings(config: &ProviderConfig) -> Vec<ConfigProblem> {
    let mut warnings = Problems::default();
    if config.google_tokeninfo {
        warnings.add(
            Field::GoogleTokeninfo,
            "Google is asked about each access token, besides the id tokens that are accepted",
            "turn it off if clients send id tokens",
        );
    } else {
        warnings.add(
            Field::GoogleTokeninfo,
            "id tokens of Google are accepted as bearer tokens, and access tokens are not",
            "turn it on to have Google asked about those",
        );
    }
    if config.allowed_domains.is_empty() {
        warnings.add(
            Field::AllowedDomains,
            "every Google account in the world may enter",
            "name the domains of the accounts that may, or * to say that this is meant",
        );
    } else if config.google_tokeninfo && config.allowed_domains != slice::from_ref(&ANY_DOMAIN) {
        warnings.add(
            Field::AllowedDomains,
            "Google does not say which domain the account of an access token is of, so that only \
             id tokens pass",
            "let clients send those",
        );
    }
    if config.scopes.map.is_some() {
        warnings.add(
            Field::ScopeMap,
            "Google's id tokens name no scopes, roles or groups: with a scope map, they may do \
             nothing",
            "leave it out",
        );
    }
    warnings.into_vec()
}

const ISSUER: &str = "https://accounts.google.com";
const ANY_DOMAIN: &str = "*";
