//! Who did what: one event per call, for people who have to answer for the cluster.
//!
//! Events hold names, never records, arguments or tokens. They are logged at the level of info
//! under the target `audit`, so that filter directives can keep them or send them elsewhere.

use kafka_mcp::{Caller, FinishedCall};
use mcp_oauth_token::ScopeSet;

/// Takes note of a call.
pub(crate) fn call_finished(call: &FinishedCall<'_>) {
    let caller = call.caller;
    tracing::info!(
        target: TARGET,
        issuer = caller.issuer.as_deref(),
        subject = &*caller.subject,
        client = caller.client.as_deref(),
        kind = call.kind.as_str(),
        name = call.name,
        topic = call.topic,
        outcome = call.outcome,
        kafka_error = call.kafka_error,
        duration = ?call.duration,
        request_id = call.request_id,
        "call"
    );
}

/// Takes note of a call that was refused at the door, because the token is not good for it.
pub(crate) fn forbidden(caller: &Caller, needed: &ScopeSet) {
    tracing::info!(
        target: TARGET,
        issuer = caller.issuer.as_deref(),
        subject = &*caller.subject,
        client = caller.client.as_deref(),
        outcome = "insufficient_scope",
        %needed,
        "request refused"
    );
}

/// The target of the events.
pub(crate) const TARGET: &str = "audit";
