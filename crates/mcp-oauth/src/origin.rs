//! Web origins (RFC 6454), and which of them may call.

use std::str::FromStr;

use http::{HeaderMap, HeaderValue, header::ORIGIN};
use url::{Host, Url};

/// A web origin, in its one canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    spelling: String,
    is_loopback: bool,
}

impl Origin {
    /// The origin of a page at `url`.
    pub(crate) fn of(url: &Url) -> Self {
        let origin = url.origin();
        Self {
            is_loopback: is_loopback(url),
            spelling: if origin.is_tuple() {
                origin.ascii_serialization()
            } else {
                // Schemes of applications, such as vscode-webview.
                url.as_str().to_ascii_lowercase()
            },
        }
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (_, authority) = text.split_once("://").ok_or(InvalidOrigin)?;
        // The parser of URLs is lenient; an origin has none of what it would drop.
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"/\\@?#%".contains(&byte);
        if authority.is_empty() || !authority.bytes().all(is_allowed) {
            return Err(InvalidOrigin);
        }
        let url = Url::parse(text).map_err(|_| InvalidOrigin)?;
        Ok(Self::of(&url))
    }
}

/// A text that is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no origin: scheme://host or scheme://host:port")]
pub(crate) struct InvalidOrigin;

/// The origins that may call. Loopback ones always may: they are the user's own machine.
#[derive(Debug)]
pub(crate) struct AllowedOrigins(Vec<Origin>);

impl AllowedOrigins {
    pub(crate) const fn new(origins: Vec<Origin>) -> Self {
        Self(origins)
    }

    /// Whether a request may come from where it comes from. What is sent by no web page has no
    /// origin, and passes.
    pub(crate) fn admit(&self, request: &HeaderMap) -> bool {
        let mut values = request.get_all(ORIGIN).iter();
        match (values.next(), values.next()) {
            (None, _) => true,
            (Some(origin), None) => self.admit_value(origin),
            (Some(_), Some(_)) => false,
        }
    }

    /// Whether pages of an origin may call.
    pub(crate) fn admit_value(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().ok().and_then(|text| text.parse().ok());
        origin.is_some_and(|origin: Origin| origin.is_loopback || self.0.contains(&origin))
    }
}

/// Whether a URL leads to this machine for certain. Names other than `localhost` may resolve to
/// anything, which is how DNS rebinding works.
pub(crate) fn is_loopback(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(origin: &str) -> bool {
        let configured = ["https://app.example", "vscode-webview://ABC"];
        let origins = configured.map(|origin| origin.parse().unwrap());
        let mut request = HeaderMap::new();
        request.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        AllowedOrigins::new(origins.into()).admit(&request)
    }

    #[test]
    fn loopback_and_configured_origins_may_call() {
        for origin in [
            "http://localhost:6274",
            "http://127.0.0.1",
            "https://[::1]:1",
            "https://app.example",
            "https://app.example:443",
            "HTTPS://App.Example",
            "vscode-webview://abc",
        ] {
            assert!(admits(origin), "{origin}");
        }
    }

    #[test]
    fn other_origins_may_not() {
        for origin in [
            "",
            "null",
            "http://app.example",
            "https://app.example:8443",
            "https://app.example.evil",
            "https://app.example/",
            "https://app.example@evil",
            "https://evil\\@app.example",
            "https://localhost.evil",
            "http://127.0.0.1.evil",
            "http://localhost@evil",
            "ftp://localhost",
            "vscode-webview://abd",
            "localhost",
            "http://",
        ] {
            assert!(!admits(origin), "{origin}");
        }
    }

    #[test]
    fn two_origins_are_none_that_may_call() {
        let mut request = HeaderMap::new();
        let allowed = AllowedOrigins::new(Vec::new());
        assert!(allowed.admit(&request));
        request.append(ORIGIN, HeaderValue::from_static("http://localhost"));
        assert!(allowed.admit(&request));
        request.append(ORIGIN, HeaderValue::from_static("http://localhost"));
        assert!(!allowed.admit(&request));
    }
}
