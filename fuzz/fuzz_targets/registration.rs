//! Registrations that strangers send: whatever comes of them can be used as it was answered, and
//! leads to known clients only.

#![no_main]

use std::sync::OnceLock;

use bytes::Bytes;
use fuzz::{answer, authorization_server, register};
use http::{Request, header::LOCATION};
use libfuzzer_sys::fuzz_target;
use mcp_oauth::AuthorizationServer;
use url::{Url, form_urlencoded::Serializer};

fuzz_target!(|input: &[u8]| {
    static SERVER: OnceLock<AuthorizationServer> = OnceLock::new();
    let server = SERVER.get_or_init(authorization_server);
    let Some(client) = register(server, input) else {
        return;
    };
    assert_eq!(client["token_endpoint_auth_method"], "none");
    assert!(client.get("client_secret").is_none());
    assert_eq!(register(server, input), Some(client.clone()));
    let again = register(server, client.to_string().as_bytes()).expect("it is good already");
    assert_eq!(again["redirect_uris"], client["redirect_uris"]);

    let client_id = client["client_id"].as_str().expect("an id");
    assert!(client_id.len() <= 1024);
    let uris = client["redirect_uris"].as_array().expect("URIs");
    assert!(!uris.is_empty());
    for uri in uris {
        let uri = uri.as_str().expect("a URI");
        let url = Url::parse(uri).expect("a URI");
        let host = url.host_str().unwrap_or_default();
        assert!(
            matches!(
                (url.scheme(), host),
                ("http", "localhost" | "127.0.0.1" | "[::1]")
                    | (
                        "https",
                        "chatgpt.com" | "claude.ai" | "claude.com" | "www.cursor.com"
                    )
                    | ("https", "vscode.dev" | "insiders.vscode.dev")
                    | ("cursor", "anysphere.cursor-mcp")
            ),
            "{uri}"
        );
        let query = Serializer::new(String::new())
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", uri)
            .finish();
        let request = Request::get(format!("/oauth/authorize?{query}")).body(Bytes::new());
        let answer = answer(server, request.expect("a request"));
        assert!(answer.headers().contains_key(LOCATION), "{uri}");
    }
});
