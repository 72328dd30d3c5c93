//! What becomes of tokens, for metrics and audit.

use std::sync::Arc;

use mcp_oauth::{AuthObserver, Decision};

use crate::{
    audit,
    metrics::{Metrics, Validation},
};

/// Counts decisions, and audits those about somebody.
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
