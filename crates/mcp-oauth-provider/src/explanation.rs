//! Explains to an operator what a provider makes of a token.

use std::fmt;

use mcp_oauth_token::{
    BearerToken, Claims, ExpectedIssuer, IssuerAudience, Principal, Quoted, TokenError,
    UnverifiedJwt,
};

/// What a provider makes of a token, claim by claim. It never holds the token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// What the token has, and what is expected of it.
    pub findings: Vec<Finding>,
    /// The names of its other claims.
    pub other_claims: Vec<String>,
    /// Who the token stands for, or why it is not accepted, with what to do about it.
    pub verdict: Result<Principal, TokenError>,
}

impl Explanation {
    pub(crate) fn new(
        token: &BearerToken,
        expectations: &[Expectation],
        verdict: Result<Principal, TokenError>,
    ) -> Self {
        let Ok(jwt) = UnverifiedJwt::parse(token) else {
            return Self {
                findings: Vec::new(),
                other_claims: Vec::new(),
                verdict,
            };
        };
        let header = jwt.header();
        let in_header = [
            ("alg", Some(header.alg()), "an algorithm of the provider"),
            ("kid", header.kid(), "the name of a published key"),
            ("typ", header.typ(), "at+jwt, JWT, or nothing"),
        ];
        let mut findings: Vec<_> = in_header
            .into_iter()
            .map(|(name, found, expected)| Finding {
                name: format!("{name} (header)"),
                found: found.map(|found| Quoted(found).to_string()),
                expected: expected.to_owned(),
            })
            .collect();
        findings.extend(expectations.iter().map(|expectation| Finding {
            name: expectation.claim.to_owned(),
            found: shown(jwt.claims(), expectation.claim),
            expected: expectation.expected.clone(),
        }));
        let is_other = |name: &&str| !expectations.iter().any(|known| known.claim == *name);
        let others = jwt.claims().names().filter(is_other);
        Self {
            findings,
            other_claims: others.map(|name| Quoted(name).to_string()).collect(),
            verdict,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            writeln!(f, "The token is not a JWT.")?;
        }
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if !self.other_claims.is_empty() {
            writeln!(f, "other claims: {}", self.other_claims.join(", "))?;
        }
        match &self.verdict {
            Ok(principal) => write!(
                f,
                "accepted: the {} {}, with the scopes {}",
                principal.kind,
                Quoted(&principal.subject),
                Quoted(&principal.scopes.to_string()),
            ),
            Err(error @ TokenError::Rejected(_)) => write!(f, "refused: {error}"),
            Err(error) => write!(f, "{error}"),
        }
    }
}

/// One thing that a token says, or should.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The claim, or the member of the header.
    pub name: String,
    /// What the token has there, cut and escaped. It is not verified.
    pub found: Option<String>,
    /// What is expected there.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found.as_deref().unwrap_or("missing");
        write!(f, "{}: {found}; expected: {}", self.name, self.expected)
    }
}

/// What is expected of a claim.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    claim: &'static str,
    expected: String,
}

impl Expectation {
    pub(crate) fn new(claim: &'static str, expected: impl Into<String>) -> Self {
        Self {
            claim,
            expected: expected.into(),
        }
    }

    /// What is expected of the tokens of every provider.
    pub(crate) fn of_all(accepted: &[IssuerAudience]) -> [Self; 6] {
        let pairs: Vec<_> = accepted.iter().map(pair).collect();
        [
            Self::new("iss", format!("with aud, one of {}", pairs.join("; "))),
            Self::new("aud", "one that goes with iss"),
            Self::new("sub", "somebody"),
            Self::new("exp", "later than now, in seconds since 1970"),
            Self::new("nbf", "not later than now, if it is there"),
            Self::new("iat", "not later than now, if it is there"),
        ]
    }
}

fn pair(pair: &IssuerAudience) -> String {
    let issuer = match &pair.issuer {
        ExpectedIssuer::Tenant { template, tenants } => {
            format!("{template} for the tenants {}", tenants.join(", "))
        }
        issuer => issuer.as_str().to_owned(),
    };
    format!("{issuer} with {}", pair.audiences.join(" or "))
}

fn shown(claims: &Claims, name: &str) -> Option<String> {
    let value = claims.value(name)?;
    Some(match value.as_str() {
        Some(text) => Quoted(text).to_string(),
        None => Quoted(&value.to_string()).to_string(),
    })
}
