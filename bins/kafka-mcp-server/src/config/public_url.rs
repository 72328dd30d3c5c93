//! Where clients find this server.

use std::{fmt, str::FromStr};

use url::{Host, Url};

use crate::http::{Authority, Origin};

/// The public origin of the server. Not what requests say in their headers: those are written by
/// strangers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicUrl(Url);

impl PublicUrl {
    /// Whether only this machine can reach it.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether another URL is on the same origin.
    pub(super) fn is_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// The host that requests name, with any port: a proxy in front may listen on another.
    pub(super) fn authority(&self) -> Option<Authority> {
        self.0.host_str()?.parse().ok()
    }

    /// The origin of pages served there.
    pub(super) fn origin(&self) -> Option<Origin> {
        self.to_string().parse().ok()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No slash at its end: identifiers are made by appending paths, and compared as strings.
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is no URL ({error})"))?;
        let has_more = url.query().is_some() || url.fragment().is_some();
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        match url.scheme() {
            _ if has_credentials => Err("holds credentials".to_owned()),
            "https" | "http" if url.path() != "/" => {
                Err("has a path; the server owns its origin, with /mcp below it".to_owned())
            }
            "https" | "http" if has_more => Err("has a query or a fragment".to_owned()),
            "http" if !is_loopback(&url) => {
                Err("would let tokens cross the network in the clear".to_owned())
            }
            "https" | "http" => Ok(Self(url)),
            _ => Err("is no https URL".to_owned()),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_accepted_and_written_without_a_slash() {
        for (text, written) in [
            ("https://kafka.example", "https://kafka.example"),
            ("https://Kafka.example:443/", "https://kafka.example"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().to_string(), written);
        }
    }

    // RFC 9728 section 3.1 inserts the well-known part between host and path; and RFC 9700 section
    // 2.6 wants TLS wherever the network is not this machine.
    #[test]
    fn anything_but_a_safe_origin_is_refused() {
        for (text, reason) in [
            ("http://kafka.example", "in the clear"),
            ("http://127.0.0.1.evil.example", "in the clear"),
            ("https://kafka.example/mcp", "has a path"),
            ("https://kafka.example/?a", "query"),
            ("https://kafka.example#a", "fragment"),
            ("https://canary@kafka.example", "credentials"),
            ("ftp://kafka.example", "no https URL"),
            ("kafka.example", "no URL"),
        ] {
            let error = text.parse::<PublicUrl>().unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let is_loopback = |text: &str| text.parse::<PublicUrl>().unwrap().is_loopback();
        assert!(is_loopback("https://127.0.0.1") && is_loopback("http://[::1]:1"));
        assert!(!is_loopback("https://localhost.example") && !is_loopback("https://10.0.0.1"));
    }
}
