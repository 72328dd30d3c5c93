//! Who may call from where: the `Host` and `Origin` of a request.
//!
//! A web page can make a browser send requests to servers that only the browser can reach, and DNS
//! rebinding makes the page's own name resolve to them. The MCP specification therefore demands
//! that Origin is validated; Host closes the other half.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    authority::{Authority, Origin},
    reply::Refusal,
};

/// The hosts and origins that are accepted; loopback ones always are.
#[derive(Debug)]
pub(super) struct Guard {
    hosts: Vec<Authority>,
    origins: Vec<Origin>,
}

impl Guard {
    /// Accepts the configured hosts and origins, and the address listened on as a host.
    pub(super) fn new(address: SocketAddr, hosts: &[Authority], origins: &[Origin]) -> Self {
        let mut hosts = hosts.to_vec();
        if !is_unspecified(address.ip()) {
            hosts.push(Authority::any_port(address.ip()));
        }
        Self {
            hosts,
            origins: origins.to_vec(),
        }
    }

    /// Checks a request. Its origin is returned, if a web page sent it.
    ///
    /// # Errors
    ///
    /// 403 for a foreign host or origin.
    pub(super) fn check<'a>(
        &self,
        headers: &'a HeaderMap,
    ) -> Result<Option<&'a HeaderValue>, Refusal> {
        self.check_host(headers)?;
        if !headers.contains_key(header::ORIGIN) {
            return Ok(None);
        }
        let value = single(headers, header::ORIGIN);
        let origin = value.and_then(|origin| origin.to_str().ok()?.parse().ok());
        if !origin.is_some_and(|origin: Origin| self.admits_origin(&origin)) {
            let message = "requests of this Origin are not accepted; MCP_ALLOWED_ORIGINS admits it";
            return Err(Refusal::denied(StatusCode::FORBIDDEN, message).closing());
        }
        Ok(value)
    }

    /// Checks the host of a request, whichever page sends it.
    ///
    /// # Errors
    ///
    /// 403 for a foreign host.
    pub(super) fn check_host(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = single(headers, header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
        if host.is_some_and(|host: Authority| self.admits_host(&host)) {
            return Ok(());
        }
        let message = "the Host header names another host; MCP_ALLOWED_HOSTS admits it";
        Err(Refusal::denied(StatusCode::FORBIDDEN, message).closing())
    }

    fn admits_host(&self, host: &Authority) -> bool {
        host.is_loopback() || self.hosts.iter().any(|allowed| allowed.admits(host))
    }

    fn admits_origin(&self, origin: &Origin) -> bool {
        origin.is_loopback() || self.origins.contains(origin)
    }
}

/// The value of a header that may be there once only.
fn single(headers: &HeaderMap, name: header::HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn is_unspecified(address: IpAddr) -> bool {
    address.to_canonical().is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(headers: &[(header::HeaderName, &str)]) -> Option<u16> {
        let guard = Guard::new(
            "10.0.0.5:8080".parse().unwrap(),
            &[
                "kafka.example".parse().unwrap(),
                "strict.example:8443".parse().unwrap(),
            ],
            &["https://app.example".parse().unwrap()],
        );
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        guard
            .check(&headers.collect())
            .err()
            .map(|refusal| refusal.into_reply().status().as_u16())
    }

    #[test]
    fn loopback_configured_and_own_hosts_are_accepted() {
        for host in [
            "localhost:1",
            "127.0.0.1",
            "[::1]:80",
            "kafka.example:9",
            "10.0.0.5:8080",
        ] {
            assert_eq!(status(&[(header::HOST, host)]), None, "{host}");
        }
        assert_eq!(status(&[(header::HOST, "strict.example:8443")]), None);
    }

    #[test]
    fn foreign_hosts_are_forbidden() {
        for host in [
            "evil.example",
            "strict.example",
            "kafka.example.evil",
            "10.0.0.6",
            "a b",
            "",
        ] {
            assert_eq!(status(&[(header::HOST, host)]), Some(403), "{host}");
        }
        assert_eq!(status(&[]), Some(403));
        let twice = [(header::HOST, "localhost"), (header::HOST, "evil.example")];
        let mut headers = HeaderMap::new();
        for (name, value) in twice {
            headers.append(name, value.parse().unwrap());
        }
        let guard = Guard::new("127.0.0.1:1".parse().unwrap(), &[], &[]);
        assert!(guard.check(&headers).is_err());
    }

    #[test]
    fn foreign_origins_are_forbidden() {
        let with_origin = |origin| status(&[(header::HOST, "localhost"), (header::ORIGIN, origin)]);
        for origin in [
            "http://localhost:3000",
            "https://app.example",
            "https://app.example:443",
        ] {
            assert_eq!(with_origin(origin), None, "{origin}");
        }
        for origin in [
            "https://evil.example",
            "http://app.example",
            "null",
            "https://app.example:1",
        ] {
            assert_eq!(with_origin(origin), Some(403), "{origin}");
        }
    }
}
