use std::{net::SocketAddr, process::Output};

use crate::process::{Server, exchange, get, run};

const SECRET: &str = "3d5b0cf1a9e84c7792e0d46f8b1a6c25";

/// A header that names the algorithm RS256 and the key `k`.
const RS256: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ";

/// The configuration for development.
const HMAC: [(&str, &str); 7] = [
    ("MCP_TRANSPORT", "http"),
    ("OAUTH_ENABLED", "true"),
    ("OAUTH_PROVIDER", "hmac"),
    ("OAUTH_SERVER_URL", "http://localhost:8080"),
    ("OIDC_ISSUER", "http://localhost:8080"),
    ("OIDC_AUDIENCE", "api://kafka-mcp-server"),
    ("JWT_SECRET", SECRET),
];

const LIST_TOOLS: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
const PRODUCE: &str = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"produce_message","arguments":{"topic":"t","value":"v"}}}"#;

/// A token made by the command, with more arguments for it.
fn token(arguments: &[&str]) -> String {
    let output = run(&[&["token", "--sub", "alice"], arguments].concat(), &HMAC);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    let token = printed.strip_suffix('\n').unwrap();
    assert!(!token.contains(char::is_whitespace), "{token}");
    token.to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         {headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn post_with(address: SocketAddr, token: &str, body: &str) -> String {
    let headers = format!("authorization: Bearer {token}\r\n");
    exchange(address, &request("POST", "/mcp", &headers, body))
}

#[track_caller]
fn assert_status(answer: &str, status: u16) {
    let expected = format!("HTTP/1.1 {status} ");
    assert!(answer.starts_with(&expected), "expected {status}: {answer}");
}

#[test]
fn a_token_lets_in_for_what_it_is_good_for() {
    let (_server, address) = Server::start_http(&HMAC);
    let reader = token(&["--scope", "kafka:read", "--ttl", "1h"]);
    let tools = post_with(address, &reader, LIST_TOOLS);
    assert_status(&tools, 200);
    assert!(
        tools.contains("list_topics") && !tools.contains("produce_message"),
        "{tools}"
    );
    // RFC 6750 section 3.1: insufficient_scope names all that is needed.
    let refused = post_with(address, &reader, PRODUCE);
    assert_status(&refused, 403);
    let challenge = "www-authenticate: Bearer error=\"insufficient_scope\", \
                     resource_metadata=\"http://localhost:8080/.well-known/oauth-protected-resource/mcp\", \
                     scope=\"kafka:read kafka:write\"\r\n";
    assert!(refused.contains(challenge), "{refused}");

    let admin = token(&["--scope", "kafka:admin"]);
    assert!(post_with(address, &admin, LIST_TOOLS).contains("produce_message"));
    // Kafka is down, which is not the caller's fault.
    let produced = post_with(address, &admin, PRODUCE);
    assert_status(&produced, 200);
    assert!(produced.contains("kafka_unavailable"), "{produced}");
}

#[test]
fn a_token_without_scopes_is_good_for_nothing() {
    let (_server, address) = Server::start_http(&HMAC);
    for scopes in ["", "openid"] {
        let token = token(&["--scope", scopes]);
        assert_status(&post_with(address, &token, LIST_TOOLS), 403);
    }
}

// RFC 6750 section 3.1: who brings no credentials is told nothing of errors.
#[test]
fn without_a_token_the_challenge_says_where_to_get_one() {
    let (_server, address) = Server::start_http(&HMAC);
    for headers in ["", "authorization: Basic YTpi\r\n"] {
        let answer = exchange(address, &request("POST", "/mcp", headers, LIST_TOOLS));
        assert_status(&answer, 401);
        assert!(
            answer.contains("www-authenticate: Bearer resource_metadata=\""),
            "{answer}"
        );
        assert!(!answer.contains("error=\""), "{answer}");
    }
}

// RFC 6750 section 2, RFC 9700 section 4.3.2: a token in a query ends up in logs.
#[test]
fn a_token_counts_only_where_it_belongs_and_once() {
    let (_server, address) = Server::start_http(&HMAC);
    let token = token(&[]);
    let bearer = format!("authorization: Bearer {token}\r\n");
    let twice = bearer.repeat(2);
    let spaced = format!("authorization: Bearer  {token}\r\n");
    let in_query = format!("/mcp?access_token={token}");
    for (path, headers) in [
        ("/mcp", twice.as_str()),
        ("/mcp", &spaced),
        ("/mcp", "authorization: Bearer\r\n"),
        (&in_query, ""),
    ] {
        let answer = exchange(address, &request("POST", path, headers, LIST_TOOLS));
        assert_status(&answer, 401);
    }
    let lower_case = format!("authorization: bearer {token}\r\n");
    let answer = exchange(address, &request("POST", "/mcp", &lower_case, LIST_TOOLS));
    assert_status(&answer, 200);
}

#[test]
fn every_method_but_options_needs_a_token() {
    let (_server, address) = Server::start_http(&HMAC);
    let bearer = format!("authorization: Bearer {}\r\n", token(&[]));
    for method in ["GET", "DELETE", "PUT", "POST"] {
        assert_status(&exchange(address, &request(method, "/mcp", "", "")), 401);
    }
    for method in ["GET", "DELETE"] {
        assert_status(
            &exchange(address, &request(method, "/mcp", &bearer, "")),
            405,
        );
    }
    let page = "origin: http://localhost:6274\r\n";
    let preflight = exchange(address, &request("OPTIONS", "/mcp", page, ""));
    assert_status(&preflight, 204);
    for name in [
        "Authorization",
        "Mcp-Session-Id",
        "MCP-Protocol-Version",
        "Last-Event-ID",
    ] {
        assert!(preflight.contains(name), "{name} is missing: {preflight}");
    }
    assert!(
        !preflight.contains("access-control-allow-credentials"),
        "{preflight}"
    );
}

#[test]
fn a_session_or_an_identity_from_outside_is_no_token() {
    let (_server, address) = Server::start_http(&HMAC);
    for headers in [
        "mcp-session-id: 1\r\n",
        "x-forwarded-user: alice\r\n",
        "x_forwarded_user: alice\r\n",
        "x-forwarded-uri: /healthz\r\n",
    ] {
        let answer = exchange(address, &request("POST", "/mcp", headers, LIST_TOOLS));
        assert_status(&answer, 401);
    }
}

#[test]
fn a_body_is_not_read_before_the_token_is_accepted() {
    let (_server, address) = Server::start_http(&HMAC);
    let announced = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4000000\r\n\
                     connection: close\r\n\r\n";
    assert_status(&exchange(address, announced), 401);
}

#[test]
fn a_batch_is_refused_as_a_message_and_not_as_a_token() {
    let (_server, address) = Server::start_http(&HMAC);
    let answer = post_with(address, &token(&[]), &format!("[{LIST_TOOLS}]"));
    assert_status(&answer, 400);
    assert!(answer.contains("-32600"), "{answer}");
}

// RFC 9728 section 3; never derived from what a request says of the server.
#[test]
fn metadata_needs_no_token_and_believes_no_header() {
    let (_server, address) = Server::start_http(&HMAC);
    let forged = "x-forwarded-host: evil.example\r\nx-forwarded-proto: https\r\n";
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        let answer = exchange(address, &request("GET", path, forged, ""));
        assert_status(&answer, 200);
        assert!(
            answer.contains(r#""resource":"http://localhost:8080/mcp""#),
            "{answer}"
        );
        assert!(
            answer.contains("content-type: application/json\r\n"),
            "{answer}"
        );
        assert_status(&exchange(address, &request("POST", path, "", "")), 405);
        assert_status(&exchange(address, &request("OPTIONS", path, "", "")), 204);
    }
    let keys = exchange(address, &get("/.well-known/jwks.json"));
    assert!(keys.ends_with(r#"{"keys":[]}"#), "{keys}");
}

// Symmetric keys are nobody's business, with or without somebody to ask for tokens.
#[test]
fn without_logins_there_is_no_authorization_server() {
    let off = [&HMAC[..], &[("OAUTH_DEV_LOGIN", "false")]].concat();
    let (_server, address) = Server::start_http(&off);
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/oauth/authorize",
        "/register",
    ] {
        assert_status(&exchange(address, &get(path)), 404);
    }
    let keys = exchange(address, &get("/.well-known/jwks.json"));
    assert!(keys.ends_with(r#"{"keys":[]}"#), "{keys}");
}

#[test]
fn without_oauth_there_is_no_metadata() {
    let (_server, address) = Server::start_http(&[]);
    let answer = exchange(address, &get("/.well-known/oauth-protected-resource"));
    assert_status(&answer, 404);
}

#[test]
fn foreign_hosts_and_origins_are_refused_with_a_token_too() {
    let (_server, address) = Server::start_http(&HMAC);
    let token = token(&[]);
    let page = format!("authorization: Bearer {token}\r\norigin: https://evil.example\r\n");
    assert_status(
        &exchange(address, &request("POST", "/mcp", &page, LIST_TOOLS)),
        403,
    );
    let rebound = request(
        "POST",
        "/mcp",
        &format!("authorization: Bearer {token}\r\n"),
        "{}",
    )
    .replace("host: localhost", "host: evil.example");
    assert_status(&exchange(address, &rebound), 403);
}

/// A provider that nobody can reach.
fn unreachable_provider() -> Vec<(&'static str, &'static str)> {
    let mut variables = HMAC.to_vec();
    variables.retain(|(name, _)| !["OAUTH_PROVIDER", "OIDC_ISSUER", "JWT_SECRET"].contains(name));
    variables.extend([
        ("OAUTH_PROVIDER", "oidc"),
        ("OIDC_ISSUER", "http://127.0.0.1:1"),
    ]);
    variables
}

#[test]
fn a_provider_that_is_down_stops_no_start_and_no_client() {
    let (_server, address) = Server::start_http(&unreachable_provider());
    assert_status(&exchange(address, &get("/healthz")), 200);
    let unready = exchange(address, &get("/readyz"));
    assert_status(&unready, 503);
    assert!(unready.contains("identity provider"), "{unready}");
    let metadata = exchange(address, &get("/.well-known/oauth-protected-resource"));
    assert!(
        metadata.contains(r#""authorization_servers":["http://127.0.0.1:1"]"#),
        "{metadata}"
    );
    // A client that got 401 would throw a good token away.
    let token = token(&["--issuer", "http://127.0.0.1:1"]);
    let claims = token.split('.').nth(1).unwrap();
    let answer = post_with(address, &format!("{RS256}.{claims}.AAAA"), LIST_TOOLS);
    assert_status(&answer, 503);
    assert!(answer.contains("\r\nretry-after: "), "{answer}");
    let metrics = exchange(address, &get("/metrics"));
    assert!(metrics.contains("\nkafka_mcp_oauth_ready 0\n"), "{metrics}");
}

#[test]
fn decisions_are_counted_by_check_and_cache() {
    let (_server, address) = Server::start_http(&HMAC);
    let good = token(&[]);
    post_with(address, &good, LIST_TOOLS);
    post_with(address, &good, LIST_TOOLS);
    post_with(address, &good, PRODUCE);
    post_with(address, &token(&["--audience", "other"]), LIST_TOOLS);
    exchange(address, &request("POST", "/mcp", "", LIST_TOOLS));
    let metrics = exchange(address, &get("/metrics"));
    for (labels, count) in [
        (r#"outcome="accepted",check="",cache="miss""#, 1),
        (r#"outcome="accepted",check="",cache="hit""#, 2),
        (r#"outcome="rejected",check="audience",cache="""#, 1),
        (r#"outcome="forbidden",check="",cache="""#, 1),
        (r#"outcome="missing",check="",cache="""#, 1),
    ] {
        let line =
            format!("\nkafka_mcp_oauth_validations_total{{provider=\"hmac\",{labels}}} {count}\n");
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
}

#[cfg(unix)]
#[test]
fn calls_are_audited_and_nothing_secret_is_logged() {
    let variables = [&HMAC[..], &[("LOG_LEVEL", "trace"), ("LOG_FORMAT", "text")]].concat();
    let (server, address) = Server::start_http(&variables);
    let token = token(&["--scope", "kafka:write", "--client", "app"]);
    let payload = PRODUCE.replace("\"v\"", "\"canary-0451\"");
    assert_status(&post_with(address, &token, &payload), 200);
    let forged = format!("{token}x");
    assert_status(&post_with(address, &forged, &payload), 401);
    let log = server.into_log();
    let audited = log
        .lines()
        .find(|line| line.contains("audit: call "))
        .unwrap();
    for part in [
        r#"issuer="http://localhost:8080""#,
        r#"subject="alice""#,
        r#"client="app""#,
        r#"kind="tool""#,
        r#"name="produce_message""#,
        r#"topic="t""#,
        r#"outcome="kafka_unavailable""#,
        "duration=",
        "request_id=",
    ] {
        assert!(audited.contains(part), "{part} is missing: {audited}");
    }
    assert!(log.contains("check=signature"), "{log}");
    let secrets = token.split('.').chain(["canary-0451", SECRET]);
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in: {log}");
    }
}

#[test]
fn making_a_token_needs_the_settings_of_hmac() {
    let without = |name: &str| -> Output {
        let variables: Vec<_> = HMAC
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        run(&["token", "--sub", "alice"], &variables)
    };
    for name in ["OAUTH_PROVIDER", "OIDC_ISSUER", "JWT_SECRET"] {
        let output = without(name);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(
            text(&output.stderr).contains(name),
            "{}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty());
    }
    // A terminal beside the server's need not have all of its settings.
    for name in ["MCP_TRANSPORT", "OAUTH_ENABLED", "OAUTH_SERVER_URL"] {
        assert!(without(name).status.success(), "{name}");
    }
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let output = run(&["doctor"], &HMAC);
    let found = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{found}");
    assert!(
        found.contains("[ ok ] configuration: http on 127.0.0.1:8080"),
        "{found}"
    );
    assert!(found.contains("[fail] kafka: "), "{found}");
    assert!(found.contains("\n       -> "), "{found}");
    let wrong = run(&["doctor"], &[("MCP_HTTP_PORT", "x"), ("LOG_FORMAT", "y")]);
    let found = text(&wrong.stdout);
    assert_eq!(wrong.status.code(), Some(1), "{found}");
    assert!(
        found.contains("MCP_HTTP_PORT: 'x'") && found.contains("LOG_FORMAT: 'y'"),
        "{found}"
    );
}

#[test]
fn doctor_explains_a_token_without_showing_it() {
    let token = token(&["--audience", "other"]);
    let file = std::env::temp_dir().join(format!("kafka-mcp-{}-token", std::process::id()));
    std::fs::write(&file, &token).unwrap();
    let output = run(&["doctor", "--token-file", file.to_str().unwrap()], &HMAC);
    std::fs::remove_file(&file).unwrap();
    let found = text(&output.stdout);
    assert!(found.contains(r#"sub: "alice""#), "{found}");
    assert!(
        found.contains("[fail] token: it is refused: the check of audience failed"),
        "{found}"
    );
    assert!(found.contains("OIDC_AUDIENCE"), "{found}");
    for part in token.split('.') {
        assert!(!found.contains(part), "{found}");
    }
}
