//! The clients that codes may be sent to.

use super::redirect_uri::{RedirectKind, RedirectUri};

/// Which redirect URIs may be registered: those of clients in use, those that the operator adds,
/// and all on loopback, where only the machine of the browser answers.
///
/// Anybody may register a client, so a website that is none of these would be one click away from
/// the codes of whoever it can lure (RFC 9700 section 4.11.2).
#[derive(Clone, Debug)]
pub(crate) struct KnownClients {
    configured: Vec<RedirectUri>,
}

impl KnownClients {
    /// The built-in ones, and those of the operator.
    pub(crate) const fn new(configured: Vec<RedirectUri>) -> Self {
        Self { configured }
    }

    /// Whether codes may be sent to a URI.
    pub(crate) fn include(&self, uri: &RedirectUri) -> bool {
        uri.kind() == RedirectKind::Loopback
            || BUILT_IN.contains(&uri.as_str())
            || is_connector_of_chatgpt(uri.as_str())
            || self.configured.contains(uri)
    }
}

/// ChatGPT has a redirect URI for each connector.
fn is_connector_of_chatgpt(uri: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    uri.strip_prefix("https://chatgpt.com/connector/oauth/")
        .is_some_and(|id| !id.is_empty() && id.bytes().all(is_allowed))
}

const BUILT_IN: &[&str] = &[
    "https://chatgpt.com/connector_platform_oauth_redirect",
    "https://claude.ai/api/mcp/auth_callback",
    "https://claude.com/api/mcp/auth_callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "https://www.cursor.com/agents/mcp/oauth/callback",
    "https://insiders.vscode.dev/redirect",
    "https://vscode.dev/redirect",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn includes(uri: &str) -> bool {
        let configured = ["https://app.example/cb", "warp://mcp/oauth2callback"];
        let configured = configured.map(|uri| RedirectUri::new(uri).unwrap());
        KnownClients::new(configured.into()).include(&RedirectUri::new(uri).unwrap())
    }

    #[test]
    fn clients_in_use_and_configured_and_on_loopback_are_known() {
        for uri in BUILT_IN.iter().copied().chain([
            "https://chatgpt.com/connector/oauth/aB3-_x",
            "https://app.example/cb",
            "warp://mcp/oauth2callback",
            "http://localhost:1234/callback",
            "http://127.0.0.1/",
            "http://[::1]/x",
        ]) {
            assert!(includes(uri), "{uri}");
        }
    }

    #[test]
    fn others_are_not() {
        for uri in [
            "https://chatgpt.com/connector/oauth/",
            "https://chatgpt.com/connector/oauth/a/b",
            "https://chatgpt.com/connector/oauth/a?b",
            "https://chatgpt.com/connector/oauth/%2e%2e",
            "https://chatgpt.com/",
            "https://claude.ai/api/mcp/auth_callback/",
            "https://claude.ai.evil.example/api/mcp/auth_callback",
            "https://vscode.dev/redirect?x=1",
            "https://app.example/cb2",
            "https://evil.example/cb",
            "cursor://evil/oauth/callback",
            "com.example.evil:/cb",
            "warp://evil/oauth2callback",
            "warp://mcp/oauth2callback/",
        ] {
            assert!(
                RedirectUri::new(uri).map_or(true, |_| !includes(uri)),
                "{uri}"
            );
        }
    }
}
