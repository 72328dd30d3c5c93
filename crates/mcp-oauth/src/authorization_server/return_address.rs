//! Where the client waits.

use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use super::{authorize_error::AuthorizeError, redirect_uri::RedirectUri};

/// Where the client waits for its answer, and what it recognises the answer by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ReturnAddress {
    /// Proven to be the client's.
    #[serde(rename = "r")]
    pub(super) redirect_uri: RedirectUri,
    /// To be given back exactly (RFC 6749 section 4.1.2).
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
}

impl ReturnAddress {
    /// The URL that carries a code to the client.
    pub(super) fn with_code(&self, code: &str, issuer: &str) -> String {
        self.with(&[("code", code)], issuer)
    }

    /// The URL that carries an error to the client (RFC 6749 section 4.1.2.1).
    pub(super) fn with_error(&self, error: AuthorizeError, issuer: &str) -> String {
        let description = ("error_description", error.description());
        self.with(&[("error", error.code()), description], issuer)
    }

    fn with(&self, answer: &[(&str, &str)], issuer: &str) -> String {
        let redirect_uri = self.redirect_uri.as_str();
        // RFC 6749 section 3.1.2: a query of its own is kept.
        let separator = if redirect_uri.contains('?') { '&' } else { '?' };
        let url = format!("{redirect_uri}{separator}");
        let start = url.len();
        let mut query = Serializer::for_suffix(url, start);
        query.extend_pairs(answer);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        // RFC 9207 section 2: the client finds out which server answers.
        query.append_pair("iss", issuer);
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(redirect_uri: &str, state: Option<&str>) -> ReturnAddress {
        ReturnAddress {
            redirect_uri: RedirectUri::new(redirect_uri).unwrap(),
            state: state.map(str::to_owned),
        }
    }

    // RFC 6749 section 4.1.2 and RFC 9207 section 2.
    #[test]
    fn a_code_comes_with_the_state_and_the_issuer() {
        let address = address("http://127.0.0.1:1/cb", Some("a b&c=\u{e4}"));
        let url = address.with_code("x", "https://mcp.example");
        let expected =
            "http://127.0.0.1:1/cb?code=x&state=a+b%26c%3D%C3%A4&iss=https%3A%2F%2Fmcp.example";
        assert_eq!(url, expected);
    }

    #[test]
    fn an_error_comes_with_them_too_and_a_query_is_kept() {
        let address = address("https://app.example/cb?tenant=a", None);
        let url = address.with_error(AuthorizeError::AccessDenied, "https://mcp.example");
        let expected = "https://app.example/cb?tenant=a&error=access_denied\
                        &error_description=Access+was+not+granted.&iss=https%3A%2F%2Fmcp.example";
        assert_eq!(url, expected);
    }
}
