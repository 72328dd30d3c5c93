use futures_util::FutureExt;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::*;

fn headers(declared: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(declared));
    headers
}

fn register_bytes(headers: &HeaderMap, body: &[u8]) -> Result<Registration, InvalidRegistration> {
    let known = RedirectUri::new("https://app.example/cb").unwrap();
    let known = KnownClients::new(vec![known]);
    Registration::new(headers, body, &known, |metadata| {
        (metadata.len() <= 600).then(|| "id".to_owned())
    })
}

fn register(body: &Value) -> Result<Registration, InvalidRegistration> {
    register_bytes(&headers("application/json"), body.to_string().as_bytes())
}

fn read(reply: Reply) -> (u16, HeaderMap, Value) {
    let (head, body) = reply.into_parts();
    let body = body.collect().now_or_never().unwrap().unwrap().to_bytes();
    let body = serde_json::from_slice(&body).unwrap();
    (head.status.as_u16(), head.headers, body)
}

/// What a body is registered as.
#[track_caller]
fn registered(body: &Value) -> Value {
    let (status, _, answer) = read(register(body).unwrap().into_response());
    assert_eq!(status, 201);
    answer
}

#[track_caller]
fn check_refused(body: &Value, code: &str) {
    let refusal = register(body).expect_err(&body.to_string());
    let (status, _, answer) = read(refusal.into_response());
    assert_eq!((status, &answer["error"]), (400, &json!(code)), "{body}");
}

fn with(member: &str, value: Value) -> Value {
    let mut body = json!({"redirect_uris": ["http://localhost/cb"]});
    body[member] = value;
    body
}

// RFC 7591 section 3.2.1.
#[test]
fn the_answer_is_all_that_was_registered() {
    let body = json!({
        "client_name": "Claude Code",
        "redirect_uris": ["http://localhost:33441/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
        "scope": "kafka:read",
        "software_id": "x",
    });
    let (status, headers, answer) = read(register(&body).unwrap().into_response());
    let expected = json!({
        "client_id": "id",
        "client_name": "Claude Code",
        "redirect_uris": ["http://localhost:33441/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    });
    assert_eq!((status, answer), (201, expected));
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert_eq!(headers[CONTENT_TYPE], "application/json");
}

// RFC 7591 section 3.2.1: the server "MAY reject or replace any of the client's requested metadata
// values". Cursor registers all of these at once.
#[test]
fn redirect_uris_of_unknown_clients_are_left_out() {
    let answer = registered(&json!({"redirect_uris": [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://unknown.example/callback",
        "warp://unknown/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
        "https://app.example/cb",
    ]}));
    let expected = json!([
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
        "https://app.example/cb",
    ]);
    assert_eq!(answer["redirect_uris"], expected);
    assert_eq!(answer["application_type"], "native");
    for unknown in [
        "https://unknown.example/callback",
        "com.example.unknown:/cb",
        "warp://unknown/callback",
    ] {
        check_refused(&json!({"redirect_uris": [unknown]}), "invalid_redirect_uri");
    }
}

// RFC 7591 section 2: redirect-based flows "MUST register their redirection URI values".
#[test]
fn a_client_without_redirect_uris_is_refused() {
    check_refused(&json!({}), "invalid_redirect_uri");
    for uris in [json!([]), json!(null)] {
        check_refused(&with("redirect_uris", uris), "invalid_redirect_uri");
    }
    let many: Vec<_> = (0..17).map(|n| format!("http://localhost/{n}")).collect();
    check_refused(&with("redirect_uris", json!(many)), "invalid_redirect_uri");
}

// RFC 9700 section 4.1.3, RFC 8252 sections 7.1 and 8.3.
#[test]
fn one_dangerous_redirect_uri_spoils_a_registration() {
    for bad in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://app.example/cb",
        "http://localhost@evil.example/cb",
        "https://app.example/cb#x",
        "/cb",
        "",
    ] {
        let uris = json!(["http://localhost/cb", bad]);
        check_refused(&with("redirect_uris", uris), "invalid_redirect_uri");
    }
}

// OpenID Connect Dynamic Client Registration 1.0 section 2, application_type.
#[test]
fn a_web_application_has_https_and_a_native_one_no_http_of_others() {
    for uri in [
        "http://localhost/cb",
        "http://127.0.0.1/cb",
        "http://app.example/cb",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "com.example.app:/cb",
    ] {
        let body = json!({
            "application_type": "web",
            "redirect_uris": ["https://app.example/cb", uri],
        });
        check_refused(&body, "invalid_redirect_uri");
    }
    let native = |uri| json!({"application_type": "native", "redirect_uris": [uri]});
    check_refused(&native("http://app.example/cb"), "invalid_redirect_uri");
    for uri in [
        "https://app.example/cb",
        "http://localhost/cb",
        "http://[::1]:1/",
    ] {
        assert_eq!(registered(&native(uri))["application_type"], "native");
    }
    let unsaid = registered(&json!({"redirect_uris": ["https://app.example/cb"]}));
    assert_eq!(unsaid["application_type"], "web");
    check_refused(
        &with("application_type", json!("other")),
        "invalid_client_metadata",
    );
}

// RFC 7591 section 2, token_endpoint_auth_method; RFC 6749 section 2.1: a public client has no
// secret to keep.
#[test]
fn every_client_is_public_whatever_it_asks_for() {
    for method in [
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "x",
    ] {
        let answer = registered(&with("token_endpoint_auth_method", json!(method)));
        assert_eq!(answer["token_endpoint_auth_method"], "none", "{method}");
        assert!(answer.get("client_secret").is_none());
    }
}

#[test]
fn grants_that_are_not_offered_are_left_out() {
    for (asked, expected) in [
        (json!(["authorization_code"]), json!(["authorization_code"])),
        (
            json!(["refresh_token", "authorization_code", "password"]),
            json!(["authorization_code", "refresh_token"]),
        ),
        (json!(null), json!(["authorization_code", "refresh_token"])),
    ] {
        assert_eq!(
            registered(&with("grant_types", asked))["grant_types"],
            expected
        );
    }
    for useless in [
        json!([]),
        json!(["client_credentials"]),
        json!(["refresh_token"]),
    ] {
        check_refused(&with("grant_types", useless), "invalid_client_metadata");
    }
    for useless in [json!([]), json!(["token"]), json!(["id_token"])] {
        check_refused(&with("response_types", useless), "invalid_client_metadata");
    }
}

// RFC 7591 section 5 on URIs and names that a client makes up.
#[test]
fn what_is_not_kept_is_not_echoed() {
    let body = json!({
        "redirect_uris": ["http://localhost/cb"],
        "client_uri": "javascript:alert(1)",
        "logo_uri": "javascript:alert(1)",
        "tos_uri": "data:text/html,x",
        "policy_uri": "file:///x",
        "jwks_uri": "javascript:alert(1)",
        "jwks": {"keys": [{"kty": "oct", "k": "x"}]},
        "software_statement": "x.y.z",
        "client_secret": "x",
        "client_id": "chosen",
        "unknown": {"deep": [1, 2, 3]},
    });
    let answer = registered(&body);
    let members: Vec<_> = answer.as_object().unwrap().keys().collect();
    let expected = [
        "application_type",
        "client_id",
        "grant_types",
        "redirect_uris",
        "response_types",
        "token_endpoint_auth_method",
    ];
    assert_eq!(members, expected);
    assert_eq!(answer["client_id"], "id");
}

#[test]
fn a_long_name_is_cut_and_what_is_too_large_is_refused() {
    let answer = registered(&with("client_name", json!("x".repeat(60_000))));
    assert_eq!(answer["client_name"], "x".repeat(64));
    check_refused(
        &with("client_name", json!("x".repeat(1_000_000))),
        "invalid_client_metadata",
    );
    let long: Vec<_> = (0..2)
        .map(|n| format!("http://localhost/{n}{}", "x".repeat(400)))
        .collect();
    check_refused(
        &with("redirect_uris", json!(long)),
        "invalid_client_metadata",
    );
}

#[test]
fn what_is_no_json_object_of_metadata_is_refused() {
    let json = headers("application/json");
    for body in [
        &b""[..],
        b"null",
        b"[]",
        b"[null,null,null,[\"http://localhost/cb\"],null]",
        b"{\"redirect_uris\":",
        b"{\"redirect_uris\":\"http://localhost/cb\"}",
        b"{\"redirect_uris\":[\"http://localhost/cb\"],\"redirect_uris\":[]}",
        b"{\"redirect_uris\":[7]}",
        b"{\"redirect_uris\":[\"http://localhost/cb\"],\"client_name\":{}}",
        b"{\"redirect_uris\":[\"http://localhost/cb\"]} {}",
        b"{\"client_name\":\"\xff\"}",
        b"redirect_uris=http://localhost/cb",
    ] {
        let refusal = register_bytes(&json, body).unwrap_err();
        let (status, _, answer) = read(refusal.into_response());
        let text = String::from_utf8_lossy(body);
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("invalid_client_metadata")),
            "{text}"
        );
    }
    let deep = format!("{{\"x\":{}", "[".repeat(30_000));
    assert!(register_bytes(&json, deep.as_bytes()).is_err());
}

// A web page may send `text/plain` and forms across origins without a preflight.
#[test]
fn only_what_is_declared_json_is_read() {
    let body = json!({"redirect_uris": ["http://localhost/cb"]}).to_string();
    for good in ["application/json", "Application/JSON; charset=utf-8"] {
        assert!(
            register_bytes(&headers(good), body.as_bytes()).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "text/plain, application/json",
        "",
    ] {
        assert!(
            register_bytes(&headers(bad), body.as_bytes()).is_err(),
            "{bad}"
        );
    }
    assert!(register_bytes(&HeaderMap::new(), body.as_bytes()).is_err());
}
