//! The `WWW-Authenticate` header (RFC 6750 section 3, RFC 9728 section 5.1).

use http::HeaderValue;
use mcp_oauth_token::ScopeSet;

/// One challenge: what a client needs to get the token that is missing.
#[derive(Clone, Debug)]
pub(crate) struct Challenge<'a> {
    pub(crate) error: Option<ChallengeError>,
    pub(crate) resource_metadata: &'a str,
    pub(crate) scope: &'a ScopeSet,
}

/// What is wrong with the token that came. RFC 6750 section 3.1: there is none if no token came.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ChallengeError {
    InsufficientScope,
    InvalidToken,
}

impl Challenge<'_> {
    /// The value of the header. There is only ever one, with this one challenge: many clients
    /// cannot read several.
    pub(crate) fn to_header(&self) -> HeaderValue {
        let mut text = String::from("Bearer ");
        if let Some(error) = self.error {
            text.push_str("error=\"");
            text.push_str(error.as_str());
            text.push_str("\", ");
        }
        // Neither URLs nor scopes have a quote or a backslash: they are quoted as they are.
        text.push_str("resource_metadata=\"");
        text.push_str(self.resource_metadata);
        text.push('"');
        if !self.scope.is_empty() {
            text.push_str(", scope=\"");
            text.push_str(&self.scope.to_string());
            text.push('"');
        }
        // All of it is visible ASCII, by the same types.
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

impl ChallengeError {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidToken => "invalid_token",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: Option<ChallengeError>, scope: &str, expected: &str) {
        let challenge = Challenge {
            error,
            resource_metadata: "https://a/m",
            scope: &scope.parse().unwrap(),
        };
        assert_eq!(challenge.to_header(), expected);
    }

    #[test]
    fn a_challenge_names_an_error_only_if_there_was_a_token() {
        check(
            None,
            "kafka:read",
            r#"Bearer resource_metadata="https://a/m", scope="kafka:read""#,
        );
        check(
            Some(ChallengeError::InvalidToken),
            "kafka:read",
            r#"Bearer error="invalid_token", resource_metadata="https://a/m", scope="kafka:read""#,
        );
    }

    #[test]
    fn all_scopes_stand_in_one_parameter() {
        check(
            Some(ChallengeError::InsufficientScope),
            "kafka:write kafka:read",
            "Bearer error=\"insufficient_scope\", resource_metadata=\"https://a/m\", \
             scope=\"kafka:read kafka:write\"",
        );
    }

    #[test]
    fn without_scopes_to_ask_for_none_are_named() {
        check(None, "", r#"Bearer resource_metadata="https://a/m""#);
    }
}
