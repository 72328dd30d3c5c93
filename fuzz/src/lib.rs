//! What the targets share: a provider of identities made of the input, an authorization server, and
//! a Kafka cluster.

mod desk;
mod kafka;
mod requests;

use std::{cell::RefCell, net::Ipv4Addr, sync::Arc};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use mcp_oauth::{
    AuthorizationServer, AuthorizationServerConfig, AuthorizationServerDependencies,
    DevelopmentLogin, KeyRing, Login, MemoryStore,
};
use mcp_oauth_provider::{
    Provider, ProviderConfig, ProviderDependencies, ProviderKind, ScopeRules,
};
use mcp_oauth_token::{Clock, FetchLimits, HttpClient, HttpError, Scope, SystemClock, UnixTime};
use tokio::runtime::{Builder, Runtime};

pub use desk::{Desk, Place};
pub use kafka::{Conversation, Kafka};
pub use requests::Requests;

/// Answers every request with the same bytes.
#[derive(Debug)]
pub struct Answer(pub Bytes);

impl HttpClient for Answer {
    fn send(
        &self,
        _: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        let answer = Response::new(self.0.clone());
        async { Ok(answer) }.boxed()
    }
}

/// A provider of `kind` for whom every document is `document`.
pub fn provider(kind: ProviderKind, document: &[u8]) -> Provider {
    let issuer = match kind {
        ProviderKind::Azure => ENTRA,
        _ => ISSUER,
    };
    let mut config = ProviderConfig::new(kind, issuer);
    config.audiences = vec![AUDIENCE.to_owned()];
    config.hmac_secrets = vec![SECRET.into()];
    config.scopes = ScopeRules::new(vec![Scope::new("kafka:read").expect("a scope")]);
    if kind != ProviderKind::Hmac {
        config.hmac_secrets.clear();
    }
    let dependencies = ProviderDependencies {
        clock: Arc::new(SystemClock),
        http: Arc::new(Answer(Bytes::copy_from_slice(document))),
    };
    Provider::new(config, dependencies).expect("the configuration is right")
}

/// An authorization server that people log in to with a code.
pub fn authorization_server() -> AuthorizationServer {
    let (login, _) = DevelopmentLogin::new().expect("randomness");
    authorization_server_with(Login::Development(Arc::new(login)))
}

/// An authorization server for which no time passes: what it gave out does not expire meanwhile.
fn authorization_server_with(login: Login) -> AuthorizationServer {
    let clock = Arc::new(StoppedClock);
    let scopes = ScopeRules::new(vec![Scope::new("kafka:read").expect("a scope")]);
    let mut config = AuthorizationServerConfig::new(ORIGIN, scopes, login);
    config.ceiling = None;
    let dependencies = AuthorizationServerDependencies {
        keys: KeyRing::new(&SECRET.into(), &[]).expect("a long secret"),
        store: Arc::new(MemoryStore::new(clock.clone())),
        clock,
        public_http: None,
    };
    AuthorizationServer::new(config, dependencies).expect("the configuration is right")
}

#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(2_000_000_000)
    }
}

/// What the authorization server answers.
pub fn answer(server: &AuthorizationServer, request: Request<Bytes>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    block_on(async {
        let answer = server.respond(&head, Full::new(body), Ipv4Addr::LOCALHOST.into());
        let (head, body) = answer.await.into_parts();
        let body = body.collect().await.expect("it is there already");
        Response::from_parts(head, body.to_bytes())
    })
}

/// Registers a client, and returns what it is registered as.
pub fn register(server: &AuthorizationServer, metadata: &[u8]) -> Option<serde_json::Value> {
    let request = Request::post("/oauth/register").header("content-type", "application/json");
    let request = request.body(Bytes::copy_from_slice(metadata));
    let answer = answer(server, request.expect("a request"));
    (answer.status() == 201).then(|| serde_json::from_slice(answer.body()).expect("JSON"))
}

/// Runs a future on a runtime that lives as long as the process.
pub fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: RefCell<Runtime> =
            RefCell::new(Builder::new_current_thread().enable_time().build().expect("a runtime"));
    }
    RUNTIME.with_borrow(|runtime| runtime.block_on(future))
}

pub const AUDIENCE: &str = "api://kafka-mcp-server";
pub const ISSUER: &str = "https://issuer.example/oauth2/default";
const ORIGIN: &str = "http://localhost:8080";
pub const SECRET: &str = "4f1d6c83e0b297a5d8c47b19f2e6053a";
const ENTRA: &str = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";

/// The first lines of an input, as text.
pub fn lines<const N: usize>(input: &[u8]) -> [String; N] {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.splitn(N, '\n');
    std::array::from_fn(|_| lines.next().unwrap_or_default().to_owned())
}
