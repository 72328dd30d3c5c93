//! An identity provider in this process, which says how long it took.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Error, Result};
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::{Request, Response};
use mcp_oauth_provider::{
    ConfigProblem, Login, LoginConfig, Provider, ProviderConfig, ProviderDependencies,
    ProviderKind, ScopeRules,
};
use mcp_oauth_token::{Clock as _, FetchLimits, HttpClient, HttpError, SystemClock};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::form_urlencoded;

use crate::bench::suite::signing_key::SigningKey;

/// Answers at once. Its tokens are signed with RS256, as those of most providers.
pub(super) struct InstantProvider {
    key: SigningKey,
    spent: Mutex<Duration>,
}

impl InstantProvider {
    pub(super) fn new() -> Self {
        Self {
            key: SigningKey::rs256(),
            spent: Mutex::default(),
        }
    }

    /// How people log in there.
    pub(super) fn login(self: &Arc<Self>, callback: &str, scopes: ScopeRules) -> Result<Login> {
        let mut config = ProviderConfig::new(ProviderKind::Oidc, ISSUER);
        config.audiences = vec!["api://unused".to_owned()];
        config.scopes = scopes;
        let dependencies = ProviderDependencies {
            clock: Arc::new(SystemClock),
            http: Arc::clone(self) as Arc<dyn HttpClient>,
        };
        let provider = Provider::new(config, dependencies).map_err(problems)?;
        let client = LoginConfig::new(CLIENT, "the secret of the client".into(), callback);
        provider.login(client).map_err(problems)
    }

    pub(super) fn spent(&self) -> Duration {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request<Bytes>) -> Value {
        let path = request.uri().path();
        if path.ends_with("/openid-configuration") {
            return json!({
                "issuer": ISSUER,
                "jwks_uri": format!("{ISSUER}/keys"),
                "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"),
                "id_token_signing_alg_values_supported": ["RS256"],
            });
        }
        if path.ends_with("/keys") {
            return json!({ "keys": [self.key.jwk("1")] });
        }
        let mut form = form_urlencoded::parse(request.body());
        let code = form.find(|(name, _)| name == "code");
        let nonce = code.and_then(|(_, code)| code.strip_prefix(CODE).map(str::to_owned));
        json!({
            "access_token": "an access token", "refresh_token": "a refresh token",
            "token_type": "Bearer", "expires_in": 300, "id_token": self.id_token(nonce),
        })
    }

    fn id_token(&self, nonce: Option<String>) -> String {
        let now = SystemClock.now().as_secs();
        let mut claims = json!({
            "iss": ISSUER, "aud": CLIENT, "sub": "alice", "name": "Alice",
            "iat": now, "exp": now + 300,
        });
        if let (Some(nonce), Some(claims)) = (nonce, claims.as_object_mut()) {
            claims.insert("nonce".to_owned(), nonce.into());
        }
        let header = json!({ "alg": "RS256", "kid": "1" });
        self.key.token(&header.to_string(), &claims.to_string())
    }
}

impl HttpClient for InstantProvider {
    fn send(
        &self,
        request: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        async move {
            let began = Instant::now();
            let mut answer = Response::new(Bytes::from(self.answer(&request).to_string()));
            let json = http::HeaderValue::from_static("application/json");
            answer
                .headers_mut()
                .insert(http::header::CONTENT_TYPE, json);
            *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += began.elapsed();
            Ok(answer)
        }
        .boxed()
    }
}

impl fmt::Debug for InstantProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstantProvider").finish_non_exhaustive()
    }
}

fn problems(problems: Vec<ConfigProblem>) -> Error {
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Error::msg(problems.join("; "))
}

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "the client";
/// What codes begin with; the rest is the nonce of the login.
pub(super) const CODE: &str = "code-";
