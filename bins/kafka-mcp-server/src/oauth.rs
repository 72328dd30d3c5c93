//! OAuth: whose tokens are accepted, what they are good for, and what is noted of it.

mod observer;

use std::sync::Arc;

use kafka_mcp::{Caller, Grant, tool_grants};
use mcp_oauth::{ConfigError, ResourceServer, ResourceServerConfig, ScopePolicy};
use mcp_oauth_provider::Provider;
use mcp_oauth_token::{Principal, Scope, ScopeSet};
use tokio_util::sync::CancellationToken;

use self::observer::Observer;
use crate::{config::OAuth, http::HttpConfig, metrics::Metrics};

/// The guard of `/mcp`.
///
/// # Errors
///
/// If the settings make none.
pub(crate) fn resource_server(
    oauth: &OAuth,
    http: &HttpConfig,
    metrics: &Arc<Metrics>,
) -> Result<ResourceServer, ConfigError> {
    let mut config = ResourceServerConfig::new(oauth.server_url.to_string(), scope_policy());
    config.resource_name = Some("Apache Kafka".to_owned());
    config.allowed_origins = http
        .allowed_origins
        .iter()
        .map(ToString::to_string)
        .collect();
    config.observer = Arc::new(Observer(Arc::clone(metrics)));
    ResourceServer::new(config, oauth.provider.clone())
}

/// Keeps what the provider publishes fresh, until `draining` is cancelled. Ends early where there
/// is nothing to keep.
pub(crate) async fn maintain(provider: Option<Provider>, draining: &CancellationToken) {
    let Some(provider) = provider else {
        return;
    };
    tokio::select! {
        () = provider.maintain() => {}
        () = draining.cancelled() => {}
    }
}

/// Who calls, as the MCP side knows them.
pub(crate) fn caller(principal: &Principal) -> Caller {
    let holds = |grant: &Grant| {
        let scope = Scope::new(grant.scope());
        scope.is_ok_and(|scope| principal.scopes.contains(&scope))
    };
    let grants = [Grant::Read, Grant::Write].into_iter().filter(holds);
    let mut caller = Caller::new(printable(&principal.subject), grants.collect());
    caller.issuer = Some(printable(&principal.issuer).into());
    caller.client = principal
        .client_id
        .as_deref()
        .map(|id| printable(id).into());
    caller
}

/// Who calls where nobody said so: nobody, who may do nothing.
pub(crate) fn nobody() -> Caller {
    Caller::new("nobody", Vec::new())
}

/// Everything needs to read; what a tool needs is in its own table.
fn scope_policy() -> ScopePolicy {
    let policy = ScopePolicy::new(scopes(Grant::Read));
    tool_grants().fold(policy, |policy, (tool, grant)| {
        policy.tool(tool, scopes(grant))
    })
}

fn scopes(grant: Grant) -> ScopeSet {
    Scope::new(grant.scope()).into_iter().collect()
}

/// A name as logs and refusals may show it: what would change the look of a line is escaped.
fn printable(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '\'' | '"' | '\\' => text.push(c),
            c => text.extend(c.escape_debug()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use mcp_oauth_token::{PrincipalKind, UnixTime};

    use super::*;

    fn holder_of(scopes: &str) -> Principal {
        let expiry = UnixTime::from_secs(1);
        let mut principal = Principal::new("https://idp", "alice", PrincipalKind::User, expiry);
        principal.scopes = scopes.parse().unwrap();
        principal.client_id = Some("app".to_owned());
        principal
    }

    #[test]
    fn a_caller_has_the_grants_of_their_scopes() {
        let grants = |scopes: &str| caller(&holder_of(scopes)).grants;
        assert_eq!(grants(""), []);
        assert_eq!(grants("kafka:read openid"), [Grant::Read]);
        assert_eq!(
            grants("kafka:admin kafka:read kafka:write"),
            [Grant::Read, Grant::Write]
        );
    }

    #[test]
    fn a_caller_is_named_for_the_audit() {
        let caller = caller(&holder_of("kafka:read"));
        assert_eq!(&*caller.subject, "alice");
        assert_eq!(caller.issuer.as_deref(), Some("https://idp"));
        assert_eq!(caller.client.as_deref(), Some("app"));
    }

    #[test]
    fn names_cannot_change_the_look_of_a_log() {
        assert_eq!(printable("ACME\\müller 'x'"), "ACME\\müller 'x'");
        assert_eq!(
            printable("a\nb\u{202e}c\u{1b}[31m"),
            "a\\nb\\u{202e}c\\u{1b}[31m"
        );
    }

    #[test]
    fn writing_needs_more_than_reading() {
        let policy = scope_policy();
        assert!(policy.lets_call(&holder_of("kafka:read"), "list_topics"));
        assert!(!policy.lets_call(&holder_of("kafka:read"), "produce_message"));
        assert!(policy.lets_call(&holder_of("kafka:read kafka:write"), "produce_message"));
        assert!(!policy.lets_call(&holder_of("openid"), "list_topics"));
        assert_eq!(policy.everything().to_string(), "kafka:read kafka:write");
    }
}
