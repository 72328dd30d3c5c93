//! What a resource server is told about itself.

use std::sync::Arc;

use url::Url;

use crate::{
    AuthObserver, ScopePolicy,
    observer::Unobserved,
    origin::{AllowedOrigins, InvalidOrigin, Origin, is_loopback},
};

/// What a resource server is told about itself. Nothing of this is ever taken from a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResourceServerConfig {
    /// The origin under which clients reach the server, such as `https://mcp.example.com`.
    pub server_url: String,
    /// The path of the MCP endpoint. Default: `/mcp`.
    pub mcp_path: String,
    /// Which scopes a message needs.
    pub scope_policy: ScopePolicy,
    /// Origins of web pages that may call, besides the server's own and loopback ones.
    pub allowed_origins: Vec<String>,
    /// A name for people.
    pub resource_name: Option<String>,
    /// A page for developers.
    pub resource_documentation: Option<String>,
    /// Is told of every decision. Default: nobody.
    pub observer: Arc<dyn AuthObserver>,
}

impl ResourceServerConfig {
    /// A server under `server_url` whose endpoint is `/mcp`.
    #[must_use]
    pub fn new(server_url: impl Into<String>, scope_policy: ScopePolicy) -> Self {
        Self {
            server_url: server_url.into(),
            mcp_path: "/mcp".to_owned(),
            scope_policy,
            allowed_origins: Vec::new(),
            resource_name: None,
            resource_documentation: None,
            observer: Arc::new(Unobserved),
        }
    }

    /// The server's own origin, in its canonical spelling.
    pub(crate) fn origin(&self) -> Result<Url, ConfigError> {
        let invalid = |problem| ConfigError::ServerUrl {
            server_url: self.server_url.clone(),
            problem,
        };
        let url = Url::parse(&self.server_url).map_err(|_| invalid("it is no absolute URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("it is neither https nor http"));
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(invalid("tokens must not travel over http but on loopback"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it has a user name or password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it has more than scheme, host and port"));
        }
        Ok(url)
    }

    pub(crate) fn origins(&self, own: &Url) -> Result<AllowedOrigins, ConfigError> {
        let configured = self.allowed_origins.iter().map(|origin| {
            origin.parse().map_err(|InvalidOrigin| ConfigError::Origin {
                origin: origin.clone(),
            })
        });
        let own = [Ok(Origin::of(own))];
        let origins = own
            .into_iter()
            .chain(configured)
            .collect::<Result<_, _>>()?;
        Ok(AllowedOrigins::new(origins))
    }

    pub(crate) fn checked_mcp_path(&self) -> Result<&str, ConfigError> {
        let path = self.mcp_path.as_str();
        // It stands in a quoted string of a header, too.
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        let is_plain = path.bytes().all(is_allowed) && !path.contains("//");
        if path.len() > 1 && path.starts_with('/') && !path.ends_with('/') && is_plain {
            Ok(path)
        } else {
            Err(ConfigError::McpPath {
                mcp_path: path.to_owned(),
            })
        }
    }
}

/// Why there can be no such resource server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The path of the endpoint.
    #[error(
        "the path {mcp_path:?} of the MCP endpoint is not of the form /mcp: letters, digits and \
         -._~ between single slashes"
    )]
    McpPath {
        /// The path.
        mcp_path: String,
    },
    /// An origin of web pages.
    #[error("the origin {origin:?} is not of the form scheme://host or scheme://host:port")]
    Origin {
        /// The origin.
        origin: String,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Randomness,
    /// The server's own origin.
    #[error("{server_url:?} is no origin that clients can be sent to: {problem}")]
    ServerUrl {
        /// What was given.
        server_url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use mcp_oauth_token::ScopeSet;

    use super::*;

    fn config(server_url: &str) -> ResourceServerConfig {
        ResourceServerConfig::new(server_url, ScopePolicy::new(ScopeSet::empty()))
    }

    // RFC 6750 section 5.3: bearer tokens travel over TLS.
    #[test]
    fn an_origin_is_https_or_on_loopback() {
        for good in [
            "https://mcp.example",
            "https://mcp.example:8443/",
            "http://localhost:8080",
            "http://127.0.0.1",
            "http://[::1]:1",
        ] {
            assert!(config(good).origin().is_ok(), "{good}");
        }
        for bad in [
            "",
            "mcp.example",
            "http://mcp.example",
            "http://localhost.evil",
            "ftp://mcp.example",
            "https://mcp.example/mcp",
            "https://mcp.example?x",
            "https://mcp.example/#x",
            "https://user@mcp.example",
        ] {
            assert!(config(bad).origin().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_is_plain() {
        for (path, is_good) in [
            ("/mcp", true),
            ("/api/mcp-v1", true),
            ("", false),
            ("/", false),
            ("mcp", false),
            ("/mcp/", false),
            ("//mcp", false),
            ("/a//b", false),
            ("/m cp", false),
            ("/mcp\"", false),
            ("/mcp?x", false),
        ] {
            let mut config = config("https://mcp.example");
            config.mcp_path = path.to_owned();
            assert_eq!(config.checked_mcp_path().is_ok(), is_good, "{path}");
        }
    }

    #[test]
    fn what_is_no_origin_is_no_allowed_one() {
        let mut config = config("https://mcp.example");
        config.allowed_origins = vec!["https://app.example/path".to_owned()];
        let own = config.origin().unwrap();
        assert!(config.origins(&own).is_err());
    }
}
