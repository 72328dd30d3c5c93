//! The way to the identity provider and back.

mod artefacts;
mod clock;
mod outages;
mod replays;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use mcp_oauth::{LoginEnd, LoginObserver};
use mcp_oauth_provider::ScopeRules;
use serde_json::json;
use url::Url;

use super::{
    browser::{Browser, REDIRECT_URI, STATE, TestClient, transaction},
    desk::{Desk, ORIGIN, Reply, TestClock, encoded, scopes},
    fake_provider::{Exchange, FakeProvider, ISSUER, UPSTREAM_TOKENS},
};

/// Remembers how logins ended.
#[derive(Debug, Default)]
struct Ends(Mutex<Vec<&'static str>>);

impl LoginObserver for Ends {
    fn ended(&self, _client_id: &str, end: LoginEnd<'_>) {
        self.0.lock().unwrap().push(end.as_str());
    }
}

/// A browser that has been sent to the identity provider.
pub(crate) struct Away {
    pub(crate) desk: Desk,
    pub(crate) client: TestClient,
    pub(crate) provider: Arc<FakeProvider>,
    pub(crate) browser: Browser,
    /// What the consent was given with.
    pub(crate) consent: String,
    /// What the provider was asked with.
    pub(crate) asked: HashMap<String, String>,
    ends: Arc<Ends>,
}

impl Away {
    pub(crate) async fn new() -> Self {
        Self::with_scope("kafka:read").await
    }

    async fn with_scope(scope: &str) -> Self {
        Self::with(scopes(), scope).await
    }

    /// What names of the provider stand for.
    pub(crate) async fn with_map(map: &str, scope: &str) -> Self {
        let mut rules = scopes();
        rules.map = Some(map.parse().unwrap());
        Self::with(rules, scope).await
    }

    async fn with(rules: ScopeRules, scope: &str) -> Self {
        let clock = Arc::new(TestClock::new());
        let provider = FakeProvider::new(Arc::clone(&clock) as _);
        let ends = Arc::new(Ends::default());
        let desk = Desk::at(clock, |config| {
            config.login = provider.login_with(rules);
            config.login_observer = Arc::clone(&ends) as _;
            config.ceiling = None;
        });
        let desk = desk.unwrap();
        let client = TestClient::register(&desk).await;
        Self::begin(desk, client, provider, ends, scope).await
    }

    /// Another login at the same server, in another browser.
    pub(crate) async fn beside(&self) -> Self {
        let (desk, client) = (self.desk.clone(), self.client.clone());
        let (provider, ends) = (Arc::clone(&self.provider), Arc::clone(&self.ends));
        Self::begin(desk, client, provider, ends, "kafka:read").await
    }

    async fn begin(
        desk: Desk,
        client: TestClient,
        provider: Arc<FakeProvider>,
        ends: Arc<Ends>,
        scope: &str,
    ) -> Self {
        let mut browser = Browser::default();
        let path = client.authorize_path(&[("scope", scope)]);
        let page = browser.open(&desk, &path).await;
        assert!(
            page.body.contains("Next, you log in at Okta."),
            "{}",
            page.body
        );
        let consent = transaction(&page);
        let form = [("transaction", consent.as_str()), ("decision", "allow")];
        let reply = browser.submit(&desk, &form).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        let url = Url::parse(reply.location()).unwrap();
        assert!(
            reply
                .location()
                .starts_with(&format!("{ISSUER}/authorize?"))
        );
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        provider.answer(Exchange::Tokens(json!({ "nonce": asked["nonce"] })));
        Self {
            desk,
            client,
            provider,
            browser,
            consent,
            asked,
            ends,
        }
    }

    /// The browser comes back with a code, but for what is changed: an empty value removes.
    pub(crate) async fn back(&mut self, changes: &[(&str, &str)]) -> Reply {
        let state = self.asked["state"].clone();
        let mut parameters = vec![
            ("code", "upstream-code"),
            ("state", &state),
            ("iss", ISSUER),
        ];
        for (name, value) in changes {
            parameters.retain(|(found, _)| found != name);
            if !value.is_empty() {
                parameters.push((name, value));
            }
        }
        let path = format!("/oauth/callback?{}", encoded(&parameters));
        self.browser.open(&self.desk, &path).await
    }

    fn ends(&self) -> Vec<&'static str> {
        self.ends.0.lock().unwrap().clone()
    }
}

#[track_caller]
fn assert_local(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert_eq!(reply.location(), "");
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
}

#[track_caller]
fn assert_error(reply: &Reply, error: &str) {
    assert_eq!(reply.status, 302, "{}", reply.body);
    assert!(reply.location().starts_with(REDIRECT_URI));
    assert_eq!(reply.sent_along("error").as_deref(), Some(error));
    assert_eq!(reply.sent_along("state").as_deref(), Some(STATE));
    assert_eq!(reply.sent_along("iss").as_deref(), Some(ORIGIN));
    assert_eq!(reply.sent_along("code"), None);
}

// RFC 7636 and OpenID Connect Core 1.0 section 3.1.2.1: a proof and a nonce of our own.
#[tokio::test]
async fn the_provider_is_asked_with_a_nonce_and_a_challenge_of_this_login() {
    let [one, other] = [Away::new().await, Away::new().await];
    assert_eq!(
        one.asked["redirect_uri"],
        format!("{ORIGIN}/oauth/callback")
    );
    assert_eq!(one.asked["code_challenge_method"], "S256");
    for name in ["nonce", "code_challenge", "state"] {
        assert_ne!(one.asked[name], other.asked[name], "{name}");
    }
    assert!(one.asked["state"].len() <= 1536);
    assert!(!one.asked["state"].contains(&one.client.id));
}

#[tokio::test]
async fn who_logged_in_gets_tokens_of_ours_and_none_of_the_providers() {
    let mut away = Away::new().await;
    let reply = away.back(&[]).await;
    assert_eq!(reply.status, 302, "{}", reply.body);
    assert_eq!(reply.sent_along("state").as_deref(), Some(STATE));
    assert_eq!(reply.sent_along("iss").as_deref(), Some(ORIGIN));
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert!(away.browser.cookies.is_empty(), "the login is over");
    assert_eq!(away.ends(), ["allowed"]);

    let code = reply.sent_along("code").unwrap();
    assert_ne!(code, "upstream-code");
    let tokens = away.client.redeem(&away.desk, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(tokens.header("cache-control"), "no-store");
    for secret in UPSTREAM_TOKENS.iter().chain(&["id_token", "upstream"]) {
        assert!(!tokens.body.contains(secret), "{secret}");
    }
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "Bearer");
    let greeting = away
        .desk
        .call(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(greeting.body, "00ualice kafka:read");
}

// RFC 7636 section 4.5: the code of the provider is worth nothing without our verifier.
#[tokio::test]
async fn the_code_is_redeemed_with_the_verifier_of_the_challenge() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    let mut away = Away::new().await;
    away.back(&[]).await;
    let [body] = &away.provider.exchanges()[..] else {
        panic!("one exchange");
    };
    let form: HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let hash = ring::digest::digest(&ring::digest::SHA256, form["code_verifier"].as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(hash), away.asked["code_challenge"]);
    assert_eq!(form["code"], "upstream-code");
}

// What somebody may do at most is the provider's to say: asking for more is no way round.
#[tokio::test]
async fn nobody_is_allowed_more_than_the_provider_lets_them() {
    let mut away = Away::with_scope("kafka:write").await;
    let code = away.back(&[]).await.sent_along("code").unwrap();
    let tokens = away.client.redeem(&away.desk, &code).await.json();
    assert_eq!(tokens["scope"], "kafka:read");
}

// The confused deputy of MCP's security best practices: an attacker consents, and sends the rest of
// the login to somebody else.
#[tokio::test]
async fn a_login_ends_only_in_the_browser_that_consented() {
    let mut away = Away::new().await;
    let victims = [Browser::default(), {
        let mut browser = Browser::default();
        let path = away.client.authorize_path(&[]);
        browser.open(&away.desk, &path).await;
        browser
    }];
    let attackers = away.browser.clone();
    for victim in victims {
        away.browser = victim;
        assert_local(&away.back(&[]).await, 403);
        let denied = [("code", ""), ("error", "access_denied")];
        assert_local(&away.back(&denied).await, 403);
    }
    assert!(away.provider.exchanges().is_empty());
    away.browser = attackers;
    assert_eq!(away.back(&[]).await.status, 302);
}

#[tokio::test]
async fn a_state_that_is_none_of_ours_is_an_error_for_the_person() {
    let mut away = Away::new().await;
    let state = away.asked["state"].clone();
    let mut flipped = state.clone();
    let at = state.len() / 2;
    let other = if state.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    flipped.replace_range(at..=at, other);
    let consent = away.consent.clone();
    let client_id = away.client.id.clone();
    for bad in ["", "x", &flipped, &state[1..], &consent, &client_id] {
        assert_local(&away.back(&[("state", bad)]).await, 400);
        let error = [("state", bad), ("code", ""), ("error", "<b>reflected</b>")];
        let reply = away.back(&error).await;
        assert_local(&reply, 400);
        assert!(!reply.body.contains("reflected"));
    }
    assert!(away.provider.exchanges().is_empty());
    assert!(away.desk.store_is_untouched());
}

#[tokio::test]
async fn a_login_at_the_provider_takes_ten_minutes_at_most() {
    let mut away = Away::new().await;
    away.desk.clock.advance(Duration::from_secs(600));
    assert_local(&away.back(&[]).await, 400);
    assert!(away.provider.exchanges().is_empty());
}

#[tokio::test]
async fn an_answer_that_comes_again_brings_no_second_code() {
    let mut away = Away::new().await;
    let before = away.browser.clone();
    assert_eq!(away.back(&[]).await.status, 302);
    assert_local(&away.back(&[]).await, 403);
    away.browser = before;
    assert_local(&away.back(&[]).await, 400);
    assert_eq!(away.provider.exchanges().len(), 1);
}

#[tokio::test]
async fn of_answers_that_come_at_once_one_gets_a_code() {
    let away = Away::new().await;
    let path = format!(
        "/oauth/callback?{}",
        encoded(&[
            ("code", "c"),
            ("state", &away.asked["state"]),
            ("iss", ISSUER)
        ])
    );
    let comings = (0..20).map(|_| {
        let (mut browser, desk, path) = (away.browser.clone(), &away.desk, &path);
        async move { browser.open(desk, path).await }
    });
    let replies = futures_util::future::join_all(comings).await;
    let codes = replies
        .iter()
        .filter_map(|reply| match reply.status.as_u16() {
            302 => reply.sent_along("code"),
            _ => None,
        });
    assert_eq!(codes.count(), 1);
}

// The cookie was renewed with the consent.
#[tokio::test]
async fn a_consent_that_is_sent_again_is_refused() {
    let mut away = Away::new().await;
    let consent = away.consent.clone();
    let form = [("transaction", consent.as_str()), ("decision", "allow")];
    let reply = away.browser.submit(&away.desk, &form).await;
    assert_local(&reply, 403);
    assert_eq!(away.back(&[]).await.status, 302);
}

// RFC 6749 section 4.1.2.1.
#[tokio::test]
async fn what_the_provider_refuses_the_client_is_told_in_our_own_words() {
    for (error, told, end) in [
        ("access_denied", "access_denied", "denied"),
        (
            "temporarily_unavailable",
            "temporarily_unavailable",
            "failed",
        ),
        ("server_error", "server_error", "failed"),
        ("invalid_scope", "server_error", "failed"),
        ("<script>", "server_error", "failed"),
    ] {
        let mut away = Away::new().await;
        let description = "AADSTS: <b>tenant secret</b>";
        let answer = [
            ("code", ""),
            ("error", error),
            ("error_description", description),
        ];
        let reply = away.back(&answer).await;
        assert_error(&reply, told);
        for words in ["AADSTS", "tenant", "<b>", "%3Cscript", "<script"] {
            assert!(!reply.location().contains(words), "{}", reply.location());
            assert!(!reply.body.contains(words), "{}", reply.body);
        }
        assert_eq!(away.ends(), [end]);
        assert!(away.provider.exchanges().is_empty());
    }
}

#[tokio::test]
async fn an_answer_is_either_a_code_or_an_error() {
    let mut away = Away::new().await;
    assert_local(&away.back(&[("error", "access_denied")]).await, 400);
    assert_local(&away.back(&[("code", "")]).await, 400);
    let state = away.asked["state"].clone();
    let twice = format!("/oauth/callback?code=a&code=b&state={state}");
    assert_local(&away.browser.open(&away.desk, &twice).await, 400);
    assert!(away.provider.exchanges().is_empty());
}

// RFC 9207 section 2.4: mix-up.
#[tokio::test]
async fn an_answer_from_another_provider_is_refused() {
    for iss in ["", "https://evil.example", &format!("{ISSUER}/")] {
        let mut away = Away::new().await;
        assert_local(&away.back(&[("iss", iss)]).await, 400);
        let error = [("iss", iss), ("code", ""), ("error", "access_denied")];
        assert_local(&away.back(&error).await, 400);
        assert!(away.provider.exchanges().is_empty());
        assert_eq!(away.ends(), ["failed", "failed"]);
    }
}

// OpenID Connect Core 1.0 section 3.1.3.7.
#[tokio::test]
async fn an_id_token_that_is_not_right_logs_nobody_in() {
    for claims in [
        json!({ "nonce": "another" }),
        json!({}),
        json!({ "aud": "another" }),
        json!({ "azp": "another" }),
        json!({ "iss": "https://evil.example" }),
        json!({ "exp": 1 }),
        json!({ "at_hash": "another" }),
    ] {
        let mut away = Away::new().await;
        let mut with_nonce = claims.clone();
        if claims.get("nonce").is_none() && claims != json!({}) {
            with_nonce["nonce"] = away.asked["nonce"].as_str().into();
        }
        away.provider.answer(Exchange::Tokens(with_nonce));
        assert_error(&away.back(&[]).await, "server_error");
        assert_eq!(away.ends(), ["failed"], "{claims}");
        assert!(away.desk.store_is_untouched());
    }
}

#[tokio::test]
async fn who_may_not_enter_is_denied() {
    let mut away = Away::new().await;
    let claims = json!({ "nonce": away.asked["nonce"], "groups": ["guests"] });
    away.provider.answer(Exchange::Tokens(claims));
    assert_error(&away.back(&[]).await, "access_denied");
    assert_eq!(away.ends(), ["refused"]);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_fails_is_no_error_of_the_client() {
    for (exchange, told) in [
        (
            Exchange::Refusal(400, r#"{"error":"invalid_grant"}"#.to_owned()),
            "server_error",
        ),
        (
            Exchange::Refusal(401, r#"{"error":"invalid_client"}"#.to_owned()),
            "server_error",
        ),
        (
            Exchange::Refusal(500, "{}".to_owned()),
            "temporarily_unavailable",
        ),
        (
            Exchange::Refusal(429, "{}".to_owned()),
            "temporarily_unavailable",
        ),
        (Exchange::Silence, "temporarily_unavailable"),
    ] {
        let mut away = Away::new().await;
        away.provider.answer(exchange);
        assert_error(&away.back(&[]).await, told);
        assert_eq!(away.ends(), ["failed"]);
        assert!(away.desk.store_is_untouched());
    }
}

// The state travels through the provider, which has its limits.
#[tokio::test]
async fn what_does_not_fit_into_the_state_is_refused_before_anybody_is_asked() {
    let mut away = Away::new().await;
    let uris: Vec<_> = (0..6)
        .map(|n| format!("http://127.0.0.1/{n}{}", "x".repeat(90)))
        .collect();
    let uris: Vec<_> = uris.iter().map(String::as_str).collect();
    let client = TestClient::register_at(&away.desk, &uris).await;
    let state = "x".repeat(512);
    let path = client.authorize_path(&[("redirect_uri", uris[0]), ("state", &state)]);
    let reply = away.browser.open(&away.desk, &path).await;
    assert_eq!(reply.status, 302, "{}", reply.body);
    assert_eq!(
        reply.sent_along("error").as_deref(),
        Some("invalid_request")
    );
    assert_eq!(reply.sent_along("state").as_deref(), Some(state.as_str()));
}

#[tokio::test]
async fn with_the_development_login_nobody_comes_back() {
    let desk = Desk::new();
    let path = "/oauth/callback?code=a&state=b";
    assert_eq!(Browser::default().open(&desk, path).await.status, 400);
}
