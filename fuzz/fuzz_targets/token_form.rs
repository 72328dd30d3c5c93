//! Whatever strangers send to the token endpoint, of whatever type they say it is: they get JSON
//! that says no, and the server does not fail.

#![no_main]

use std::sync::OnceLock;

use bytes::Bytes;
use fuzz::{answer, authorization_server};
use http::{HeaderValue, Request, header::CONTENT_TYPE};
use libfuzzer_sys::fuzz_target;
use mcp_oauth::AuthorizationServer;

fuzz_target!(|input: &[u8]| {
    static SERVER: OnceLock<AuthorizationServer> = OnceLock::new();
    let server = SERVER.get_or_init(authorization_server);
    // The first line is the type, if it is one; the body may have lines of its own.
    let end = input.iter().position(|byte| *byte == b'\n');
    let (kind, body) = match end {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (&b"application/x-www-form-urlencoded"[..], input),
    };
    let Ok(kind) = HeaderValue::from_bytes(kind) else {
        return;
    };
    let request = Request::post("/oauth/token")
        .header(CONTENT_TYPE, kind)
        .body(Bytes::copy_from_slice(body))
        .expect("a request");
    let reply = answer(server, request);
    assert!(reply.status().is_client_error(), "{reply:?}");
    assert_eq!(reply.headers()[CONTENT_TYPE], "application/json");
    let body: serde_json::Value = serde_json::from_slice(reply.body()).expect("JSON");
    assert!(body["error"].is_string() && body.get("access_token").is_none());
});
