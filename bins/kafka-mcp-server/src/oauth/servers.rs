//! The guard of `/mcp`, and who logs people in for it.

use std::{error::Error, sync::Arc};

use kafka_mcp::{Grant, tool_grants};
use mcp_oauth::{AuthorizationServer, ResourceServer, ResourceServerConfig, ScopePolicy, Store};
use mcp_oauth_token::{Scope, ScopeSet};

use super::observer::Observer;
use crate::{
    config::{Logins, OAuth},
    http::HttpConfig,
    metrics::Metrics,
};

/// The guard of `/mcp`, and who logs people in for it, if this server does.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    /// Lets in who has a token.
    pub(crate) resource: ResourceServer,
    /// Gives tokens to who logs in.
    pub(crate) authorization: Option<AuthorizationServer>,
    /// Where logins are kept.
    pub(crate) store: Option<Arc<dyn Store>>,
}

impl Servers {
    /// The servers that are configured.
    ///
    /// # Errors
    ///
    /// If the store cannot be opened.
    pub(crate) fn new(
        oauth: &OAuth,
        http: &HttpConfig,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, Box<dyn Error>> {
        let observer = Arc::new(Observer(Arc::clone(metrics)));
        let origins = http.allowed_origins.iter().map(ToString::to_string);
        let origins: Vec<_> = origins.collect();
        let mut config = ResourceServerConfig::new(oauth.server_url.to_string(), scope_policy());
        config.resource_name = Some("Apache Kafka".to_owned());
        config.allowed_origins.clone_from(&origins);
        config.observer = Arc::clone(&observer) as _;
        let Some(logins) = &oauth.logins else {
            return Ok(Self {
                resource: ResourceServer::new(config, oauth.provider.clone())?,
                authorization: None,
                store: None,
            });
        };
        let store = logins.store.open()?;
        let server = authorization_server(logins, origins, observer, Arc::clone(&store))?;
        let resource = if logins.beside_provider {
            let both = server.clone().combined_with(oauth.provider.clone());
            ResourceServer::new(config, both)
        } else {
            ResourceServer::new(config, server.clone())
        };
        Ok(Self {
            resource: resource?,
            authorization: Some(server),
            store: Some(store),
        })
    }
}

fn authorization_server(
    logins: &Logins,
    allowed_origins: Vec<String>,
    observer: Arc<Observer>,
    store: Arc<dyn Store>,
) -> Result<AuthorizationServer, Box<dyn Error>> {
    let mut config = logins.config.clone();
    config.allowed_origins = allowed_origins;
    // The same that the metadata of the endpoint names: who asks for all gets what the tools need, and
    // kafka:admin whoever asks for it.
    config.scopes_supported = Some(scope_policy().everything());
    config.login_observer = Arc::clone(&observer) as _;
    config.grant_observer = observer;
    Ok(logins.server(config, store)?)
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

#[cfg(test)]
mod tests {
    use mcp_oauth_token::{Principal, PrincipalKind, UnixTime};

    use super::*;

    fn holder_of(scopes: &str) -> Principal {
        let expiry = UnixTime::from_secs(1);
        let mut principal = Principal::new("https://idp", "alice", PrincipalKind::User, expiry);
        principal.scopes = scopes.parse().unwrap();
        principal
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
