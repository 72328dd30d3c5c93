//! Verification of JSON Web Tokens.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::{
    Accepted, Algorithm, BearerToken, Check, Claims, Clock, InvalidPolicy, JwtPolicy, Quoted,
    Rejection, TokenError, TokenValidator, UnixTime, UnverifiedJwt, VerificationKey,
};

mod claim_rules;
mod key_source;

use claim_rules::CheckedClaims;
pub use claim_rules::{ClaimRules, VerifiedToken};
pub use key_source::KeySource;

/// Verifies tokens that are signed JWTs (RFC 7519), with the care of RFC 8725.
///
/// What costs little comes first: a key is looked for, and a signature verified, only when all
/// claims that every token has are right. Algorithms and keys, and which go together, come from the
/// configuration and from what the issuer publishes; a token chooses among them by name.
#[derive(Debug)]
pub struct JwtVerifier {
    policy: JwtPolicy,
    keys: KeySource,
    rules: Arc<dyn ClaimRules>,
    clock: Arc<dyn Clock>,
}

impl JwtVerifier {
    /// Verifies tokens by `policy` with `keys`; `rules` make principals of them.
    ///
    /// # Errors
    ///
    /// If the policy accepts no token, or has a leeway too long, or does not go with the keys.
    pub fn new(
        policy: JwtPolicy,
        keys: KeySource,
        rules: Arc<dyn ClaimRules>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidPolicy> {
        policy.check_sanity()?;
        keys.check(&policy.algorithms)?;
        Ok(Self {
            policy,
            keys,
            rules,
            clock,
        })
    }

    async fn verify(&self, jwt: &UnverifiedJwt<'_>) -> Result<Accepted, TokenError> {
        let algorithm = self.check_algorithm(jwt.header().alg())?;
        jwt.header().check_type()?;
        let claims = self.check_claims(jwt.claims())?;
        let accepted = match &self.keys {
            KeySource::Jwks(store) => {
                let key = store.key(jwt.header().kid(), algorithm).await?;
                key.verify(algorithm, jwt.signing_input(), jwt.signature())?;
                self.accept(&VerifiedToken::new(jwt, &key, &claims))
            }
            KeySource::Secrets(secrets) => {
                let key = signing_secret(secrets, algorithm, jwt)?;
                self.accept(&VerifiedToken::new(jwt, key, &claims))
            }
        };
        Ok(accepted?)
    }

    fn check_algorithm(&self, alg: &str) -> Result<Algorithm, Rejection> {
        let accepted = self.policy.algorithms.iter().copied();
        let mut named = accepted.filter(|algorithm| algorithm.as_str() == alg);
        named.next().ok_or_else(|| {
            let detail = format!("alg is {}, which is not accepted", Quoted(alg));
            Rejection::new(Check::Algorithm).detail(detail)
        })
    }

    /// Checks the claims that mean the same in the tokens of every issuer.
    fn check_claims<'a>(&self, claims: &'a Claims) -> Result<CheckedClaims<'a>, Rejection> {
        let expires_at = self.check_times(claims)?;
        self.policy.check(claims)?;
        let subject = check_subject(claims)?;
        self.check_marks(claims)?;
        Ok(CheckedClaims {
            issuer: claims.text("iss")?.unwrap_or_default(),
            subject,
            expires_at,
        })
    }

    fn check_times(&self, claims: &Claims) -> Result<UnixTime, Rejection> {
        let Some(expires_at) = claims.time("exp")? else {
            return Err(Rejection::new(Check::Expiry).detail("there is no exp"));
        };
        self.check_expiry(expires_at)?;
        // Neither has to be there, but what is there has to be true.
        for (name, check) in [("nbf", Check::NotBefore), ("iat", Check::IssuedAt)] {
            let ahead = claims
                .time(name)?
                .map(|time| time.saturating_since(self.clock.now()));
            if let Some(ahead) = ahead.filter(|ahead| *ahead > self.policy.leeway) {
                let detail = format!("{name} is {} s ahead of the clock", ahead.as_secs());
                return Err(Rejection::new(check).detail(detail));
            }
        }
        Ok(expires_at)
    }

    fn check_expiry(&self, expires_at: UnixTime) -> Result<(), Rejection> {
        let since = self.clock.now().saturating_since(expires_at);
        if since <= self.policy.leeway {
            return Ok(());
        }
        let detail = format!("it expired {} s ago", since.as_secs());
        Err(Rejection::new(Check::Expiry).detail(detail))
    }

    /// Refuses tokens that are not for whoever bears them to use.
    fn check_marks(&self, claims: &Claims) -> Result<(), Rejection> {
        // A token bound to a key is worth nothing without a proof of the key, and is never taken as
        // a bearer token instead (RFC 9449 section 7.1, RFC 8705 section 3).
        if claims.contains("cnf") {
            let detail = "it is bound to a key, and proofs of keys are not verified here";
            return Err(Rejection::new(Check::Confirmation).detail(detail));
        }
        let marks = ["at_hash", "c_hash", "nonce"];
        match marks.into_iter().find(|mark| claims.contains(mark)) {
            Some(mark) if !self.policy.takes_id_tokens => {
                let detail = format!("it has {mark}, as id tokens have");
                Err(Rejection::new(Check::TokenType).detail(detail))
            }
            _ => Ok(()),
        }
    }

    fn accept(&self, token: &VerifiedToken<'_>) -> Result<Accepted, Rejection> {
        let mut principal = self.rules.principal(token)?;
        // The verdict must be the same when the token comes back and only this is looked at.
        principal.expires_at = token.expires_at();
        Ok(Accepted::new(principal, Some(token.key_id())))
    }

    fn with_hint(&self, error: TokenError, jwt: &UnverifiedJwt<'_>) -> TokenError {
        match error {
            TokenError::Rejected(rejection) => {
                let hint = self
                    .rules
                    .hint(rejection.check(), jwt.header(), jwt.claims());
                TokenError::Rejected(match hint {
                    Some(hint) => rejection.hint(hint),
                    None => rejection,
                })
            }
            unavailable @ TokenError::Unavailable { .. } => unavailable,
        }
    }
}

impl TokenValidator for JwtVerifier {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        Box::pin(async move {
            let jwt = UnverifiedJwt::parse(token)?;
            let verdict = self.verify(&jwt).await;
            verdict.map_err(|error| self.with_hint(error, &jwt))
        })
    }

    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection> {
        self.check_expiry(accepted.principal.expires_at)?;
        if accepted.key.is_some_and(|id| self.keys.holds(id)) {
            return Ok(());
        }
        let detail = "the key that signed it is no longer published";
        Err(Rejection::new(Check::Key).detail(detail))
    }
}

/// OpenID Connect Core section 2 limits a subject to 255 characters of ASCII. Other issuers use
/// others, and none uses control characters.
fn check_subject(claims: &Claims) -> Result<&str, Rejection> {
    let subject = claims.text("sub")?.unwrap_or_default();
    let detail = if subject.is_empty() {
        "there is no sub"
    } else if subject.len() > MAX_SUBJECT_BYTES {
        "sub is too long"
    } else if subject.chars().any(char::is_control) {
        "sub has control characters"
    } else {
        return Ok(subject);
    };
    Err(Rejection::new(Check::Subject).detail(detail))
}

/// Finds the secret that a token is signed with.
fn signing_secret<'k>(
    secrets: &'k [VerificationKey],
    algorithm: Algorithm,
    jwt: &UnverifiedJwt<'_>,
) -> Result<&'k VerificationKey, Rejection> {
    let is_meant = |secret: &&VerificationKey| match (secret.kid(), jwt.header().kid()) {
        (Some(kid), Some(meant)) => kid == meant,
        _ => true,
    };
    let mut rejection = Check::Key.into();
    for secret in secrets
        .iter()
        .filter(is_meant)
        .filter(|secret| secret.fits(algorithm))
    {
        match secret.verify(algorithm, jwt.signing_input(), jwt.signature()) {
            Ok(()) => return Ok(secret),
            Err(reason) => rejection = reason,
        }
    }
    Err(rejection)
}

const MAX_SUBJECT_BYTES: usize = 255;

#[cfg(test)]
mod tests;
