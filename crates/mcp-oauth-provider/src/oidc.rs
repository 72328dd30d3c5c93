//! Any OpenID provider whose access tokens are JWTs (RFC 9068, and those that came before it).

use std::sync::Arc;

use mcp_oauth_token::{
    Check, ClaimRules, ExpectedIssuer, IssuerAudience, Principal, PrincipalKind, Quoted, Rejection,
    VerifiedToken,
};

use crate::{
    ProviderConfig,
    admission::{Admission, first_filled, words},
    explanation::Expectation,
    problem::Problems,
    profile::{DiscoverySite, Keys, Profile, Requestable},
};

pub(crate) fn profile(config: &ProviderConfig, problems: &mut Problems) -> Option<Profile> {
    problems.check_audiences(config);
    let issuer = problems.issuer(config)?;
    let expected = ExpectedIssuer::Exact(config.issuer.clone());
    Some(Profile {
        accepted: vec![IssuerAudience::new(expected, config.audiences.clone())],
        keys: Keys::Published(DiscoverySite::new(issuer)),
        takes_id_tokens: false,
        rules: Arc::new(OidcRules {
            admission: Admission::new(config),
        }),
        requestable: Requestable::Mapped { prefix: None },
        tokeninfo: None,
        expectations: vec![
            Expectation::new("client_id", "the client, or else azp"),
            Expectation::new("scope", "the scopes, or else scp"),
        ],
        warnings: Vec::new(),
    })
}

/// The rules for claims with the names that RFC 9068 and RFC 8693 register.
#[derive(Debug)]
pub(crate) struct OidcRules {
    pub(crate) admission: Admission,
}

impl ClaimRules for OidcRules {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let claims = token.claims();
        // Keycloak's tokens say what they are in a claim, and `JWT` in the header.
        if let Some(typ) = claims.text("typ")?
            && OTHER_TOKENS
                .iter()
                .any(|other| typ.eq_ignore_ascii_case(other))
        {
            let detail = format!(
                "the claim typ is {}, which no access token has",
                Quoted(typ)
            );
            return Err(Rejection::new(Check::TokenType).detail(detail));
        }
        let client = first_filled(claims, &["client_id", "azp"])?;
        // RFC 9068 section 2.2: a client that acts for itself is its own subject.
        let kind = if client == Some(token.subject()) {
            PrincipalKind::Service
        } else {
            PrincipalKind::User
        };
        let mut principal =
            Principal::new(token.issuer(), token.subject(), kind, token.expires_at());
        principal.client_id = client.map(str::to_owned);
        let claim = if claims.contains("scope") {
            "scope"
        } else {
            "scp"
        };
        let principal = self.admission.describe(principal, claims)?;
        self.admission.admit(principal, &words(claims, claim)?)
    }
}

const OTHER_TOKENS: [&str; 4] = ["ID", "Logout", "Offline", "Refresh"];
