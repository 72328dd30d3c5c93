//! Where browsers are sent with a code.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A URI that a client may have browsers sent to (RFC 6749 section 3.1.2).
///
/// It is `https`, or `http` on loopback, or has a scheme of an application (RFC 8252 section 7). It
/// is in the one form that the URL standard writes it in, so that whoever reads it, reads the same
/// host: what parsers read differently is refused. Whether codes may be sent there is for
/// [`KnownClients`](super::known_clients::KnownClients) to say.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RedirectUri {
    text: String,
    kind: RedirectKind,
}

/// What answers at a redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RedirectKind {
    /// An application that the system knows by a scheme.
    Application,
    /// A program on the machine of the browser.
    Loopback,
    /// A website.
    Web,
}

impl RedirectUri {
    /// Takes a text as a redirect URI.
    ///
    /// # Errors
    ///
    /// The rule that it breaks.
    pub(crate) fn new(text: impl Into<String>) -> Result<Self, InvalidRedirectUri> {
        let text = text.into();
        if text.len() > MAX_BYTES {
            return Err(InvalidRedirectUri::TooLong);
        }
        if !text.bytes().all(is_uri_character) {
            return Err(InvalidRedirectUri::StrayCharacter);
        }
        // RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
        if text.contains('#') {
            return Err(InvalidRedirectUri::Fragment);
        }
        let url = Url::parse(&text).map_err(|source| InvalidRedirectUri::Syntax { source })?;
        if authority(&text).is_some_and(|authority| authority.contains('@')) {
            return Err(InvalidRedirectUri::UserInfo);
        }
        let kind = RedirectKind::of(&url)?;
        let is_canonical = text == url.as_str() || format!("{text}/") == url.as_str();
        if is_canonical {
            Ok(Self { text, kind })
        } else {
            Err(InvalidRedirectUri::NotCanonical)
        }
    }

    /// The URI, as the client wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What answers there.
    pub(crate) const fn kind(&self) -> RedirectKind {
        self.kind
    }

    /// Where a code goes, as people are asked about it: the host, or the scheme of an application.
    pub(crate) fn destination(&self) -> &str {
        match (self.kind, authority(&self.text)) {
            (RedirectKind::Loopback | RedirectKind::Web, Some(authority)) => authority,
            _ => self.text.split_once(':').map_or("", |(scheme, _)| scheme),
        }
    }

    /// Whether this, which a request names, is what a client registered: the same string (RFC 9700
    /// section 4.1.3), but for the port on loopback, which a program gets from the system when it
    /// starts (RFC 8252 section 7.3).
    pub(crate) fn matches(&self, registered: &Self) -> bool {
        match (self.without_port(), registered.without_port()) {
            (Some(own), Some(other)) => own == other,
            _ => self.text == registered.text,
        }
    }

    /// The host of a URI on loopback, and what follows its port.
    fn without_port(&self) -> Option<(&str, &str)> {
        if self.kind != RedirectKind::Loopback {
            return None;
        }
        let authority = authority(&self.text)?;
        let (_, path) = self.text.split_once(authority)?;
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        Some((host, path))
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedirectUri").field(&self.text).finish()
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.text
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;

    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        Self::new(text)
    }
}

impl RedirectKind {
    fn of(url: &Url) -> Result<Self, InvalidRedirectUri> {
        match (url.scheme(), url.host()) {
            ("https", Some(_)) => Ok(Self::Web),
            ("http", Some(host)) if is_loopback(&host) => Ok(Self::Loopback),
            ("http", _) => Err(InvalidRedirectUri::Plaintext),
            ("https", None) => Err(InvalidRedirectUri::Scheme),
            (scheme, _) if is_acted_upon(scheme) => Err(InvalidRedirectUri::Scheme),
            _ => Ok(Self::Application),
        }
    }
}

/// Why a text is no redirect URI. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidRedirectUri {
    #[error("a redirect URI has no fragment")]
    Fragment,
    #[error("a redirect URI is written as browsers write it: no dot segments, no default port")]
    NotCanonical,
    #[error("http is for localhost, 127.0.0.1 and [::1] only")]
    Plaintext,
    #[error("the scheme is one that browsers or systems act upon themselves")]
    Scheme,
    #[error("a redirect URI consists of the characters of URIs")]
    StrayCharacter,
    #[error("a redirect URI is absolute")]
    Syntax {
        #[source]
        source: url::ParseError,
    },
    #[error("a redirect URI has at most {MAX_BYTES} bytes")]
    TooLong,
    #[error("a redirect URI has no user name")]
    UserInfo,
}

/// RFC 8252 section 7.3, and `localhost`, which section 8.3 discourages and most clients use.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => *address == std::net::Ipv4Addr::LOCALHOST,
        Host::Ipv6(address) => *address == std::net::Ipv6Addr::LOCALHOST,
    }
}

/// Whether a scheme is not for an application, but runs, reads or opens something by itself. Those of
/// applications should have a dot (RFC 8252 section 7.1), and many have none.
fn is_acted_upon(scheme: &str) -> bool {
    NOT_OF_APPLICATIONS.contains(&scheme)
        || scheme.starts_with("ms-")
        || scheme.ends_with("-extension")
}

/// What stands between the two slashes and the path.
fn authority(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}

/// RFC 3986 appendix A.
pub(super) fn is_uri_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

const MAX_BYTES: usize = 512;

const NOT_OF_APPLICATIONS: &[&str] = &[
    "about",
    "blob",
    "chrome",
    "content",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "jar",
    "javascript",
    "livescript",
    "mailto",
    "mhtml",
    "resource",
    "search",
    "search-ms",
    "shell",
    "sms",
    "ssh",
    "tel",
    "telnet",
    "urn",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

#[cfg(test)]
mod tests;
