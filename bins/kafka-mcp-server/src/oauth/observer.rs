//! What becomes of tokens and logins, for metrics and audit.

use std::sync::Arc;

use mcp_oauth::{
    AuthObserver, Decision, GrantEvent, GrantObserver, GrantSummary, LoginEnd, LoginObserver,
};

use crate::{
    audit,
    metrics::{Metrics, Validation},
};

/// Counts what happens, and audits what is about somebody.
#[derive(Debug)]
pub(super) struct Observer(pub(super) Arc<Metrics>);

impl AuthObserver for Observer {
    fn decided(&self, provider: &'static str, decision: Decision<'_>) {
        let (check, from_cache) = match decision {
            Decision::Accepted { from_cache, .. } => (None, Some(from_cache)),
            Decision::Rejected { check } => (Some(check.as_str()), None),
            _ => (None, None),
        };
        self.0.token_validated(Validation {
            provider,
            outcome: decision.as_str(),
            check,
            from_cache,
        });
        if let Decision::Forbidden { principal, needed } = decision {
            audit::forbidden(&super::caller(principal), needed);
        }
    }
}

impl LoginObserver for Observer {
    fn ended(&self, client_id: &str, end: LoginEnd<'_>) {
        self.0.login_ended(end.as_str());
        let who = match end {
            LoginEnd::Allowed { principal } => Some(super::caller(principal)),
            _ => None,
        };
        let client = super::client_name(client_id);
        audit::login_ended(&client, who.as_ref(), end.as_str());
    }
}

impl GrantObserver for Observer {
    fn observe(&self, event: GrantEvent, grant: &GrantSummary<'_>) {
        self.0.grant_changed(event.as_str());
        // A client that goes on is no news; that of its calls is in the audit.
        if event != GrantEvent::Refreshed {
            audit::grant_changed(
                &super::printable(grant.issuer),
                &super::printable(grant.subject),
                &super::client_name(grant.client_id),
                grant.family,
                event.as_str(),
            );
        }
    }
}
