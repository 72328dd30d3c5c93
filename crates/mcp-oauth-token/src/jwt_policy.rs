//! Which tokens are accepted.

use std::time::Duration;

use serde_json::Value;

use crate::{Algorithm, Check, Claims, Quoted, Rejection};

/// Which tokens are accepted, as far as that is the same for all issuers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JwtPolicy {
    /// The issuers that are believed, each with the audiences that its tokens may have. A token
    /// passes with one of these pairs; the issuer of one and the audience of another is none.
    pub accepted: Vec<IssuerAudience>,
    /// The algorithms, as the operator or the issuer names them. A token has no say in it.
    pub algorithms: Vec<Algorithm>,
    /// By how much clocks may differ; 30 s, and at most [`Self::MAX_LEEWAY`].
    pub leeway: Duration,
    /// Whether id tokens are accepted like access tokens, for issuers whose access tokens nobody
    /// else can read (Google). Otherwise a token with the marks of one is refused.
    pub takes_id_tokens: bool,
}

impl JwtPolicy {
    /// The most that clocks may be allowed to differ.
    pub const MAX_LEEWAY: Duration = Duration::from_secs(120);

    /// A policy with the usual leeway, for access tokens.
    #[must_use]
    pub const fn new(accepted: Vec<IssuerAudience>, algorithms: Vec<Algorithm>) -> Self {
        Self {
            accepted,
            algorithms,
            leeway: Duration::from_secs(30),
            takes_id_tokens: false,
        }
    }

    pub(crate) fn check_sanity(&self) -> Result<(), InvalidPolicy> {
        if self.leeway > Self::MAX_LEEWAY {
            return Err(InvalidPolicy::Leeway {
                leeway: self.leeway,
            });
        }
        let is_complete = |pair: &IssuerAudience| {
            let mut names = pair.audiences.iter().map(String::as_str);
            !pair.issuer.as_str().is_empty()
                && !pair.audiences.is_empty()
                && names.all(|audience| !audience.is_empty())
        };
        if self.accepted.is_empty() || !self.accepted.iter().all(is_complete) {
            return Err(InvalidPolicy::NoPair);
        }
        if self.algorithms.is_empty() {
            return Err(InvalidPolicy::NoAlgorithm);
        }
        Ok(())
    }

    /// Finds the pair that accepts a token's issuer, tenant, version and audience.
    pub(crate) fn check(&self, claims: &Claims) -> Result<&IssuerAudience, Rejection> {
        let Some(iss) = claims.text("iss")? else {
            return Err(Rejection::new(Check::Issuer).detail("there is no iss"));
        };
        let mut rejection = None;
        for pair in self
            .accepted
            .iter()
            .filter(|pair| pair.issuer.is(iss, claims))
        {
            match pair.check(claims) {
                Ok(()) => return Ok(pair),
                Err(reason) => rejection = Some(reason),
            }
        }
        Err(rejection.unwrap_or_else(|| {
            let expected = listed(self.accepted.iter().map(|pair| pair.issuer.as_str()));
            let detail = format!("iss is {}, and not {expected}", Quoted(iss));
            Rejection::new(Check::Issuer).detail(detail)
        }))
    }
}

/// Why tokens cannot be verified by a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// Algorithms for secrets with public keys, or the reverse.
    #[error("the keys are not of the kind that {algorithm} is used with")]
    KeysOfAnotherKind {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The leeway is so long that expired tokens would pass.
    #[error("a leeway of {leeway:?} is longer than {max:?}", max = JwtPolicy::MAX_LEEWAY)]
    Leeway {
        /// The leeway.
        leeway: Duration,
    },
    /// There is no algorithm.
    #[error("no algorithm is accepted")]
    NoAlgorithm,
    /// There is no issuer with an audience, or one of the names is empty.
    #[error("no issuer is accepted, or one without a name or an audience")]
    NoPair,
    /// No secret is long enough for the algorithm.
    #[error("no secret is long enough for {algorithm}")]
    NoSecret {
        /// The algorithm.
        algorithm: Algorithm,
    },
}

/// An issuer, and the audiences that its tokens may have.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuerAudience {
    /// The issuer.
    pub issuer: ExpectedIssuer,
    /// The audiences, of which a token must have one.
    pub audiences: Vec<String>,
    /// What the claim `ver` must be, where an issuer has versions (Entra).
    pub version: Option<String>,
}

impl IssuerAudience {
    /// A pair for tokens of any version.
    #[must_use]
    pub const fn new(issuer: ExpectedIssuer, audiences: Vec<String>) -> Self {
        Self {
            issuer,
            audiences,
            version: None,
        }
    }

    /// Checks all but the issuer.
    fn check(&self, claims: &Claims) -> Result<(), Rejection> {
        self.issuer.check_tenant(claims)?;
        if let Some(version) = &self.version {
            let ver = claims.text("ver")?.unwrap_or_default();
            if ver != version {
                let detail = format!("ver is {}, and not {version}", Quoted(ver));
                return Err(Rejection::new(Check::Issuer).detail(detail));
            }
        }
        let audiences = claims.list("aud")?;
        let is_expected = |aud: &&str| self.audiences.iter().any(|expected| expected == aud);
        if !audiences.iter().any(is_expected) {
            let found = listed(audiences.into_iter());
            let expected = listed(self.audiences.iter().map(String::as_str));
            let detail = format!("aud is {found}, and not {expected}");
            return Err(Rejection::new(Check::Audience).detail(detail));
        }
        Ok(())
    }
}

/// The issuer that a token must name. Issuers are compared as strings, byte by byte.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExpectedIssuer {
    /// This one.
    Exact(String),
    /// One for each tenant (Entra).
    Tenant {
        /// The issuer, with `{tenantid}` where the tenant stands.
        template: String,
        /// The tenants that may enter.
        tenants: Vec<String>,
    },
}

impl ExpectedIssuer {
    /// The issuer or the template, for messages.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Exact(issuer) => issuer,
            Self::Tenant { template, .. } => template,
        }
    }

    fn is(&self, iss: &str, claims: &Claims) -> bool {
        match self {
            Self::Exact(issuer) => issuer == iss,
            Self::Tenant { template, .. } => {
                tenant(claims).is_some_and(|tid| template.replace("{tenantid}", tid) == iss)
            }
        }
    }

    fn check_tenant(&self, claims: &Claims) -> Result<(), Rejection> {
        let Self::Tenant { tenants, .. } = self else {
            return Ok(());
        };
        let tid = tenant(claims).unwrap_or_default();
        if tenants
            .iter()
            .any(|tenant| tenant.eq_ignore_ascii_case(tid))
        {
            return Ok(());
        }
        let detail = format!("the tenant {} is not allowed", Quoted(tid));
        Err(Rejection::new(Check::Tenant).detail(detail))
    }
}

fn tenant(claims: &Claims) -> Option<&str> {
    let tid = claims.value("tid").and_then(Value::as_str);
    tid.filter(|tid| !tid.is_empty())
}

/// Shows names in a message.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names
        .take(MAX_LISTED)
        .map(|name| Quoted(name).to_string())
        .collect();
    if names.is_empty() {
        return "missing".to_owned();
    }
    names.join(" or ")
}

const MAX_LISTED: usize = 8;
