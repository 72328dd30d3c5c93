//! What clients find out about the authorization server.

use http::Method;
use serde_json::{Value, json};

use super::{
    browser::{Browser, TestClient},
    desk::{Desk, ORIGIN, request},
};

const FORMS: [&str; 4] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/mcp",
];

// RFC 8414 section 2; RFC 9207 section 3; RFC 7636 section 4.2: S256, and never plain.
#[tokio::test]
async fn the_metadata_says_what_the_endpoints_do() {
    let desk = Desk::new();
    let metadata = desk.get(FORMS[0]).await.json();
    let expected = json!({
        "issuer": ORIGIN,
        "authorization_endpoint": format!("{ORIGIN}/oauth/authorize"),
        "token_endpoint": format!("{ORIGIN}/oauth/token"),
        "registration_endpoint": format!("{ORIGIN}/oauth/register"),
        "revocation_endpoint": format!("{ORIGIN}/oauth/revoke"),
        "jwks_uri": format!("{ORIGIN}/.well-known/jwks.json"),
        "scopes_supported": ["kafka:read", "kafka:write"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": false,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    assert_eq!(metadata, expected);
}

// RFC 9728 section 2 has its own list: who asks for all of either asks for the same.
#[tokio::test]
async fn clients_are_told_of_the_scopes_that_the_endpoint_needs_and_may_ask_for_more() {
    let desk = Desk::with(|config| {
        config.scopes_supported = Some("kafka:read".parse().unwrap());
    });
    let metadata = desk.get(FORMS[0]).await.json();
    assert_eq!(metadata["scopes_supported"], json!(["kafka:read"]));
    let client = TestClient::register(&desk).await;
    let path = client.authorize_path(&[("scope", "kafka:write")]);
    let page = Browser::default().open(&desk, &path).await;
    assert!(page.body.contains("Write messages"), "{}", page.body);
}

// RFC 8414 section 3.3: the issuer is compared as a string.
#[tokio::test]
async fn all_forms_are_the_same_to_the_byte_with_one_spelling_of_the_issuer() {
    for spelling in ["http://localhost:8080", "http://LOCALHOST:8080/"] {
        let desk = Desk::with(|config| spelling.clone_into(&mut config.server_url));
        let first = desk.get(FORMS[0]).await;
        assert_eq!(first.json()["issuer"], ORIGIN);
        for form in FORMS {
            let reply = desk.get(form).await;
            assert_eq!(reply.status, 200, "{form}");
            assert_eq!(reply.header("content-type"), "application/json");
            assert_eq!(reply.body, first.body, "{form}");
        }
        let resource = desk.get("/.well-known/oauth-protected-resource").await;
        let servers = &resource.json()["authorization_servers"];
        assert_eq!(*servers, json!([ORIGIN]));
    }
}

#[tokio::test]
async fn no_header_of_a_request_reaches_the_metadata() {
    let desk = Desk::new();
    let misleading = [
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
    ];
    let reply = desk
        .send(request(Method::GET, FORMS[0], &misleading, ""))
        .await;
    assert_eq!(reply.body, desk.get(FORMS[0]).await.body);
}

// RFC 7517: there are no public keys, and a symmetric one is published nowhere.
#[tokio::test]
async fn the_key_set_is_empty() {
    let keys = Desk::new().get("/.well-known/jwks.json").await;
    assert_eq!(keys.json(), json!({ "keys": [] }));
}

// Each grant type that is advertised is one that the token endpoint knows, and no other is.
#[tokio::test]
async fn the_token_endpoint_knows_the_advertised_grant_types_only() {
    let desk = Desk::new();
    let metadata = desk.get(FORMS[0]).await.json();
    let advertised = metadata["grant_types_supported"].as_array().unwrap();
    for grant_type in [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "password",
        "implicit",
    ] {
        let form = [("grant_type", grant_type), ("client_id", "x")];
        let error: Value = desk.post_form("/oauth/token", &form).await.json();
        let is_advertised = advertised.iter().any(|known| known == grant_type);
        assert_eq!(
            error["error"] != "unsupported_grant_type",
            is_advertised,
            "{grant_type}"
        );
    }
}

// Clients that read no metadata look at the root.
#[tokio::test]
async fn the_endpoints_answer_at_the_root_too() {
    let desk = Desk::new();
    for path in ["/authorize", "/oauth/authorize"] {
        assert_eq!(desk.get(path).await.status, 400, "{path}");
    }
    for path in ["/token", "/register", "/revoke"] {
        let at_root = desk.post_form(path, &[]).await;
        let usual = desk.post_form(&format!("/oauth{path}"), &[]).await;
        assert_eq!(
            (at_root.status, &at_root.body),
            (usual.status, &usual.body),
            "{path}"
        );
        assert_eq!(at_root.status, 400, "{path}");
    }
    assert_eq!(desk.get("/oauth/other").await.status, 404);
}

// RFC 9700 section 2.6: CORS is for what scripts call, and for nothing that a browser shows.
#[tokio::test]
async fn web_pages_may_use_what_scripts_call_and_nothing_else() {
    let desk = Desk::with(|config| {
        config.allowed_origins = vec!["https://inspector.example".to_owned()];
    });
    for (origin, is_admitted) in [
        ("http://localhost:6274", true),
        ("http://127.0.0.1:1", true),
        ("https://inspector.example", true),
        ("https://evil.example", false),
        ("null", false),
    ] {
        for path in ["/oauth/token", "/oauth/register", "/oauth/revoke", "/token"] {
            let headers = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
            ];
            let preflight = desk
                .send(request(Method::OPTIONS, path, &headers, ""))
                .await;
            assert_eq!(
                preflight.status,
                if is_admitted { 204 } else { 403 },
                "{origin} {path}"
            );
            let post = desk.send(request(Method::POST, path, &headers, "")).await;
            assert_eq!(post.status == 403, !is_admitted, "{origin} {path}");
            let allowed = if is_admitted { origin } else { "" };
            for reply in [preflight, post] {
                assert_eq!(reply.header("access-control-allow-origin"), allowed);
                assert!(
                    !reply
                        .headers
                        .contains_key("access-control-allow-credentials")
                );
            }
        }
        for path in ["/oauth/authorize", "/oauth/callback", "/authorize"] {
            for method in [Method::OPTIONS, Method::GET, Method::POST] {
                let request = request(method, path, &[("origin", origin)], "");
                let reply = desk.send(request).await;
                assert!(!reply.status.is_success(), "{origin} {path}");
                let cors = reply.headers.keys().map(http::HeaderName::as_str);
                assert_eq!(
                    cors.filter(|name| name.starts_with("access-control"))
                        .count(),
                    0
                );
            }
        }
    }
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let desk = Desk::new();
    for (path, methods) in [
        ("/oauth/authorize", "GET, POST"),
        ("/oauth/callback", "GET"),
        ("/oauth/token", "POST, OPTIONS"),
        ("/oauth/register", "POST, OPTIONS"),
        ("/oauth/revoke", "POST, OPTIONS"),
    ] {
        let reply = desk.send(request(Method::PUT, path, &[], "")).await;
        assert_eq!(reply.status, 405, "{path}");
        assert_eq!(reply.header("allow"), methods, "{path}");
    }
}

// Hosted clients share addresses: it is a ceiling, and it comes with a time.
#[tokio::test(start_paused = true)]
async fn one_address_may_ask_so_often_and_no_more() {
    let desk = Desk::with(|config| {
        config.ceiling = Some(mcp_oauth::Ceiling {
            per_minute: 60,
            burst: 3,
        });
    });
    for _ in 0..3 {
        assert_eq!(desk.post_form("/oauth/token", &[]).await.status, 400);
    }
    let refused = desk.post_form("/oauth/token", &[]).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), "1");

    // Web pages and people can read it, too.
    let origin = [("origin", "http://localhost:6274")];
    let refused = request(Method::POST, "/oauth/token", &origin, "");
    let refused = desk.send(refused).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("access-control-allow-origin"), origin[0].1);
    let exposed = refused.header("access-control-expose-headers");
    assert!(exposed.contains("Retry-After"), "{exposed}");
    for (accept, content_type) in [
        ("text/html,*/*", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
    ] {
        for path in ["/oauth/authorize", "/oauth/callback"] {
            let refused = request(Method::GET, path, &[("accept", accept)], "");
            let refused = desk.send(refused).await;
            assert_eq!(refused.status, 429, "{path}");
            assert_eq!(refused.header("retry-after"), "1");
            assert_eq!(refused.header("content-type"), content_type);
        }
    }
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(desk.post_form("/oauth/token", &[]).await.status, 400);
}
