//! OAuth: whose tokens are accepted, what they are good for, and what is noted of it.

mod observer;
mod servers;

use kafka_mcp::{Caller, Grant};
use mcp_oauth::AuthorizationServer;
use mcp_oauth_provider::Provider;
use mcp_oauth_token::{Principal, Scope};
use tokio_util::sync::CancellationToken;

pub(crate) use servers::Servers;

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

/// Waits for what requests left to be done: a revocation that was answered is to reach the provider,
/// and what the provider sent to renew a login the store.
pub(crate) async fn drain(logins: Option<AuthorizationServer>) {
    if let Some(logins) = logins {
        logins.drain().await;
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
    let client = principal.client_id.as_deref();
    caller.client = client.map(|id| client_name(id).into());
    caller
}

/// Who calls where nobody said so: nobody, who may do nothing.
pub(crate) fn nobody() -> Caller {
    Caller::new("nobody", Vec::new())
}

/// The id of a client as logs may show it. Those of clients that registered here hold all that is
/// known of them; their beginning tells them apart.
pub(crate) fn client_name(id: &str) -> String {
    match id.char_indices().nth(MAX_CLIENT_CHARS) {
        Some((end, _)) => printable(id.get(..end).unwrap_or_default()) + "…",
        None => printable(id),
    }
}

/// A name as logs and refusals may show it: what would change the look of a line is escaped, and
/// what escapes, so that two names never look the same.
fn printable(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '\'' | '"' => text.push(c),
            c => text.extend(c.escape_debug()),
        }
    }
    text
}

const MAX_CLIENT_CHARS: usize = 64;

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
    fn long_ids_of_clients_are_cut() {
        assert_eq!(client_name(&"a".repeat(64)), "a".repeat(64));
        assert_eq!(client_name(&"é".repeat(65)), "é".repeat(64) + "…");
    }

    #[test]
    fn names_cannot_change_the_look_of_a_log() {
        assert_eq!(printable("müller 'x'"), "müller 'x'");
        assert_eq!(
            printable("a\nb\u{202e}c\u{1b}[31m"),
            "a\\nb\\u{202e}c\\u{1b}[31m"
        );
    }

    #[test]
    fn names_that_differ_never_look_the_same() {
        assert_ne!(printable("a\nb"), printable("a\\nb"));
        assert_ne!(printable("\u{301}"), printable("\\u{301}"));
    }
}
