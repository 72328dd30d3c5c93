//! Redirect URIs that a stranger asks for in the name of a client: browsers are sent to the places
//! that the client registered, as browsers read them, and nowhere else.

#![no_main]

use std::sync::OnceLock;

use bytes::Bytes;
use fuzz::{answer, authorization_server, register};
use http::{Request, header::LOCATION};
use libfuzzer_sys::fuzz_target;
use mcp_oauth::AuthorizationServer;
use url::{Url, form_urlencoded::Serializer};

const REGISTERED: [&str; 5] = [
    "http://localhost:8787/callback",
    "http://127.0.0.1/",
    "http://[::1]:1/cb?x=1",
    "https://vscode.dev/redirect",
    "cursor://anysphere.cursor-mcp/oauth/callback",
];

fuzz_target!(|input: &str| {
    static SERVER: OnceLock<(AuthorizationServer, String)> = OnceLock::new();
    let (server, client_id) = SERVER.get_or_init(|| {
        let server = authorization_server();
        let metadata = serde_json::json!({ "redirect_uris": REGISTERED }).to_string();
        let client = register(&server, metadata.as_bytes()).expect("a client");
        assert_eq!(client["redirect_uris"], serde_json::json!(REGISTERED));
        let client_id = client["client_id"].as_str().expect("an id").to_owned();
        (server, client_id)
    });
    // Without a code challenge the answer goes to the client, as an error.
    let query = Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", input)
        .append_pair("response_type", "code")
        .finish();
    let request = Request::get(format!("/oauth/authorize?{query}")).body(Bytes::new());
    let Ok(request) = request else {
        return;
    };
    let answer = answer(server, request);
    let Some(location) = answer.headers().get(LOCATION) else {
        assert_eq!(answer.status(), 400);
        return;
    };
    let location = Url::parse(location.to_str().expect("ASCII")).expect("a URL");
    let asked = Url::parse(input).expect("a URL, as a browser reads it");
    let place = |url: &Url| {
        let authority = (url.username().to_owned(), url.password().map(str::to_owned));
        let host = url.host().map(|host| host.to_owned());
        (
            url.scheme().to_owned(),
            authority,
            host,
            url.path().to_owned(),
        )
    };
    assert_eq!(place(&location), place(&asked));
    let known = REGISTERED.map(|uri| Url::parse(uri).expect("a URL"));
    let found = known.iter().find(|known| place(known) == place(&location));
    let found = found.expect("a browser was sent where nobody registered");
    assert!(found.scheme() == "http" || found.port() == location.port());
    assert_eq!(found.query(), asked.query());
});
