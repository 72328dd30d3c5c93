//! Requests of web pages.

use http::{HeaderMap, Method, StatusCode, header};

use crate::issuer::{headers, server};

const OWN: [&str; 4] = [
    "https://mcp.example",
    "https://app.example",
    "http://localhost:6274",
    "http://127.0.0.1:33418",
];
const DOCUMENT: &str = "/.well-known/oauth-protected-resource";

#[test]
fn a_preflight_of_the_endpoint_needs_no_token() {
    for origin in OWN {
        let request = headers([
            ("origin", origin),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization, mcp-param-topic, x-other",
            ),
        ]);
        let reply = server()
            .respond(&Method::OPTIONS, "/mcp", &request)
            .unwrap();
        assert_eq!(reply.status(), StatusCode::NO_CONTENT);
        let headers = reply.headers();
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
        assert_eq!(
            headers[header::ACCESS_CONTROL_ALLOW_HEADERS],
            "Authorization, Content-Type, Accept, Mcp-Session-Id, MCP-Protocol-Version, \
             Mcp-Method, Mcp-Name, Last-Event-ID, mcp-param-topic",
        );
        assert_eq!(
            headers[header::ACCESS_CONTROL_EXPOSE_HEADERS],
            "WWW-Authenticate, Mcp-Session-Id, Retry-After, X-Request-Id",
        );
        assert_eq!(headers[header::VARY], "origin");
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
}

#[test]
fn pages_of_admitted_origins_read_documents() {
    for origin in OWN {
        let request = headers([("origin", origin)]);
        let reply = server().respond(&Method::GET, DOCUMENT, &request).unwrap();
        assert_eq!(reply.status(), StatusCode::OK);
        assert_eq!(reply.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
    }
}

#[test]
fn pages_of_other_origins_read_nothing() {
    for origin in [
        "https://evil.example",
        "null",
        "http://mcp.example",
        "http://localhost.evil",
    ] {
        let request = headers([("origin", origin)]);
        let server = server();
        for (method, path) in [
            (Method::OPTIONS, "/mcp"),
            (Method::OPTIONS, DOCUMENT),
            (Method::GET, DOCUMENT),
        ] {
            let reply = server.respond(&method, path, &request).unwrap();
            assert_eq!(reply.status(), StatusCode::FORBIDDEN, "{origin}");
            let allowed = reply.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!(allowed, None, "{origin}");
        }
        let refusal = server.check_origin(&request).unwrap_err();
        assert_eq!(refusal.status(), StatusCode::FORBIDDEN);
    }
}

#[test]
fn what_no_page_sent_gets_no_cross_origin_headers() {
    let reply = server().respond(&Method::OPTIONS, "/mcp", &HeaderMap::new());
    let reply = reply.unwrap();
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    assert_eq!(reply.headers()[header::ALLOW], "POST, GET, DELETE, OPTIONS");
    let shared = reply.headers().keys();
    assert!(
        !shared
            .into_iter()
            .any(|name| name.as_str().starts_with("access-control-"))
    );
}
