//! Bodies that call a tool: whatever they look like, none that the MCP service would read as a
//! call of a tool passes without the scope for it.

#![no_main]

use std::sync::OnceLock;

use fuzz::provider;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use mcp_oauth::{ResourceServer, ResourceServerConfig, ScopePolicy};
use mcp_oauth_provider::ProviderKind;
use mcp_oauth_token::{Principal, PrincipalKind, UnixTime};

fuzz_target!(|input: &[u8]| {
    static SERVER: OnceLock<ResourceServer> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let scope = |name: &str| name.parse().expect("a scope");
        let policy = ScopePolicy::new(scope("read")).tool("produce", scope("write"));
        let config = ResourceServerConfig::new("https://mcp.example", policy);
        ResourceServer::new(config, provider(ProviderKind::Hmac, b"")).expect("a configuration")
    });
    let expiry = UnixTime::from_secs(0);
    let mut reader = Principal::new("issuer", "reader", PrincipalKind::User, expiry);
    reader.scopes = "read".parse().expect("a scope");

    let passes = server.authorize(&reader, &HeaderMap::new(), input).is_ok();
    if let Ok(message) = serde_json::from_slice::<serde_json::Value>(input) {
        let calls = |message: &serde_json::Value| {
            message["method"] == "tools/call" && message["params"]["name"] == "produce"
        };
        let is_write = match &message {
            serde_json::Value::Array(batch) => batch.iter().any(calls),
            message => calls(message),
        };
        assert!(!(passes && is_write), "a write passed for a reader");
    }
});
