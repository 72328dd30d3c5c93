//! Hosts and origins, and which of them may call.

use std::{fmt, net::IpAddr, str::FromStr};

use http::uri;

/// The host and port of a `Host` header or an origin. The host is lower-case, without brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    host: String,
    port: Option<u16>,
}

impl Authority {
    /// The authority of one address, with any port.
    pub(super) fn any_port(address: IpAddr) -> Self {
        Self {
            host: address.to_string(),
            port: None,
        }
    }

    /// Whether the host can only be this machine. Names other than `localhost` may resolve to
    /// anything, which is how DNS rebinding works.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// Whether a `Host` header of `other` is meant; no port here means any port there.
    pub(super) fn admits(&self, other: &Self) -> bool {
        self.host == other.host && (self.port.is_none() || self.port == other.port)
    }
}

impl FromStr for Authority {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let authority: uri::Authority = text.parse().map_err(|_| NOT_AN_AUTHORITY)?;
        let host = authority.host();
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let has_port = !authority.as_str().ends_with(host);
        let port = authority.port_u16();
        if bare.is_empty() || authority.as_str().contains('@') || has_port != port.is_some() {
            return Err(NOT_AN_AUTHORITY);
        }
        // The same address can be written in several ways.
        let host = match bare.parse::<IpAddr>() {
            Ok(address) => address.to_string(),
            Err(_) => bare.to_ascii_lowercase(),
        };
        Ok(Self { host, port })
    }
}

/// A web origin (RFC 6454): scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    authority: Authority,
}

impl Origin {
    /// Whether the page was served by this machine.
    pub(super) fn is_loopback(&self) -> bool {
        matches!(self.scheme.as_str(), "http" | "https") && self.authority.is_loopback()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Authority { host, port } = &self.authority;
        write!(f, "{}://", self.scheme)?;
        if host.contains(':') {
            write!(f, "[{host}]")?;
        } else {
            f.write_str(host)?;
        }
        port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = text.split_once("://").ok_or(NOT_AN_ORIGIN)?;
        let mut authority: Authority = authority.parse().map_err(|_| NOT_AN_ORIGIN)?;
        let scheme = scheme.to_ascii_lowercase();
        authority.port = authority.port.or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        });
        Ok(Self { scheme, authority })
    }
}

const NOT_AN_AUTHORITY: &str = "it is no host or host:port";
const NOT_AN_ORIGIN: &str = "it is no scheme://host or scheme://host:port";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_host_are_equal() {
        for (a, b) in [
            ("LocalHost:80", "localhost:80"),
            ("[::1]", "[0:0::1]"),
            ("A.b", "a.B"),
        ] {
            assert_eq!(a.parse::<Authority>(), b.parse::<Authority>(), "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_authority_is_refused() {
        for text in [
            "",
            "a b",
            "user@host",
            "http://host",
            "host/path",
            "host:x",
            "host:99999",
            "a:",
        ] {
            assert!(text.parse::<Authority>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let is_loopback = |text: &str| text.parse::<Authority>().unwrap().is_loopback();
        for text in [
            "localhost",
            "localhost:1",
            "127.0.0.1:8080",
            "127.8.8.8",
            "[::1]:1",
        ] {
            assert!(is_loopback(text), "{text}");
        }
        for text in [
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "10.0.0.1",
            "[::2]",
            "0.0.0.0",
        ] {
            assert!(!is_loopback(text), "{text}");
        }
    }

    #[test]
    fn the_default_port_of_an_origin_may_be_spelled_out() {
        let parse = |text: &str| text.parse::<Origin>().unwrap();
        assert_eq!(parse("https://a.com"), parse("HTTPS://A.com:443"));
        assert_ne!(parse("https://a.com"), parse("https://a.com:8443"));
        assert_ne!(parse("https://a.com"), parse("http://a.com"));
        for text in [
            "null",
            "a.com",
            "https://a.com/",
            "https://",
            "https://u@a.com",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
