//! Headers that strangers send in place of a bearer token, and scopes that they ask for.

#![no_main]

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use libfuzzer_sys::fuzz_target;
use mcp_oauth_token::{BearerToken, ScopeSet};

fuzz_target!(|input: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(AUTHORIZATION, value);
        }
    }
    if let Ok(token) = BearerToken::from_headers(&headers) {
        assert_eq!(headers.len(), 1, "one of several headers was believed");
        assert!(
            token
                .expose_secret()
                .bytes()
                .all(|byte| byte.is_ascii_graphic())
        );
        assert_eq!(format!("{token:?}"), "BearerToken([redacted])");
    }
    if let Ok(scopes) = String::from_utf8_lossy(input).parse::<ScopeSet>() {
        // They stand in a quoted string of a header as they are.
        let text = scopes.to_string();
        assert!(HeaderValue::from_str(&text).is_ok() && !text.contains(['"', '\\']));
        assert_eq!(text.parse(), Ok(scopes));
    }
});
