//! Proxy mode: clients log in at the server, and people at the identity provider behind it.

#[cfg(target_os = "linux")]
mod full_disk;
mod replicas;
mod secrets;
#[cfg(unix)]
mod stopping;
mod streams;

use std::collections::HashMap;

use serde_json::Value;
use testkit::{
    CLIENT_ID, CLIENT_SECRET, CertifiedProviders, IdentityProvider, Personality, TokenKind,
    TokenRecipe, eventually,
};
use url::{Url, form_urlencoded::Serializer};

use crate::{
    consent_form::ConsentForm,
    oauth::{Answer, Protected, Verdict, secrets::assert_silent},
};

/// Where the certified providers send people back to.
const SERVER_URL: &str = "http://127.0.0.1:4711";
const SECRET: &str = "canary-7a1e94c0d3f25b68-JWT-SECRET";

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT_URI: &str = "http://127.0.0.1:33418/";

/// A client that is registered at a server in proxy mode.
struct Client {
    server: Protected,
    id: String,
}

/// A browser on its way to the provider.
struct Sent {
    cookie: String,
    to: String,
}

impl Client {
    async fn at(provider: &IdentityProvider, more: &[(&str, &str)]) -> Self {
        Self::of(Self::server(provider, more).await).await
    }

    /// A server to register at.
    async fn server(provider: &IdentityProvider, more: &[(&str, &str)]) -> Protected {
        Self::server_with(&provider.settings(), CLIENT_ID, more).await
    }

    async fn server_with(
        settings: &[(&str, String)],
        client_id: &str,
        more: &[(&str, &str)],
    ) -> Protected {
        Protected::start(settings, &[&in_proxy_mode(client_id), more].concat()).await
    }

    /// A server that the shell sets limits to.
    #[cfg(target_os = "linux")]
    async fn server_within(
        limits: &str,
        provider: &IdentityProvider,
        more: &[(&str, &str)],
    ) -> Protected {
        let all = [&in_proxy_mode(CLIENT_ID), more].concat();
        Protected::start_within(limits, &provider.settings(), &all).await
    }

    /// Registers at a server.
    async fn of(server: Protected) -> Self {
        let body = format!(r#"{{"client_name":"Editor","redirect_uris":["{REDIRECT_URI}"]}}"#);
        let kind = "Content-Type: application/json\r\n";
        let registered = server.post_to("/oauth/register", kind, &body).await;
        let id = text(&registered.json(), "client_id");
        Self { server, id }
    }

    /// The address that it sends browsers to.
    fn address(&self) -> String {
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT_URI),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "s-1"),
            ("scope", "kafka:read"),
        ]);
        format!("{SERVER_URL}/oauth/authorize?{query}")
    }

    /// Sends somebody's browser to the server, where they agree, and from there to the provider.
    async fn send(&self) -> Sent {
        let form = ConsentForm::open(&self.server, &self.address()).await;
        let sent = form.agree(&self.server, &[]).await;
        Sent {
            cookie: sent.last_cookie(),
            to: sent.header("Location").to_owned(),
        }
    }

    /// The browser comes back from the provider.
    async fn come_back(&self, with: &str, cookie: &str) -> Answer {
        let back = Url::parse(with).expect("a URL");
        let path = format!("{}?{}", back.path(), back.query().unwrap_or_default());
        let headers = format!("Cookie: {cookie}\r\n");
        self.server.request("GET", &path, &headers).await
    }

    async fn exchange(&self, back: &Answer) -> Value {
        let answer = parameters(back.header("Location"));
        assert_eq!(answer["state"], "s-1");
        assert_eq!(answer["iss"], SERVER_URL);
        self.redeem(&answer["code"]).await.json()
    }

    async fn redeem(&self, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("client_id", &self.id),
            ("code_verifier", VERIFIER),
        ];
        self.server
            .post_form("/oauth/token", "", &form(&fields))
            .await
    }

    async fn log_in(&self, provider: &IdentityProvider) -> Value {
        let sent = self.send().await;
        let back = provider.sign_in(&sent.to);
        let answer = self.come_back(&back, &sent.cookie).await;
        self.exchange(&answer).await
    }

    /// Tokens, or the answer that there are none.
    #[cfg(target_os = "linux")]
    async fn try_to_log_in(&self, provider: &IdentityProvider) -> Result<Value, Answer> {
        let sent = self.send().await;
        let back = provider.sign_in(&sent.to);
        let back = self.come_back(&back, &sent.cookie).await;
        let Some(code) = parameters(back.header("Location")).remove("code") else {
            return Err(back);
        };
        let answer = self.redeem(&code).await;
        match answer.status() {
            200 => Ok(answer.json()),
            _ => Err(answer),
        }
    }

    async fn refresh(&self, refresh_token: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", &self.id),
        ];
        self.server
            .post_form("/oauth/token", "", &form(&fields))
            .await
    }

    async fn revoke(&self, token: &str) -> Answer {
        let fields = form(&[("token", token), ("client_id", &self.id)]);
        self.server.post_form("/oauth/revoke", "", &fields).await
    }

    async fn verdict(&self, tokens: &Value) -> Verdict {
        self.server.verdict(&text(tokens, "access_token")).await
    }

    /// Checks that tokens let the client read, and that they can be renewed.
    async fn check_tokens(&self, tokens: &Value, personality: Personality) {
        let verdict = self.verdict(tokens).await;
        assert_eq!(verdict, Verdict::Reads, "{personality:?}");
        let renewed = self.refresh(&text(tokens, "refresh_token")).await.json();
        let verdict = self.verdict(&renewed).await;
        assert_eq!(verdict, Verdict::Reads, "renewed, {personality:?}");
    }
}

fn in_proxy_mode(client_id: &str) -> [(&str, &str); 5] {
    [
        ("OAUTH_MODE", "proxy"),
        ("OAUTH_SERVER_URL", SERVER_URL),
        ("OIDC_CLIENT_ID", client_id),
        ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
        ("JWT_SECRET", SECRET),
    ]
}

/// Waits until the provider was told of one revocation: nobody else waits for that.
async fn revoked_at(provider: &IdentityProvider) {
    let revoked = async || (!provider.revoked().is_empty()).then_some(());
    eventually("the provider is told", revoked).await;
    assert_eq!(provider.revoked().len(), 1);
}

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn parameters(url: &str) -> HashMap<String, String> {
    let url = Url::parse(url).expect("a URL");
    url.query_pairs().into_owned().collect()
}

#[track_caller]
fn text(json: &Value, name: &str) -> String {
    let text = json[name].as_str();
    text.unwrap_or_else(|| panic!("no {name}: {json}"))
        .to_owned()
}

#[tokio::test]
async fn people_log_in_at_every_provider_behind_the_server() {
    for personality in Personality::WITH_LOGINS {
        let provider = IdentityProvider::start(personality).await;
        let client = Client::at(&provider, &[("LOG_LEVEL", "trace")]).await;
        let tokens = client.log_in(&provider).await;
        client.check_tokens(&tokens, personality).await;
        // RFC 8707 section 2: nobody brings tokens of the provider.
        let recipe = TokenRecipe::new(TokenKind::User);
        let foreign = client.server.verdict(&provider.mint(&recipe)).await;
        assert_eq!(foreign, Verdict::Out, "{personality:?}");
        let log = client.server.whole_log().await;
        for secret in [CLIENT_SECRET, SECRET, &text(&tokens, "refresh_token")] {
            assert!(!log.contains(secret), "{secret} in\n{log}");
        }
    }
}

#[tokio::test]
async fn people_log_in_at_certified_providers_behind_the_server() {
    let Some(certified) = CertifiedProviders::start().await else {
        return;
    };
    for personality in CertifiedProviders::PERSONALITIES {
        let settings = certified.settings(personality);
        let id = CertifiedProviders::client_id(personality);
        let client = Client::of(Client::server_with(&settings, id, &[]).await).await;
        let sent = client.send().await;
        let back = certified.sign_in(personality, &sent.to).await;
        let back = client.come_back(&back, &sent.cookie).await;
        let tokens = client.exchange(&back).await;
        client.check_tokens(&tokens, personality).await;
    }
}

// The client is told, and nothing of what the provider said.
#[tokio::test]
async fn who_denies_at_the_provider_is_sent_back_without_a_code() {
    let provider = IdentityProvider::start(Personality::Generic).await;
    let client = Client::at(&provider, &[]).await;
    provider.refuse_sign_ins("access_denied");
    let sent = client.send().await;
    let back = client
        .come_back(&provider.sign_in(&sent.to), &sent.cookie)
        .await;
    let answer = parameters(back.header("Location"));
    assert_eq!(answer["error"], "access_denied");
    assert_eq!((&*answer["state"], &*answer["iss"]), ("s-1", SERVER_URL));
    assert!(!answer.contains_key("code"), "{answer:?}");
    client.server.server().logged("outcome=\"denied\"").await;
}

// Who gets somebody else to finish a login would otherwise be logged in as them.
#[tokio::test]
async fn a_login_ends_in_the_browser_that_began_it() {
    let provider = IdentityProvider::start(Personality::Generic).await;
    let client = Client::at(&provider, &[]).await;
    let sent = client.send().await;
    let back = provider.sign_in(&sent.to);
    for other in ["", "mcp-login=other"] {
        let answer = client.come_back(&back, other).await;
        assert!(matches!(answer.status(), 400 | 403), "{answer:?}");
    }
    assert!(provider.token_requests().is_empty());
    let answer = client.come_back(&back, &sent.cookie).await;
    text(&client.exchange(&answer).await, "access_token");
    let replayed = client.come_back(&back, &sent.cookie).await;
    assert_eq!(replayed.status(), 400, "{replayed:?}");
}

#[tokio::test]
async fn what_the_provider_ends_has_ended_here() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let client = Client::at(&provider, &[]).await;
    let tokens = client.log_in(&provider).await;
    provider.end_sign_ins();
    let refused = client.refresh(&text(&tokens, "refresh_token")).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.json()["error"], "invalid_grant");
    assert_eq!(client.verdict(&tokens).await, Verdict::Out);
    client
        .server
        .server()
        .logged("outcome=\"ended_upstream\"")
        .await;
}

#[tokio::test]
async fn who_revokes_a_token_ends_the_login_at_the_provider_too() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let client = Client::at(&provider, &[]).await;
    let tokens = client.log_in(&provider).await;
    let answer = client.revoke(&text(&tokens, "refresh_token")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(client.verdict(&tokens).await, Verdict::Out);
    revoked_at(&provider).await;
}

// RFC 9700 section 2.3: what this server gave out is nobody else's business.
#[tokio::test]
async fn nothing_of_our_tokens_goes_on_to_the_provider() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let client = Client::at(&provider, &[]).await;
    let tokens = client.log_in(&provider).await;
    let renewed = client.refresh(&text(&tokens, "refresh_token")).await.json();
    assert_eq!(client.verdict(&renewed).await, Verdict::Reads);
    client.revoke(&text(&renewed, "access_token")).await;
    assert_eq!(provider.token_requests().len(), 2);
    revoked_at(&provider).await;
    let received = provider.received();
    for request in provider.token_requests() {
        assert!(received.contains(&request), "nothing was recorded");
    }
    for tokens in [&tokens, &renewed] {
        let secrets = ["access_token", "refresh_token"].map(|name| text(tokens, name));
        assert_silent(&received, &secrets);
    }
    assert_silent(&received, &[VERIFIER.to_owned()]);
}
