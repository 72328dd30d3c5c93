//! Protected resource metadata (RFC 9728).

use bytes::Bytes;
use mcp_oauth_token::ScopeSet;
use serde::{Serialize, Serializer};

/// The document that tells clients what the endpoint is called and where to get a token for it.
#[derive(Debug, Serialize)]
pub(crate) struct ProtectedResource<'a> {
    pub(crate) resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_documentation: Option<&'a str>,
    // Section 3.2: a list without elements is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) authorization_servers: Vec<String>,
    #[serde(serialize_with = "as_list", skip_serializing_if = "ScopeSet::is_empty")]
    pub(crate) scopes_supported: ScopeSet,
    pub(crate) bearer_methods_supported: [&'static str; 1],
}

impl ProtectedResource<'_> {
    pub(super) fn document(&self) -> Bytes {
        // Nothing in it can fail to be JSON.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

fn as_list<S: Serializer>(scopes: &ScopeSet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter().map(|scope| scope.as_str()))
}
