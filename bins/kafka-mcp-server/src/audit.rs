//! Who did what: one event per call and per login, for people who have to answer for the cluster.
//!
//! Events hold names, never records, arguments or tokens. They are logged at the level of info
//! under the target `audit`, so that filter directives can keep them or send them elsewhere. Those
//! of calls stand for themselves: what the spans around them say is in them.

use kafka_mcp::{Caller, FinishedCall, OpenedStream};
use mcp_oauth_token::ScopeSet;

/// Takes note of a call.
pub(crate) fn call_finished(call: &FinishedCall<'_>) {
    let caller = call.caller;
    tracing::info!(
        target: TARGET,
        parent: None,
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

/// Takes note of a stream of updates that begins. Its end is a call that ended.
pub(crate) fn stream_opened(stream: &OpenedStream<'_>) {
    let caller = stream.caller;
    tracing::info!(
        target: TARGET,
        parent: None,
        issuer = caller.issuer.as_deref(),
        subject = &*caller.subject,
        client = caller.client.as_deref(),
        resources = stream.resources,
        request_id = stream.request_id,
        "stream opened"
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

/// Takes note of a login at this server that ended, and of who it was where that is known.
pub(crate) fn login_ended(client: &str, who: Option<&Caller>, outcome: &str) {
    tracing::info!(
        target: TARGET,
        issuer = who.and_then(|who| who.issuer.as_deref()),
        subject = who.map(|who| &*who.subject),
        client,
        outcome,
        "login"
    );
}

/// Takes note of what happens to all tokens that came of one login: its family.
pub(crate) fn grant_changed(
    issuer: &str,
    subject: &str,
    client: &str,
    family: &str,
    outcome: &str,
) {
    tracing::info!(target: TARGET, issuer, subject, client, family, outcome, "grant");
}

/// The target of the events.
pub(crate) const TARGET: &str = "audit";
