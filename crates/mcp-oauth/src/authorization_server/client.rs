//! Clients, as far as they are to be believed.

use std::{error::Error, fmt};

use mcp_oauth_token::Quoted;
use serde::{Deserialize, Serialize};

use super::redirect_uri::RedirectUri;

/// A client that asks for tokens. It is public (RFC 6749 section 2.1): what it says of itself is
/// its own word, but for the places where its codes are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) metadata: ClientMetadata,
}

/// What is known of a client (RFC 7591 section 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientMetadata {
    /// Not empty, and in the client's order.
    #[serde(rename = "r")]
    pub(crate) redirect_uris: Vec<RedirectUri>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<ClientName>,
    #[serde(rename = "t")]
    pub(crate) application_type: ApplicationType,
    #[serde(rename = "f")]
    pub(crate) may_refresh: bool,
}

impl Client {
    /// What the client calls itself.
    pub(crate) fn name(&self) -> Option<&str> {
        self.metadata.name.as_ref().map(ClientName::as_str)
    }

    /// Whether it registered for refresh tokens.
    pub(crate) const fn may_refresh(&self) -> bool {
        self.metadata.may_refresh
    }

    /// Where to send the browser, which is where a request asks for if the client registered that.
    /// A request may leave it out if there is one place only (RFC 6749 section 3.1.2.3).
    ///
    /// # Errors
    ///
    /// If it is not registered: nobody is to be redirected then (RFC 6749 section 3.1.2.4).
    pub(crate) fn redirect_uri(
        &self,
        requested: Option<&str>,
    ) -> Result<RedirectUri, Unregistered> {
        let registered = &self.metadata.redirect_uris;
        let unregistered = || Unregistered {
            requested: requested.map(str::to_owned),
        };
        match (requested, registered.as_slice()) {
            (Some(requested), _) => RedirectUri::new(requested)
                .ok()
                .filter(|requested| registered.iter().any(|uri| requested.matches(uri)))
                .ok_or_else(unregistered),
            (None, [only]) => Ok(only.clone()),
            (None, _) => Err(unregistered()),
        }
    }
}

/// A redirect URI that the client did not register, or that codes may not be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unregistered {
    requested: Option<String>,
}

impl fmt::Display for Unregistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.requested {
            Some(uri) => write!(
                f,
                "{} is none of the redirect URIs that the client registered and this server knows; \
                 the operator of this server can add it",
                Quoted(uri)
            ),
            None => f.write_str("it has several redirect URIs, and the request names none"),
        }
    }
}

impl Error for Unregistered {}

/// Where a client runs (OpenID Connect Dynamic Client Registration 1.0 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ApplicationType {
    /// On the machine of its user.
    Native,
    /// On a website.
    Web,
}

/// The name of a client for people: one line of letters, digits and plain punctuation, without the
/// signs that hide, reverse or imitate others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ClientName(String);

impl ClientName {
    /// What is fit to print of a name, if that is anything.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let is_plain = |c: &char| c.is_alphanumeric() || c.is_ascii_graphic() || *c == ' ';
        let spaced = name
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c });
        let plain: String = spaced.filter(is_plain).take(MAX_NAME_CHARS).collect();
        let words: Vec<&str> = plain.split_ascii_whitespace().collect();
        (!words.is_empty()).then(|| Self(words.join(" ")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

const MAX_NAME_CHARS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn client(uris: &[&str]) -> Client {
        let uris = uris.iter().map(|uri| RedirectUri::new(*uri).unwrap());
        Client {
            id: "id".to_owned(),
            metadata: ClientMetadata {
                redirect_uris: uris.collect(),
                name: None,
                application_type: ApplicationType::Native,
                may_refresh: true,
            },
        }
    }

    // RFC 6749 section 3.1.2.3.
    #[test]
    fn a_request_may_leave_out_the_redirect_uri_if_there_is_only_one() {
        let one = client(&["https://app.example/cb"]);
        let uri = one.redirect_uri(None).unwrap();
        assert_eq!(uri.as_str(), "https://app.example/cb");
        let two = client(&["https://app.example/cb", "http://localhost/cb"]);
        assert!(two.redirect_uri(None).is_err());
    }

    // RFC 6749 section 3.1.2.4, RFC 9700 section 4.1.3.
    #[test]
    fn a_redirect_uri_that_is_not_registered_is_refused() {
        let client = client(&["https://app.example/Cb", "http://localhost:8787/callback"]);
        for bad in [
            "",
            "https://evil.example/Cb",
            "https://app.example/cb",
            "https://app.example/Cb/",
            "https://app.example/Cb?x",
            "https://app.example/Cb#x",
            "http://127.0.0.1:8787/callback",
            "http://localhost@evil/callback",
            "javascript:alert(1)",
        ] {
            assert!(client.redirect_uri(Some(bad)).is_err(), "{bad}");
        }
        let other_port = "http://localhost:1/callback";
        let uri = client.redirect_uri(Some(other_port)).unwrap();
        assert_eq!(uri.as_str(), other_port, "the port is the one asked for");
    }

    // RFC 7591 section 5: "the authorization server MUST treat [it] as a self-asserted value".
    #[test]
    fn a_name_is_one_short_line_without_signs_that_deceive() {
        for (name, expected) in [
            ("Claude Code", "Claude Code"),
            ("  a\r\n\tb\u{a0}c  ", "a b c"),
            ("<b>x</b> & \"y\"", "<b>x</b> & \"y\""),
            ("Клиент 客户端 Ångström", "Клиент 客户端 Ångström"),
            ("good\u{202e}live\u{200b}\u{2066}\u{feff}", "goodlive"),
            ("✅ Verified 🔒", "Verified"),
            ("\u{0}\u{1b}[31m", "[31m"),
        ] {
            assert_eq!(ClientName::new(name).unwrap().as_str(), expected);
        }
        assert_eq!(ClientName::new("\u{2028}\u{3000}"), None);
        let long = ClientName::new(&"ä".repeat(1_000_000)).unwrap();
        assert_eq!(long.as_str().chars().count(), MAX_NAME_CHARS);
    }
}
