use mcp_oauth_token::{
    Check, ClaimRules, Claims, JwtHeader, Principal, PrincipalKind, Quoted, Rejection,
    VerifiedToken,
};
use serde_json::Value;

use super::authority::{Authority, Tenant};
use crate::admission::{Admission, filled, first_filled, names, words};

/// Who Entra's tokens stand for.
#[derive(Debug)]
pub(super) struct AzureRules {
    pub(super) admission: Admission,
    pub(super) authority: Authority,
    pub(super) allow_app_tokens: bool,
    /// What scopes of this server begin with, where clients ask for them.
    pub(super) scope_prefix: String,
    /// Whether tokens of version 2.0 can have no audience that is accepted.
    pub(super) lacks_client_id: bool,
}

impl ClaimRules for AzureRules {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let claims = token.claims();
        let mut principal = self.account(token)?;
        let Some(client) = first_filled(claims, &["azp", "appid"])? else {
            let detail = "there is neither azp nor appid, which id tokens lack";
            return Err(Rejection::new(Check::TokenType).detail(detail));
        };
        principal.client_id = Some(client.to_owned());
        let scopes = words(claims, "scp")?;
        if self.is_app(claims, &scopes, &principal.roles)? {
            principal.kind = PrincipalKind::Service;
            // The scopes that an application has for itself are roles.
            let scopes = principal.roles.clone();
            return self.admission.admit(principal, &scopes);
        }
        self.admission.admit(principal, &scopes)
    }

    fn hint(&self, check: Check, header: &JwtHeader, claims: &Claims) -> Option<String> {
        let audiences = claims.list("aud").unwrap_or_default();
        if audiences.iter().any(|aud| GRAPH.contains(aud)) {
            let nonce = if header.contains("nonce") {
                ", and the nonce in its header keeps others from verifying it"
            } else {
                ""
            };
            return Some(format!(
                "the token is for Microsoft Graph{nonce}: the client has to ask for \
                 {}<scope>, and for no scope of Graph with it",
                self.scope_prefix
            ));
        }
        if check == Check::Group && has_group_overage(claims) {
            return Some(
                "the account is in too many groups for a token: in the app registration, limit \
                 the groups claim to those assigned to the application, or use roles"
                    .to_owned(),
            );
        }
        let is_v2 = claims.text("ver").ok().flatten() == Some("2.0");
        (check == Check::Audience && is_v2 && self.lacks_client_id).then(|| {
            "the aud of tokens of version 2.0 is the application (client) id: configure it as \
             client id"
                .to_owned()
        })
    }
}

impl AzureRules {
    /// The account that a token of any kind is of, as a person who is not let in yet.
    pub(super) fn account(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let claims = token.claims();
        let tid = self.tenant(claims)?;
        self.check_key(token.key_issuer(), tid)?;
        let Some(oid) = filled(claims, "oid")? else {
            let detail = "there is no oid, which is the same for an account in all applications";
            return Err(Rejection::new(Check::Subject).detail(detail));
        };
        let subject = format!("{tid}:{oid}");
        let kind = PrincipalKind::User;
        let mut principal = Principal::new(token.issuer(), subject, kind, token.expires_at());
        let name = first_filled(claims, &["name", "preferred_username", "upn"])?;
        principal.display_name = name.map(str::to_owned);
        principal.groups = self.groups(claims)?;
        principal.roles = names(claims, "roles")?;
        Ok(principal)
    }

    /// The tenant of the account: the one configured, or one that the policy allowed.
    fn tenant<'a>(&self, claims: &'a Claims) -> Result<&'a str, Rejection> {
        let tid = filled(claims, "tid")?.unwrap_or_default();
        let is_right = match self.authority.tenant() {
            Tenant::Id(tenant) => tenant.eq_ignore_ascii_case(tid),
            Tenant::Shared(_) => !tid.is_empty(),
        };
        if is_right {
            return Ok(tid);
        }
        let detail = format!("tid is {}, and not that of the issuer", Quoted(tid));
        Err(Rejection::new(Check::Tenant).detail(detail))
    }

    /// Checks that the key may sign for this tenant: the set is the same for all tenants, and one of
    /// them must not issue tokens of another.
    fn check_key(&self, key_issuer: Option<&str>, tid: &str) -> Result<(), Rejection> {
        match key_issuer {
            Some(issuer) if !self.authority.is_key_of(tid, issuer) => {
                let detail = format!("the key signs the tokens of {}", Quoted(issuer));
                Err(Rejection::new(Check::Key).detail(detail))
            }
            _ => Ok(()),
        }
    }

    /// Whether an application acts for itself, with roles in the place of scopes.
    fn is_app(
        &self,
        claims: &Claims,
        scopes: &[String],
        roles: &[String],
    ) -> Result<bool, Rejection> {
        let refused = |detail| Err(Rejection::new(Check::TokenType).detail(detail));
        if scopes.is_empty() && roles.is_empty() {
            return refused("there is neither scp nor roles, which access tokens have");
        }
        let is_app = claims.text("idtyp")? == Some("app") || scopes.is_empty();
        if is_app && !self.allow_app_tokens {
            return refused("it is of an application that acts for itself, which is not allowed");
        }
        Ok(is_app)
    }

    /// The groups. When there are too many for a token, it says where to ask instead; that is not
    /// done, so that they are not known, and nothing is allowed by them.
    fn groups(&self, claims: &Claims) -> Result<Vec<String>, Rejection> {
        if has_group_overage(claims) {
            return Ok(Vec::new());
        }
        self.admission.groups_in(claims)
    }
}

/// Whether the groups are too many for the token. In the implicit flow the mark is a text or a truth
/// value.
fn has_group_overage(claims: &Claims) -> bool {
    let mark = claims.value("hasgroups");
    claims.contains("_claim_names")
        || mark.is_some_and(|mark| *mark != Value::Bool(false) && *mark != "false")
}

/// Microsoft Graph, by its identifier and by its address.
pub(super) const GRAPH: [&str; 3] = [
    "00000003-0000-0000-c000-000000000000",
    "https://graph.microsoft.com",
    "https://graph.microsoft.com/",
];
