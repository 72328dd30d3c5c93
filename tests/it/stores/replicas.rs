//! Two authorization servers that share keys and a store: they are one server to everybody.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use mcp_oauth::{
    AuthorizationServer, AuthorizationServerConfig, AuthorizationServerDependencies,
    DevelopmentLogin, KeyRing, Login, TokenIssuer,
};
use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::{BearerToken, Scope, SystemClock};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use testkit::eventually;
use tokio::{task::JoinSet, time::Instant};
use url::{Url, form_urlencoded};

use super::subject::Subject;

// RFC 6749 section 10.5: an authorization code is good for one use, wherever it is used.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_uses_of_a_code_on_two_servers_one_gets_tokens() {
    for subject in Subject::all().await {
        let pair = Pair::new(&subject).await;
        let form = pair.redemption(&pair.code().await);
        let answers = pair.hundred(&form).await;
        let (given, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|(status, _)| *status == 200);
        assert_eq!(given.len(), 1, "{}", subject.name);
        for (status, body) in refused {
            assert_eq!(
                (status.as_u16(), &body["error"]),
                (400, &json!("invalid_grant"))
            );
        }
        // The others were replays by the right client (RFC 6749 section 4.1.2).
        let token = text(&given[0].1, "access_token");
        for server in &pair.servers {
            assert!(!admits(server, &token).await, "{}", subject.name);
        }
    }
}

// RFC 9700 section 4.14.2 asks for reuse to be noticed; requests of one client that race are none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_uses_of_a_refresh_token_on_two_servers_get_one_successor() {
    for subject in Subject::all().await {
        let pair = Pair::new(&subject).await;
        let tokens = pair.log_in().await;
        let answers = pair.hundred(&pair.renewal(&tokens)).await;
        for (status, body) in &answers {
            assert_eq!(*status, 200, "{}: {body}", subject.name);
            assert_eq!(body["refresh_token"], answers[0].1["refresh_token"]);
        }
        let (status, body) = token(&pair.servers[1], pair.renewal(&answers[0].1)).await;
        assert_eq!(status, 200, "{}: {body}", subject.name);
        // The token before the last is over now, on either server.
        let (status, _) = token(&pair.servers[0], pair.renewal(&tokens)).await;
        assert_eq!(status, 400, "{}", subject.name);
        let (status, _) = token(&pair.servers[1], pair.renewal(&body)).await;
        assert_eq!(status, 400, "{}", subject.name);
    }
}

// RFC 7009 section 2: "the invalidation takes place immediately", or after a propagation delay.
#[tokio::test]
async fn what_one_server_revokes_the_other_refuses() {
    for subject in Subject::all().await {
        let pair = Pair::new(&subject).await;
        let tokens = pair.log_in().await;
        let access_token = text(&tokens, "access_token");
        for server in &pair.servers {
            assert!(admits(server, &access_token).await, "{}", subject.name);
        }
        let form = encoded(&[
            ("client_id", &pair.client),
            ("token", &text(&tokens, "refresh_token")),
        ]);
        let revoked = Instant::now();
        let request = post("/oauth/revoke", FORM, "", form);
        assert_eq!(send(&pair.servers[0], request).await.0, 200);
        assert!(!admits(&pair.servers[0], &access_token).await);
        if subject.name != "redis" {
            assert!(!admits(&pair.servers[1], &access_token).await);
        }
        eventually("the other server refuses", async || {
            let refuses = !admits(&pair.servers[1], &access_token).await;
            refuses.then_some(())
        })
        .await;
        assert!(revoked.elapsed() < COPY_AGE + Duration::from_secs(1));
    }
}

/// Two servers that share a store, and a client of theirs.
struct Pair {
    servers: [AuthorizationServer; 2],
    code: SecretString,
    client: String,
}

impl Pair {
    async fn new(subject: &Subject) -> Self {
        let (login, code) = DevelopmentLogin::new().expect("random bytes");
        let login = Arc::new(login);
        let servers = [(); 2].map(|()| server(subject, Arc::clone(&login)));
        let body = json!({
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let registered = post("/oauth/register", "application/json", "", body.to_string());
        let (status, _, body) = send(&servers[0], registered).await;
        assert_eq!(status, 201, "{body}");
        Self {
            client: text(&parsed(&body), "client_id"),
            servers,
            code,
        }
    }

    /// The code at the end of a login that begins at one server and ends at the other.
    async fn code(&self) -> String {
        let query = encoded(&[
            ("client_id", &self.client),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", "kafka:read"),
        ]);
        let request = Request::get(format!("/oauth/authorize?{query}"));
        let request = request.body(String::new()).expect("a request");
        let (status, headers, page) = send(&self.servers[0], request).await;
        assert_eq!(status, 200, "{page}");
        let cookie = headers["set-cookie"].to_str().expect("text");
        let (cookie, _) = cookie.split_once(';').expect("attributes");
        let (_, transaction) = page
            .split_once(r#"name="transaction" value=""#)
            .expect("a transaction");
        let (transaction, _) = transaction.split_once('"').expect("its end");
        let form = encoded(&[
            ("transaction", transaction),
            ("decision", "allow"),
            ("name", "alice"),
            ("code", self.code.expose_secret()),
        ]);
        let consent = post("/oauth/authorize", FORM, cookie, form);
        let (status, headers, page) = send(&self.servers[1], consent).await;
        assert_eq!(status, 303, "{page}");
        let back = headers["location"].to_str().expect("text");
        let back = Url::parse(back).expect("a URL");
        let mut parameters = back.query_pairs();
        let code = parameters.find(|(name, _)| name == "code");
        code.expect("a code").1.into_owned()
    }

    async fn log_in(&self) -> Value {
        let form = self.redemption(&self.code().await);
        let (status, tokens) = token(&self.servers[0], form).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    fn redemption(&self, code: &str) -> String {
        encoded(&[
            ("grant_type", "authorization_code"),
            ("client_id", &self.client),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ])
    }

    fn renewal(&self, tokens: &Value) -> String {
        encoded(&[
            ("grant_type", "refresh_token"),
            ("client_id", &self.client),
            ("refresh_token", &text(tokens, "refresh_token")),
        ])
    }

    /// The answers to a form that is sent a hundred times at once, half of it to each server.
    async fn hundred(&self, form: &str) -> Vec<(StatusCode, Value)> {
        let mut requests = JoinSet::new();
        for number in 0..100 {
            let (server, form) = (self.servers[number % 2].clone(), form.to_owned());
            requests.spawn(async move { token(&server, form).await });
        }
        requests.join_all().await
    }
}

fn server(subject: &Subject, login: Arc<DevelopmentLogin>) -> AuthorizationServer {
    let ladder = ["kafka:read", "kafka:write"].map(|scope| Scope::new(scope).expect("a scope"));
    let scopes = ScopeRules::new(ladder.into());
    let login = Login::Development(login);
    let mut config = AuthorizationServerConfig::new("http://localhost:8080", scopes, login);
    config.copies_of_grants = (subject.name == "redis").then_some(COPY_AGE);
    let secret = "4f1d6c83e0b297a5d8c47b19f2e6053a".into();
    let dependencies = AuthorizationServerDependencies {
        keys: KeyRing::new(&secret, &[]).expect("a secret"),
        store: Arc::clone(&subject.store),
        clock: Arc::new(SystemClock),
        public_http: None,
    };
    AuthorizationServer::new(config, dependencies).expect("a server")
}

fn post(path: &str, content_type: &str, cookie: &str, body: String) -> Request<String> {
    Request::post(path)
        .header("content-type", content_type)
        .header("cookie", cookie)
        .header("origin", "http://localhost:8080")
        .body(body)
        .expect("a request")
}

async fn send(
    server: &AuthorizationServer,
    request: Request<String>,
) -> (StatusCode, HeaderMap, String) {
    let (head, body) = request.into_parts();
    let peer = Ipv4Addr::LOCALHOST.into();
    let reply = server.respond(&head, body, peer).await;
    let (head, body) = reply.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let body = String::from_utf8(body.into()).expect("text");
    (head.status, head.headers, body)
}

async fn token(server: &AuthorizationServer, form: String) -> (StatusCode, Value) {
    let (status, _, body) = send(server, post("/oauth/token", FORM, "", form)).await;
    (status, parsed(&body))
}

/// Whether the endpoint would let the holder of a token in.
async fn admits(server: &AuthorizationServer, token: &str) -> bool {
    let token = BearerToken::new(token).expect("a token");
    server.validator().validate(&token).await.is_ok()
}

fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

#[track_caller]
fn text(body: &Value, name: &str) -> String {
    body[name].as_str().expect(name).to_owned()
}

const COPY_AGE: Duration = Duration::from_secs(5);
const FORM: &str = "application/x-www-form-urlencoded";
const REDIRECT_URI: &str = "http://127.0.0.1:33418/callback";
// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
