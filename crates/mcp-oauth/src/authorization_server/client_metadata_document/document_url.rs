//! URLs that are ids of clients.

use http::Uri;
use url::{Host, Url};

use super::DocumentError;
use crate::authorization_server::redirect_uri::is_uri_character;

/// The URL of a client's document, which is the client's id: `https`, with a path, on a named host
/// and its usual port, and in the one form that the URL standard writes it in.
#[derive(Clone, Debug)]
pub(super) struct DocumentUrl {
    url: Url,
    uri: Uri,
}

impl DocumentUrl {
    pub(super) fn new(text: &str) -> Result<Self, DocumentError> {
        let broken = |rule| DocumentError::Url { rule };
        let (_, rest) = text
            .split_once("https://")
            .filter(|(before, _)| before.is_empty())
            .ok_or(broken("it is https"))?;
        if !text.bytes().all(is_uri_character) {
            return Err(broken("it consists of the characters of URIs"));
        }
        if text.contains('#') {
            return Err(broken("it has no fragment"));
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(broken("it has no user name"));
        }
        // Strangers are not to look for open ports.
        if authority.contains(':') {
            return Err(broken("it names no port"));
        }
        let (Ok(url), Ok(uri)) = (Url::parse(text), text.parse::<Uri>()) else {
            return Err(broken("it is a URL"));
        };
        match url.host() {
            Some(Host::Domain(name)) if name.contains('.') && !name.ends_with('.') => {}
            _ => return Err(broken("its host is the full name of one")),
        }
        if url.path() == "/" {
            return Err(broken("it has a path"));
        }
        // That leaves out dot segments, too.
        if url.as_str() != text || uri.host() != url.host_str() {
            return Err(broken("it is written as browsers write it"));
        }
        Ok(Self { url, uri })
    }

    pub(super) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(super) fn uri(&self) -> Uri {
        self.uri.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // OAuth Client ID Metadata Document section 3.
    #[test]
    fn a_url_is_https_with_a_path_on_a_named_host() {
        for good in [
            "https://app.example/client.json",
            "https://app.example/oauth/client?x=1",
            "https://a.b.c.example/x/",
        ] {
            assert_eq!(DocumentUrl::new(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            ":",
            "app.example/client.json",
            "http://app.example/client.json",
            "HTTPS://app.example/client.json",
            " https://app.example/client.json",
            "https://app.example/client.json ",
            "https://app.example",
            "https://app.example/",
            "https://app.example?x=/client.json",
            "https://user@app.example/client.json",
            "https://user:password@app.example/client.json",
            "https://@app.example/client.json",
            "https://claude.ai@app.example/client.json",
            "https://app.example/client.json#x",
            "https://app.example/client.json#",
            "https://app.example/../client.json",
            "https://app.example/./client.json",
            "https://app.example/a/%2e%2e/client.json",
            "https://app.example/a/.%2E/client.json",
            "https://app.example/a/..",
            "https://app.example\\client.json",
            "https:/app.example/client.json",
            "https:///app.example/client.json",
            "https://app.example:443/client.json",
            "https://app.example:0443/client.json",
            "https://app.example:22/client.json",
            "https://app.example:/client.json",
            "https://APP.example/client.json",
            "https://app。example/client.json",
            "https://app.example./client.json",
            "https://app.%65xample/client.json",
            "https://localhost/client.json",
            "https://intranet/client.json",
            "https://127.0.0.1/client.json",
            "https://127.1/client.json",
            "https://0x7f.0.0.1/client.json",
            "https://169.254.169.254/latest/meta-data",
            "https://8.8.8.8/client.json",
            "https://[::1]/client.json",
            "https://[::ffff:7f00:1]/client.json",
            "javascript://app.example/client.json",
        ] {
            let result = DocumentUrl::new(bad);
            assert!(matches!(result, Err(DocumentError::Url { .. })), "{bad}");
        }
    }
}
