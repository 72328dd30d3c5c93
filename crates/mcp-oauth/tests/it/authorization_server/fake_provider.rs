//! An identity provider without a network.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use mcp_oauth::Login;
use mcp_oauth_provider::{
    LoginConfig, Provider, ProviderConfig, ProviderDependencies, ProviderKind, ScopeRules,
};
use mcp_oauth_token::{Clock, FetchLimits, HttpClient, HttpError};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::desk::ORIGIN;

pub(crate) const ISSUER: &str = "https://company.okta.example/oauth2/default";
pub(crate) const UPSTREAM_TOKENS: [&str; 2] = ["upstream-access-token", "upstream-refresh-token"];

/// Answers as told, and remembers what it was asked.
pub(crate) struct FakeProvider {
    key: EcdsaKeyPair,
    exchange: Mutex<Exchange>,
    /// The name of the key in id tokens.
    kid: Mutex<&'static str>,
    exchanges: Mutex<Vec<String>>,
    asked: AtomicUsize,
    revocations: watch::Sender<Vec<String>>,
    clock: Arc<dyn Clock>,
}

/// What it answers to a code.
#[derive(Clone, Debug)]
pub(crate) enum Exchange {
    /// Tokens, with an id token of these claims besides the usual ones.
    Tokens(Value),
    /// The same, and no refresh token.
    TokensForOnce(Value),
    /// This status and body.
    Refusal(u16, String),
    /// Nothing, ever.
    Silence,
}

impl FakeProvider {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Arc::new(Self {
            key: EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap(),
            exchange: Mutex::new(Exchange::Silence),
            kid: Mutex::new("one"),
            exchanges: Mutex::default(),
            asked: AtomicUsize::new(0),
            revocations: watch::Sender::default(),
            clock,
        })
    }

    /// How people log in here; members of the group `staff` only.
    pub(crate) fn login_with(self: &Arc<Self>, scopes: ScopeRules) -> Login {
        let mut config = ProviderConfig::new(ProviderKind::Okta, ISSUER);
        config.audiences = vec!["api://unused".to_owned()];
        config.allowed_groups = vec!["staff".to_owned()];
        config.scopes = scopes;
        let dependencies = ProviderDependencies {
            clock: Arc::clone(&self.clock),
            http: Arc::clone(self) as Arc<dyn HttpClient>,
        };
        let provider = Provider::new(config, dependencies).unwrap();
        let callback = format!("{ORIGIN}/oauth/callback");
        let client = LoginConfig::new("0oaclient", "upstream-client-secret".into(), callback);
        Login::Provider {
            name: "Okta".to_owned(),
            login: provider.login(client).unwrap(),
        }
    }

    pub(crate) fn answer(&self, exchange: Exchange) {
        *self.exchange.lock().unwrap() = exchange;
    }

    /// Names another key than the one it publishes, which is `one`.
    pub(crate) fn name_key(&self, kid: &'static str) {
        *self.kid.lock().unwrap() = kid;
    }

    /// The bodies of the requests that brought codes.
    pub(crate) fn exchanges(&self) -> Vec<String> {
        self.exchanges.lock().unwrap().clone()
    }

    /// How often it was asked anything.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The bodies of the requests that gave grants back.
    pub(crate) fn revocations(&self) -> watch::Receiver<Vec<String>> {
        self.revocations.subscribe()
    }

    fn tokens(&self, claims: &Value) -> Value {
        let now = self.clock.now().as_secs();
        let mut id_token = json!({
            "iss": ISSUER, "aud": "0oaclient", "sub": "00ualice", "name": "Alice",
            "groups": ["staff"], "iat": now, "exp": now + 300,
        });
        for (name, value) in claims.as_object().unwrap() {
            id_token[name] = value.clone();
        }
        let header = json!({ "alg": "ES256", "kid": *self.kid.lock().unwrap() });
        let [header, claims] =
            [header, id_token].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let input = format!("{header}.{claims}");
        let signature = self
            .key
            .sign(&SystemRandom::new(), input.as_bytes())
            .unwrap();
        let signature = URL_SAFE_NO_PAD.encode(signature);
        json!({
            "access_token": UPSTREAM_TOKENS[0], "refresh_token": UPSTREAM_TOKENS[1],
            "token_type": "Bearer", "expires_in": 300,
            "id_token": format!("{input}.{signature}"),
        })
    }

    async fn respond(&self, request: Request<Bytes>) -> (u16, String) {
        let path = request.uri().path().to_owned();
        if path.ends_with("/openid-configuration") {
            let discovery = json!({
                "issuer": ISSUER,
                "jwks_uri": format!("{ISSUER}/keys"),
                "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"),
                "revocation_endpoint": format!("{ISSUER}/revoke"),
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "authorization_response_iss_parameter_supported": true,
            });
            return (200, discovery.to_string());
        }
        if path.ends_with("/keys") {
            let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
            let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
            let key = json!({
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
                "x": x, "y": y,
            });
            return (200, json!({ "keys": [key] }).to_string());
        }
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        if path.ends_with("/revoke") {
            self.revocations.send_modify(|bodies| bodies.push(body));
            return (200, String::new());
        }
        assert!(path.ends_with("/token"), "{path}");
        self.exchanges.lock().unwrap().push(body);
        let exchange = self.exchange.lock().unwrap().clone();
        match exchange {
            Exchange::Tokens(claims) => (200, self.tokens(&claims).to_string()),
            Exchange::TokensForOnce(claims) => {
                let mut tokens = self.tokens(&claims);
                tokens.as_object_mut().unwrap().remove("refresh_token");
                (200, tokens.to_string())
            }
            Exchange::Refusal(status, body) => (status, body),
            Exchange::Silence => std::future::pending().await,
        }
    }
}

impl std::fmt::Debug for FakeProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeProvider")
    }
}

impl HttpClient for FakeProvider {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let (status, body) = self.respond(request).await;
            let max_body_bytes = limits.max_body_bytes;
            if body.len() > max_body_bytes {
                let status = StatusCode::from_u16(status).unwrap();
                return Err(HttpError::TooLarge {
                    max_body_bytes,
                    status,
                });
            }
            let answer = Response::builder().status(status);
            let answer = answer.header("content-type", "application/json");
            Ok(answer.body(Bytes::from(body)).unwrap())
        })
    }
}
