//! Refusals as they are made: logged, counted, and then told to the client.

use std::time::Duration;

use http::{HeaderMap, header::AUTHORIZATION};
use mcp_oauth_token::{BearerToken, NoBearerToken, Principal, Rejection, ScopeSet, TokenError};

use super::ResourceServer;
use crate::{
    Decision, Refusal,
    challenge::{Challenge, ChallengeError},
    demand::Demand,
    refusal::Reason,
};

impl ResourceServer {
    pub(super) fn refuse_origin(&self) -> Refusal {
        if let Some(withheld) = self.0.log_budget.line() {
            tracing::info!(
                withheld,
                "request refused: its Origin is not among those allowed"
            );
        }
        Refusal::new(Reason::ForeignOrigin)
    }

    pub(super) fn refuse_tokenless(&self, headers: &HeaderMap, reason: NoBearerToken) -> Refusal {
        let provider = self.provider();
        // RFC 6750 section 3.1: another method of authentication is no bad token, but none.
        if reason == NoBearerToken::Missing || uses_other_scheme(headers) {
            tracing::debug!(provider, "request refused: it has no token");
            self.observe(Decision::Missing);
            return self.challenge(Reason::NoToken, None, &self.policy().first_asked());
        }
        if let Some(withheld) = self.0.log_budget.line() {
            tracing::info!(provider, %reason, withheld, "request refused: malformed token");
        }
        self.observe(Decision::Malformed);
        self.refuse_as_invalid()
    }

    pub(super) fn refuse_token(&self, token: &BearerToken, error: &TokenError) -> Refusal {
        let provider = self.provider();
        let line = self.0.log_budget.line();
        let log = line.map(|withheld| (withheld, self.0.fingerprinter.of(token)));
        match error {
            TokenError::Rejected(rejection) => {
                let check = rejection.check();
                if let Some((withheld, token)) = log {
                    tracing::info!(
                        provider, %token, %check, %rejection, withheld,
                        "request refused: bad token",
                    );
                }
                self.observe(Decision::Rejected { check });
                self.refuse_as_invalid()
            }
            undecided => {
                if let Some((withheld, token)) = log {
                    tracing::warn!(
                        provider, %token, reason = %undecided, withheld,
                        "request refused: its token cannot be checked now",
                    );
                }
                self.observe(Decision::Unavailable);
                let retry_after = match undecided {
                    TokenError::Unavailable { retry_after, .. } => *retry_after,
                    _ => Duration::ZERO,
                };
                Refusal::new(Reason::Unavailable).retry_after(retry_after)
            }
        }
    }

    pub(super) fn end_stay(&self, token: &BearerToken, rejection: &Rejection) {
        let check = rejection.check();
        if let Some(withheld) = self.0.log_budget.line() {
            tracing::info!(
                provider = self.provider(),
                token = %self.0.fingerprinter.of(token), %check, %rejection, withheld,
                "an answer that goes on is ended: its token is not accepted any more",
            );
        }
        self.observe(Decision::Rejected { check });
    }

    pub(super) fn refuse_body(&self) -> Refusal {
        let provider = self.provider();
        tracing::info!(
            provider,
            "request refused: its body can be read in several ways"
        );
        Refusal::new(Reason::AmbiguousBody)
    }

    pub(super) fn refuse_principal(
        &self,
        principal: &Principal,
        demand: &Demand<'_>,
        needed: &ScopeSet,
    ) -> Refusal {
        tracing::info!(
            provider = self.provider(),
            %needed,
            held = %principal.scopes,
            %demand,
            "request refused: insufficient scope",
        );
        self.observe(Decision::Forbidden { principal, needed });
        let error = Some(ChallengeError::InsufficientScope);
        self.challenge(Reason::InsufficientScope, error, needed)
    }

    fn refuse_as_invalid(&self) -> Refusal {
        let error = Some(ChallengeError::InvalidToken);
        self.challenge(Reason::InvalidToken, error, &self.policy().first_asked())
    }

    fn challenge(
        &self,
        reason: Reason,
        error: Option<ChallengeError>,
        scopes: &ScopeSet,
    ) -> Refusal {
        let challenge = Challenge {
            error,
            resource_metadata: &self.0.resource_metadata,
            scope: &self.0.issuer.advertised(scopes),
        };
        Refusal::new(reason).challenge(challenge.to_header())
    }
}

/// Whether the one `Authorization` header is of another scheme than Bearer.
fn uses_other_scheme(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let value = value.as_bytes();
    let scheme = value.split(|byte| *byte == b' ').next().unwrap_or(value);
    !scheme.eq_ignore_ascii_case(b"bearer")
}
