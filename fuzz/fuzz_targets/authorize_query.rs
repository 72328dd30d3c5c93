//! Queries of authorization requests: none that others read as meant for another client, or for
//! another place, sends a browser anywhere.

#![no_main]

use std::{borrow::Cow, sync::OnceLock};

use bytes::Bytes;
use fuzz::{answer, authorization_server, register};
use http::{Request, Uri};
use libfuzzer_sys::fuzz_target;
use mcp_oauth::AuthorizationServer;
use url::form_urlencoded;

fuzz_target!(|input: &[u8]| {
    static SERVER: OnceLock<(AuthorizationServer, String)> = OnceLock::new();
    let (server, client_id) = SERVER.get_or_init(|| {
        let server = authorization_server();
        let metadata =
            br#"{"redirect_uris":["http://localhost/cb","https://vscode.dev/redirect"]}"#;
        let client = register(&server, metadata).expect("a client");
        let client_id = client["client_id"].as_str().expect("an id").to_owned();
        (server, client_id)
    });
    let query = String::from_utf8_lossy(input);
    let uri = format!("/oauth/authorize?client_id={client_id}&{query}");
    let Ok(uri) = uri.parse::<Uri>() else {
        return;
    };
    let as_others_read = uri.query().unwrap_or_default().to_owned();
    let request = Request::get(uri).body(Bytes::new()).expect("a request");
    let answer = answer(server, request);
    assert!(!answer.status().is_server_error());
    if answer.status().is_client_error() {
        return;
    }
    let values = |name: &str| {
        let pairs = form_urlencoded::parse(as_others_read.as_bytes());
        let named = pairs.filter(|(found, _)| found == name);
        named.map(|(_, value)| value).collect::<Vec<Cow<'_, str>>>()
    };
    assert_eq!(values("client_id"), [client_id.as_str()]);
    let redirect_uris = values("redirect_uri");
    assert!(redirect_uris.len() == 1, "{redirect_uris:?}");
    for once in ["state", "scope", "code_challenge", "response_type"] {
        assert!(values(once).len() <= 1, "{once}");
    }
});
