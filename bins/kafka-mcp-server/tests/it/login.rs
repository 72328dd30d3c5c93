//! Logins at the server, with a code that it prints.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::process::{Server, exchange, get, run};

/// The guide to development with hmac, as it is published.
const GUIDE: [(&str, &str); 8] = [
    ("MCP_TRANSPORT", "http"),
    ("OAUTH_ENABLED", "true"),
    ("OAUTH_PROVIDER", "hmac"),
    ("OAUTH_MODE", "native"),
    ("OAUTH_SERVER_URL", "http://localhost:8080"),
    ("OIDC_ISSUER", "http://localhost:8080"),
    ("OIDC_AUDIENCE", "api://kafka-mcp-server"),
    (
        "JWT_SECRET",
        "3d5b0cf1a9e84c7792e0d46f8b1a6c253d5b0cf1a9e84c7792e0d46f8b1a6c25",
    ),
];

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const REDIRECT_URI: &str = "http://127.0.0.1:33418/";
const LIST_TOOLS: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

/// A server, and the code that it printed.
struct Desk {
    server: Server,
    address: SocketAddr,
    code: String,
}

impl Desk {
    fn open(variables: &[(&str, &str)]) -> Self {
        let (mut server, address) = Server::start_http(&[&GUIDE[..], variables].concat());
        let code = server.line("Development login: any name, with the code ");
        Self {
            server,
            address,
            code,
        }
    }

    fn send(&self, path: &str, kind: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost:8080\r\nconnection: close\r\n\
             content-type: {kind}\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        exchange(self.address, &request)
    }

    fn post_form(&self, path: &str, headers: &str, fields: &[(&str, &str)]) -> String {
        let body = encoded(fields);
        self.send(path, "application/x-www-form-urlencoded", headers, &body)
    }

    fn register(&self) -> String {
        let client = json!({ "client_name": "Editor", "redirect_uris": [REDIRECT_URI] });
        let kind = "application/json";
        let registered = self.send("/oauth/register", kind, "", &client.to_string());
        text(&json_of(&registered), "client_id")
    }

    /// The answer to somebody who types this code.
    fn log_in(&self, client_id: &str, code: &str) -> String {
        let query = encoded(&[
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", REDIRECT_URI),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "s-1"),
            ("scope", "kafka:read kafka:write"),
            ("resource", "http://localhost:8080/mcp"),
        ]);
        let page = exchange(self.address, &get(&format!("/oauth/authorize?{query}")));
        let cookie = between(&page, "set-cookie: ", ";");
        let transaction = between(&page, "name=\"transaction\" value=\"", "\"");
        let headers = format!("cookie: {cookie}\r\norigin: http://localhost:8080\r\n");
        let fields = [
            ("transaction", &*transaction),
            ("decision", "allow"),
            ("name", "alice"),
            ("code", code),
        ];
        self.post_form("/oauth/authorize", &headers, &fields)
    }

    fn tokens(&self, client_id: &str) -> Value {
        let sent_back = self.log_in(client_id, &self.code);
        let code = between(&sent_back, "location: http://127.0.0.1:33418/?code=", "&");
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", REDIRECT_URI),
            ("client_id", client_id),
            ("code_verifier", VERIFIER),
        ];
        json_of(&self.post_form("/oauth/token", "", &fields))
    }

    fn refresh(&self, client_id: &str, refresh_token: &str) -> String {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", client_id),
            ("refresh_token", refresh_token),
        ];
        self.post_form("/oauth/token", "", &fields)
    }

    #[track_caller]
    fn assert_lets_in(&self, token: &str, status: u16) {
        let bearer = format!("authorization: Bearer {token}\r\n");
        let answer = self.send("/mcp", "application/json", &bearer, LIST_TOOLS);
        assert_status(&answer, status);
    }
}

#[track_caller]
fn assert_status(answer: &str, status: u16) {
    let expected = format!("HTTP/1.1 {status} ");
    assert!(answer.starts_with(&expected), "expected {status}: {answer}");
}

#[track_caller]
fn json_of(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {answer}"))
}

#[track_caller]
fn text(json: &Value, name: &str) -> String {
    let text = json[name].as_str();
    text.unwrap_or_else(|| panic!("no {name}: {json}"))
        .to_owned()
}

#[track_caller]
fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(after));
    found
        .unwrap_or_else(|| panic!("no {before:?}: {text}"))
        .0
        .to_owned()
}

/// A form, or a query.
fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let bytes = text.bytes().map(|byte| match byte {
            byte if plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        bytes.collect()
    };
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    fields.collect::<Vec<_>>().join("&")
}

/// A token made by the command.
fn hand_made() -> String {
    let output = run(&["token", "--sub", "bob"], &GUIDE);
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

#[test]
fn the_published_guide_shows_endpoints_that_answer() {
    let desk = Desk::open(&[]);
    let answer = exchange(
        desk.address,
        &get("/.well-known/oauth-authorization-server"),
    );
    let metadata = json_of(&answer);
    for (name, value) in [
        ("issuer", "http://localhost:8080"),
        (
            "authorization_endpoint",
            "http://localhost:8080/oauth/authorize",
        ),
        ("token_endpoint", "http://localhost:8080/oauth/token"),
        ("jwks_uri", "http://localhost:8080/.well-known/jwks.json"),
    ] {
        assert_eq!(metadata[name], value);
    }
    for path in [
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-protected-resource",
        "/.well-known/jwks.json",
    ] {
        assert_status(&exchange(desk.address, &get(path)), 200);
    }
    // Pages say what is missing, and the others take forms.
    for (path, status) in [
        ("/oauth/authorize", 400),
        ("/oauth/callback", 400),
        ("/oauth/register", 405),
        ("/oauth/revoke", 405),
        ("/oauth/token", 405),
    ] {
        assert_status(&exchange(desk.address, &get(path)), status);
    }
}

// Many clients ask for all scopes that they are told of, and people would be asked for more than any
// tool needs.
#[test]
fn both_metadata_documents_name_the_same_scopes() {
    let desk = Desk::open(&[("OAUTH_MODE", "proxy")]);
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
    ] {
        let metadata = json_of(&exchange(desk.address, &get(path)));
        let scopes = &metadata["scopes_supported"];
        assert_eq!(*scopes, json!(["kafka:read", "kafka:write"]), "{path}");
    }
}

#[test]
fn a_client_gets_a_token_renews_it_and_gives_it_back() {
    let desk = Desk::open(&[]);
    let client_id = desk.register();
    let tokens = desk.tokens(&client_id);
    desk.assert_lets_in(&text(&tokens, "access_token"), 200);
    let renewed = json_of(&desk.refresh(&client_id, &text(&tokens, "refresh_token")));
    let access_token = text(&renewed, "access_token");
    desk.assert_lets_in(&access_token, 200);
    let token = text(&renewed, "refresh_token");
    let fields = [("token", &*token), ("client_id", &client_id)];
    assert_status(&desk.post_form("/oauth/revoke", "", &fields), 200);
    desk.assert_lets_in(&access_token, 401);
    let metrics = exchange(desk.address, &get("/metrics"));
    for line in [
        "kafka_mcp_oauth_logins_total{outcome=\"allowed\"} 1\n",
        "kafka_mcp_oauth_grants_total{event=\"begun\"} 1\n",
        "kafka_mcp_oauth_grants_total{event=\"refreshed\"} 1\n",
        "kafka_mcp_oauth_grants_total{event=\"revoked\"} 1\n",
    ] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
}

// A key that makes tokens by hand makes none where the server makes them.
#[test]
fn tokens_made_by_hand_are_for_native_mode() {
    Desk::open(&[]).assert_lets_in(&hand_made(), 200);
    let proxy = Desk::open(&[("OAUTH_MODE", "proxy")]);
    proxy.assert_lets_in(&hand_made(), 401);
    let tokens = proxy.tokens(&proxy.register());
    proxy.assert_lets_in(&text(&tokens, "access_token"), 200);
}

#[test]
fn another_code_lets_nobody_in() {
    let desk = Desk::open(&[]);
    let client_id = desk.register();
    for wrong in ["", "2222-2222"] {
        assert_status(&desk.log_in(&client_id, wrong), 403);
    }
}

#[test]
fn the_code_is_for_people_and_in_no_log() {
    // It is printed with logs turned off, too, or this would not end.
    Desk::open(&[("LOG_LEVEL", "off")]);

    let desk = Desk::open(&[("LOG_LEVEL", "trace")]);
    let client_id = desk.register();
    let tokens = desk.tokens(&client_id);
    let access_token = text(&tokens, "access_token");
    let refresh_token = text(&tokens, "refresh_token");
    desk.assert_lets_in(&access_token, 200);
    desk.refresh(&client_id, &refresh_token);
    let code = desk.code.clone();
    let log = desk.server.into_log();
    for (what, secret) in [
        ("code", &code),
        ("access token", &access_token),
        ("refresh token", &refresh_token),
    ] {
        assert!(!log.contains(&**secret), "the {what} is in the log: {log}");
    }
    let login = log.lines().find(|line| line.contains("audit: login"));
    assert!(
        login.is_some_and(|line| line.contains("subject=\"alice\"")),
        "{log}"
    );
    let grant = log.lines().find(|line| line.contains("audit: grant"));
    assert!(
        grant.is_some_and(|line| line.contains("outcome=\"begun\"")),
        "{log}"
    );
}

#[test]
fn logins_in_a_file_survive_a_restart() {
    let file = std::env::temp_dir().join(format!("kafka-mcp-logins-{}", std::process::id()));
    let store = format!("file:{}", file.display());
    let variables = [("OAUTH_STORE", &*store)];
    let desk = Desk::open(&variables);
    let client_id = desk.register();
    let refresh_token = text(&desk.tokens(&client_id), "refresh_token");
    desk.server.into_log();
    let again = Desk::open(&variables);
    assert_status(&again.refresh(&client_id, &refresh_token), 200);
    drop(again);
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_store_that_does_not_answer_is_no_reason_not_to_start() {
    let desk = Desk::open(&[("OAUTH_STORE", "redis://127.0.0.1:1")]);
    let ready = exchange(desk.address, &get("/readyz"));
    assert_status(&ready, 503);
    assert!(
        ready.contains("the store of logins does not answer"),
        "{ready}"
    );
    desk.assert_lets_in(&hand_made(), 200);
}

#[test]
fn a_store_may_be_reached_over_tls_and_its_password_is_printed_nowhere() {
    let store = [("OAUTH_STORE", "rediss://:canary-0451@127.0.0.1:1/0")];
    let mut desk = Desk::open(&store);
    assert_status(&exchange(desk.address, &get("/readyz")), 503);
    desk.server.child.kill().unwrap();
    for command in [&["print-config"][..], &["doctor"]] {
        let output = run(command, &[&GUIDE[..], &store].concat());
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8(printed).unwrap();
        assert!(!printed.contains("canary"), "{printed}");
        assert!(printed.contains("store"), "{printed}");
    }
}

#[test]
fn a_store_that_cannot_be_opened_is_named_by_its_setting() {
    let store = [
        ("OAUTH_STORE", "file:/nonexistent/logins"),
        ("MCP_HTTP_PORT", "0"),
    ];
    let output = run(&[], &[&GUIDE[..], &store].concat());
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("OAUTH_STORE cannot be used"), "{message}");
}

/// What `doctor` finds.
fn doctor(variables: &[(&str, &str)]) -> String {
    let output = run(&["doctor"], &[&GUIDE[..], variables].concat());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn doctor_says_whether_documents_of_clients_are_fetched_and_why_not() {
    let proxy = ("HTTPS_PROXY", "http://127.0.0.1:1");
    for (variables, found) in [
        (vec![], "they are fetched"),
        (vec![proxy], "not fetched, because HTTPS_PROXY is set"),
        (
            vec![("OAUTH_CLIENT_DOCUMENTS", "false")],
            "not fetched, because OAUTH_CLIENT_DOCUMENTS is false",
        ),
    ] {
        let printed = doctor(&variables);
        let line = printed
            .lines()
            .find(|line| line.contains("] client documents: "));
        assert!(line.is_some_and(|line| line.contains(found)), "{printed}");
    }
}

// Made by whoever runs `doctor`, it would be theirs, and the server could not open it.
#[test]
fn doctor_makes_no_file_for_logins() {
    let name = format!("kafka-mcp-doctor-{}", std::process::id());
    let file = std::env::temp_dir().join(name);
    let store = format!("file:{}", file.display());
    let printed = doctor(&[("OAUTH_STORE", &store)]);
    let found = "is not there yet: the server makes it when it starts";
    assert!(printed.contains(found), "{printed}");
    assert!(!file.exists());
    let printed = doctor(&[("OAUTH_STORE", "file:/nonexistent/logins")]);
    assert!(
        printed.contains("[fail] store: /nonexistent/logins"),
        "{printed}"
    );
}

// A page whose name resolves to this machine would otherwise read what the forms hold.
#[test]
fn logins_are_for_hosts_that_the_server_knows() {
    let desk = Desk::open(&[]);
    for path in ["/oauth/authorize", "/oauth/token", "/register"] {
        let foreign = get(path).replace("host: localhost", "host: evil.example");
        assert_status(&exchange(desk.address, &foreign), 403);
    }
}

#[test]
fn the_keys_command_prints_a_secret_alone_and_says_how_to_use_it() {
    let output = run(&["keys"], &[]);
    assert!(output.status.success());
    let secret = String::from_utf8(output.stdout).unwrap();
    let secret = secret.strip_suffix('\n').unwrap();
    assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let how = String::from_utf8(output.stderr).unwrap();
    assert!(how.contains("JWT_SECRET_PREVIOUS"), "{how}");
}
