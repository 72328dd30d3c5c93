//! Requests of clients at the authorization endpoint.

use http::Method;

use super::{
    browser::{Browser, CHALLENGE, REDIRECT_URI, STATE, TestClient, transaction},
    desk::{Desk, ORIGIN, RESOURCE, Reply, request},
};

async fn ask(changes: &[(&str, &str)]) -> Reply {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let path = client.authorize_path(changes);
    Browser::default().open(&desk, &path).await
}

/// A page for the person at the browser, and nothing for the client.
#[track_caller]
fn assert_local(reply: &Reply) {
    assert_eq!(reply.status, 400, "{}", reply.body);
    assert_eq!(reply.location(), "");
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    assert!(!reply.headers.contains_key("set-cookie"));
}

/// RFC 6749 section 4.1.2.1 and RFC 9207 section 2.
#[track_caller]
fn assert_error(reply: &Reply, error: &str) {
    assert_eq!(reply.status, 302, "{}", reply.body);
    assert!(
        reply
            .location()
            .starts_with(&format!("{REDIRECT_URI}?error="))
    );
    assert_eq!(reply.sent_along("error").as_deref(), Some(error));
    assert_eq!(reply.sent_along("state").as_deref(), Some(STATE));
    assert_eq!(reply.sent_along("iss").as_deref(), Some(ORIGIN));
    assert_eq!(reply.sent_along("code"), None);
}

// RFC 6749 section 4.1.2.1: without a client that is known, nobody is redirected.
#[tokio::test]
async fn an_unknown_client_is_an_error_for_the_person() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let mut edited = client.id.clone();
    let last = if edited.ends_with('A') { "B" } else { "A" };
    edited.replace_range(edited.len() - 1.., last);
    let long = "x".repeat(60_000);
    for id in [
        "",
        "unknown",
        &edited,
        "https://client.example/id",
        &long,
        "<script>",
    ] {
        let path = client.authorize_path(&[("client_id", id)]);
        let reply = Browser::default().open(&desk, &path).await;
        assert_local(&reply);
        assert!(!reply.body.contains("<script>"));
    }
}

#[tokio::test]
async fn programs_that_ask_for_json_get_json() {
    let desk = Desk::new();
    let headers = [("accept", "application/json")];
    let path = "/oauth/authorize?client_id=unknown";
    let reply = desk.send(request(Method::GET, path, &headers, "")).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"], "invalid_client");
    assert_eq!(reply.header("cache-control"), "no-store");
}

// RFC 6749 section 3.1.2.4 and RFC 9700 section 4.1.3: exact matching.
#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_is_an_error_for_the_person() {
    let desk = Desk::new();
    let claude = "https://claude.ai/api/mcp/auth_callback";
    let client = TestClient::register_at(&desk, &[claude, "http://localhost:1/cb"]).await;
    for uri in [
        "",
        "https://claude.ai/api/mcp/Auth_callback",
        "https://claude.ai/api/mcp/auth_callback/",
        "https://claude.ai/api/mcp/auth_callback?x=1",
        "https://claude.ai/api/mcp/auth_callback#x",
        "http://claude.ai/api/mcp/auth_callback",
        "https://claude.ai@evil.example/api/mcp/auth_callback",
        "http://localhost@evil.example/cb",
        "http://localhost.evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://[::1]@evil.example/cb",
        "https://a@b@c/cb",
        "http://127.0.0.1:1/cb",
        "http://evil.example/cb",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://claude.ai/x",
    ] {
        let path = client.authorize_path(&[("redirect_uri", uri)]);
        assert_local(&Browser::default().open(&desk, &path).await);
    }
}

// RFC 8252 section 7.3: the port is the one that the program got.
#[tokio::test]
async fn on_loopback_any_port_will_do_and_the_host_has_to_be_the_same() {
    let desk = Desk::new();
    let registered = ["http://localhost:1/cb", "http://[::1]/cb"];
    let client = TestClient::register_at(&desk, &registered).await;
    for (uri, status) in [
        ("http://localhost:65535/cb", 200),
        ("http://localhost/cb", 200),
        ("http://[::1]:3000/cb", 200),
        ("http://127.0.0.1:1/cb", 400),
        ("http://localhost:1/other", 400),
    ] {
        let path = client.authorize_path(&[("redirect_uri", uri)]);
        let reply = Browser::default().open(&desk, &path).await;
        assert_eq!(reply.status, status, "{uri}");
    }
}

// RFC 6749 section 3.1.1.
#[tokio::test]
async fn the_only_response_type_is_code() {
    for (response_type, error) in [
        ("", "invalid_request"),
        ("token", "unsupported_response_type"),
        ("code id_token", "unsupported_response_type"),
    ] {
        assert_error(&ask(&[("response_type", response_type)]).await, error);
    }
    let reply = ask(&[("response_mode", "fragment")]).await;
    assert_error(&reply, "invalid_request");
    assert_eq!(ask(&[("response_mode", "query")]).await.status, 200);
}

// RFC 7636 section 4.4.1; without a method it is "plain" (section 4.3).
#[tokio::test]
async fn without_a_challenge_of_s256_there_is_no_login() {
    let longer = format!("{CHALLENGE}A");
    for changes in [
        [("code_challenge", ""), ("code_challenge_method", "")],
        [("code_challenge", ""), ("code_challenge_method", "S256")],
        [("code_challenge", CHALLENGE), ("code_challenge_method", "")],
        [
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "plain"),
        ],
        [
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "s256"),
        ],
        [
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S512"),
        ],
        [
            ("code_challenge", &longer),
            ("code_challenge_method", "S256"),
        ],
        [
            ("code_challenge", &CHALLENGE[..42]),
            ("code_challenge_method", "S256"),
        ],
        [
            (
                "code_challenge",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
            ),
            ("code_challenge_method", "S256"),
        ],
    ] {
        assert_error(&ask(&changes).await, "invalid_request");
    }
}

// RFC 8707 section 2.
#[tokio::test]
async fn tokens_are_for_this_resource_only() {
    for good in [
        "",
        RESOURCE,
        "HTTP://LOCALHOST:8080/mcp",
        "http://localhost:8080/mcp/",
        "http://localhost:8080/mcp?kb_name=x",
    ] {
        assert_eq!(ask(&[("resource", good)]).await.status, 200, "{good}");
    }
    for bad in [
        "https://other.example/mcp",
        "http://localhost:8080/",
        "http://localhost:8080/mcp#x",
        "/mcp",
        "javascript:alert(1)",
    ] {
        assert_error(&ask(&[("resource", bad)]).await, "invalid_target");
    }
}

#[tokio::test]
async fn two_resources_have_to_be_the_same() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let path = client.authorize_path(&[("resource", RESOURCE)]);
    let twice = format!("{path}&resource=http%3A%2F%2Flocalhost:8080%2Fmcp");
    assert_eq!(Browser::default().open(&desk, &twice).await.status, 200);
    let two = format!("{path}&resource=https%3A%2F%2Fother.example");
    assert_error(
        &Browser::default().open(&desk, &two).await,
        "invalid_target",
    );
}

// RFC 6749 section 3.3.
#[tokio::test]
async fn scopes_are_never_more_than_were_asked_for() {
    let read = "Read topics &amp; messages";
    let write = "Write messages";
    for (asked, has_write) in [
        ("", false),
        ("kafka:read", false),
        ("kafka:read openid unknown:scope", false),
        ("kafka:write", true),
        ("kafka:write kafka:read", true),
    ] {
        let page = ask(&[("scope", asked)]).await;
        assert_eq!(page.status, 200, "{asked}");
        assert!(page.body.contains(read), "{asked}");
        assert_eq!(page.body.contains(write), has_write, "{asked}");
    }
    for bad in [
        "unknown:scope",
        "openid",
        "kafka:read\r\nx",
        "kafka:\"read\"",
        "a\\b",
    ] {
        assert_error(&ask(&[("scope", bad)]).await, "invalid_scope");
    }
}

// RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
#[tokio::test]
async fn a_parameter_that_is_there_twice_is_an_error_for_the_person() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let path = client.authorize_path(&[]);
    for name in ["client_id", "redirect_uri", "state", "scope", "x"] {
        let twice = format!("{path}&{name}=1&{name}=2");
        assert_local(&Browser::default().open(&desk, &twice).await);
    }
    for malformed in ["&a=%", "&a=%zz", "&a=%ff"] {
        let path = format!("{path}{malformed}");
        assert_local(&Browser::default().open(&desk, &path).await);
    }
}

// RFC 9101 section 6.3: refused, and never fetched.
#[tokio::test]
async fn request_objects_are_not_supported() {
    let reply = ask(&[("request", "eyJhbGciOiJub25lIn0.e30.")]).await;
    assert_error(&reply, "request_not_supported");
    let reply = ask(&[("request_uri", "http://169.254.169.254/")]).await;
    assert_error(&reply, "request_uri_not_supported");
}

// OpenID Connect Core 1.0 section 3.1.2.6.
#[tokio::test]
async fn nobody_is_logged_in_without_being_asked() {
    for prompt in ["none", "none login"] {
        assert_error(&ask(&[("prompt", prompt)]).await, "interaction_required");
    }
    for prompt in ["login", "consent", "select_account"] {
        assert_eq!(ask(&[("prompt", prompt)]).await.status, 200);
    }
}

#[tokio::test]
async fn a_state_comes_back_exactly_and_is_bounded() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    for state in ["x".repeat(512), "%00%0d%0a<>\"'\u{1F511}".to_owned()] {
        let path = client.authorize_path(&[("state", &state)]);
        let mut browser = Browser::default();
        let page = browser.open(&desk, &path).await;
        let form = [("transaction", &*transaction(&page)), ("decision", "deny")];
        let reply = browser.submit(&desk, &form).await;
        assert_eq!(reply.sent_along("state").as_deref(), Some(state.as_str()));
    }
    let long = "x".repeat(513);
    let path = client.authorize_path(&[("state", &long)]);
    let reply = Browser::default().open(&desk, &path).await;
    assert_eq!(
        reply.sent_along("error").as_deref(),
        Some("invalid_request")
    );
    let none = client.authorize_path(&[("state", ""), ("response_type", "token")]);
    let reply = Browser::default().open(&desk, &none).await;
    assert_eq!(reply.sent_along("state"), None);
}

// A million of these cost no memory: the store stays empty until somebody has logged in.
#[tokio::test]
async fn requests_of_strangers_leave_nothing_behind() {
    let desk = Desk::with(|config| config.ceiling = None);
    let client = TestClient::register(&desk).await;
    for _ in 0..200 {
        let mut browser = Browser::default();
        let page = browser.open(&desk, &client.authorize_path(&[])).await;
        let form = [("transaction", &*transaction(&page)), ("decision", "deny")];
        browser.submit(&desk, &form).await;
    }
    assert!(desk.store_is_untouched());
    client.log_in(&desk, &mut Browser::default()).await;
    assert!(!desk.store_is_untouched());
}
