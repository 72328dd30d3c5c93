//! Okta, by a custom authorization server.

use std::sync::Arc;

use mcp_oauth_token::{
    Check, ClaimRules, Claims, ExpectedIssuer, IssuerAudience, JwtHeader, Principal, PrincipalKind,
    Rejection, VerifiedToken,
};

use crate::{
    ConfigProblem, Field, ProviderConfig,
    admission::{Admission, filled, names, verified_email, words},
    explanation::Expectation,
    problem::Problems,
    profile::{DiscoverySite, Keys, Profile, Requestable},
};

pub(crate) fn profile(config: &ProviderConfig, problems: &mut Problems) -> Option<Profile> {
    problems.check_audiences(config);
    let issuer = problems.issuer(config)?;
    let is_org_server = !issuer.url().path().starts_with("/oauth2/");
    let rules = OktaRules {
        admission: Admission::new(config),
        issuer: config.issuer.clone(),
        is_org_server,
    };
    let expected = ExpectedIssuer::Exact(config.issuer.clone());
    Some(Profile {
        accepted: vec![IssuerAudience::new(expected, config.audiences.clone())],
        keys: Keys::Published(DiscoverySite::new(issuer)),
        takes_id_tokens: false,
        rules: Arc::new(rules),
        requestable: Requestable::Mapped { prefix: None },
        tokeninfo: None,
        expectations: vec![
            Expectation::new("cid", "the client: id tokens have none"),
            Expectation::new("uid", "the user; absent where a service acts for itself"),
            Expectation::new("scp", "the scopes"),
        ],
        warnings: is_org_server
            .then(|| ConfigProblem {
                field: Field::Issuer,
                problem: format!("{} is {ORG_SERVER}", config.issuer),
                fix: FIX.to_owned(),
            })
            .into_iter()
            .collect(),
    })
}

#[derive(Debug)]
struct OktaRules {
    admission: Admission,
    issuer: String,
    is_org_server: bool,
}

impl ClaimRules for OktaRules {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let claims = token.claims();
        let Some(cid) = filled(claims, "cid")? else {
            let detail = "there is no cid, which Okta's access tokens have and its id tokens lack";
            return Err(Rejection::new(Check::TokenType).detail(detail));
        };
        // `sub` is the login of a user, which can be given to somebody else.
        let (subject, kind) = match filled(claims, "uid")? {
            Some(uid) => (uid, PrincipalKind::User),
            None if token.subject() == cid => (cid, PrincipalKind::Service),
            None => {
                let detail = "there is no uid, and sub is not the client that a service has there";
                return Err(Rejection::new(Check::Subject).detail(detail));
            }
        };
        let mut principal = Principal::new(token.issuer(), subject, kind, token.expires_at());
        principal.client_id = Some(cid.to_owned());
        principal.groups = self.admission.groups_in(claims)?;
        principal.roles = names(claims, "roles")?;
        principal.display_name = Some(token.subject().to_owned());
        principal.email = verified_email(claims)?;
        self.admission.admit(principal, &words(claims, "scp")?)
    }

    fn hint(&self, check: Check, _: &JwtHeader, claims: &Claims) -> Option<String> {
        if self.is_org_server {
            return Some(format!("the issuer is {ORG_SERVER}; {FIX}"));
        }
        let iss = claims.text("iss").ok()??;
        let is_of_org = !iss.contains("/oauth2/") && self.issuer.starts_with(iss);
        (check == Check::Issuer && is_of_org).then(|| {
            format!(
                "the token is of {ORG_SERVER}: the client has to ask at {}",
                self.issuer
            )
        })
    }
}

const ORG_SERVER: &str =
    "Okta's org authorization server, whose access tokens only Okta can verify";
const FIX: &str = "use a custom authorization server, whose issuer ends in /oauth2/default or \
                   /oauth2/<id>, or proxy mode";
