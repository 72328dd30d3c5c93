//! A server under test: authorization server and resource server behind one hyper, without sockets.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, client, server, service::service_fn};
use hyper_util::rt::TokioIo;
use mcp_oauth::{
    AuthorizationServer, AuthorizationServerConfig, AuthorizationServerDependencies,
    AuthorizationServerError, DevelopmentLogin, KeyRing, Login, MemoryStore, OAuthLayer,
    ResourceServer, ResourceServerConfig, ScopePolicy, Store,
};
use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::{Clock, HttpClient, Principal, Scope, UnixTime};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    task::JoinSet,
};
use tower_layer::Layer as _;
use tower_service::Service as _;

use super::counting_store::CountingStore;

pub(crate) const ORIGIN: &str = "http://localhost:8080";
pub(crate) const RESOURCE: &str = "http://localhost:8080/mcp";

/// A server with the development login.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) server: AuthorizationServer,
    pub(crate) code: SecretString,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Arc<CountingStore>,
    layer: OAuthLayer,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(configure: impl FnOnce(&mut AuthorizationServerConfig)) -> Self {
        Self::try_with(configure).unwrap()
    }

    pub(crate) fn try_with(
        configure: impl FnOnce(&mut AuthorizationServerConfig),
    ) -> Result<Self, AuthorizationServerError> {
        Self::at(Arc::new(TestClock::new()), configure)
    }

    pub(crate) fn at(
        clock: Arc<TestClock>,
        configure: impl FnOnce(&mut AuthorizationServerConfig),
    ) -> Result<Self, AuthorizationServerError> {
        Self::build(clock, None, configure)
    }

    /// A server that looks for clients on the web.
    pub(crate) fn on(web: Arc<dyn HttpClient>) -> Self {
        Self::build(Arc::new(TestClock::new()), Some(web), |_| {}).unwrap()
    }

    fn build(
        clock: Arc<TestClock>,
        public_http: Option<Arc<dyn HttpClient>>,
        configure: impl FnOnce(&mut AuthorizationServerConfig),
    ) -> Result<Self, AuthorizationServerError> {
        let (login, code) = DevelopmentLogin::new().unwrap();
        let login = Login::Development(Arc::new(login));
        let mut config = AuthorizationServerConfig::new(ORIGIN, scopes(), login);
        "Kafka".clone_into(&mut config.resource_name);
        let words = |name, words: &str| (Scope::new(name).unwrap(), words.to_owned());
        config.scope_words = vec![
            words("kafka:read", "Read topics & messages"),
            words("kafka:write", "Write messages"),
        ];
        configure(&mut config);
        let store = MemoryStore::new(Arc::clone(&clock) as _);
        let store = Arc::new(CountingStore::new(store));
        let dependencies = AuthorizationServerDependencies {
            keys: KeyRing::new(&SECRET.into(), &[]).unwrap(),
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: Arc::clone(&clock) as _,
            public_http,
        };
        let server_url = config.server_url.clone();
        let server = AuthorizationServer::new(config, dependencies)?;
        let policy = ScopePolicy::new("kafka:read".parse().unwrap())
            .tool("produce_message", "kafka:write".parse().unwrap());
        let resource = ResourceServerConfig::new(server_url, policy);
        let resource = ResourceServer::new(resource, server.clone()).unwrap();
        Ok(Self {
            server,
            code,
            clock,
            store,
            layer: OAuthLayer::new(resource),
        })
    }

    pub(crate) fn code(&self) -> &str {
        self.code.expose_secret()
    }

    /// Whether nothing was ever written to the store.
    pub(crate) fn store_is_untouched(&self) -> bool {
        self.store.writes() == 0
    }

    /// How often the store was asked anything.
    pub(crate) fn calls_of_the_store(&self) -> usize {
        self.store.calls()
    }

    /// Lets the store take nothing more, or go on.
    pub(crate) fn fill_the_store(&self, is_full: bool) {
        self.store.fill(is_full);
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(request(Method::GET, path, &[], "")).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Reply {
        let headers = [("content-type", "application/json")];
        self.send(request(Method::POST, path, &headers, &body.to_string()))
            .await
    }

    pub(crate) async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(request(Method::POST, path, &headers, &encoded(form)))
            .await
    }

    /// What the protected endpoint says to the holder of a token.
    pub(crate) async fn call(&self, token: &str) -> Reply {
        let body =
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_topics"}}"#;
        let authorization = format!("Bearer {token}");
        let headers = [
            ("content-type", "application/json"),
            ("authorization", &authorization),
        ];
        self.send(request(Method::POST, "/mcp", &headers, body))
            .await
    }

    /// Sends a request over a connection of its own.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Reply {
        let (near, mut connections) = self.connect();
        let handshake = client::conn::http1::handshake(TokioIo::new(near));
        let (mut sender, connection) = handshake.await.unwrap();
        connections.spawn(async { connection.await.unwrap() });
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.into()).unwrap(),
        }
    }

    /// Sends these bytes and no more, and reads all that comes.
    pub(crate) async fn send_bytes(&self, bytes: &[u8]) -> String {
        let (mut near, _connections) = self.connect();
        near.write_all(bytes).await.unwrap();
        let mut answer = String::new();
        near.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// A connection, and what serves it.
    fn connect(&self) -> (DuplexStream, JoinSet<()>) {
        let (near, far) = duplex(1 << 16);
        let desk = self.clone();
        let service = service_fn(move |request| {
            let desk = desk.clone();
            async move { Ok::<_, Infallible>(desk.answer(request).await) }
        });
        let mut connections = JoinSet::new();
        let serve =
            server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service);
        connections.spawn(async { serve.await.unwrap() });
        (near, connections)
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if self.server.serves(request.uri().path()) {
            let (head, body) = request.into_parts();
            let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
            return self.server.respond(&head, body, peer).await;
        }
        let protected = tower_greeting::Greeting;
        let reply = self.layer.layer(protected).call(request).await.unwrap();
        let (head, body) = reply.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(head, Full::new(body))
    }
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(HeaderValue::to_str);
        value.unwrap_or(Ok("")).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// A parameter of the URL that the browser is sent to.
    #[track_caller]
    pub(crate) fn sent_along(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.location()).unwrap();
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(found, _)| found == name);
        found.map(|(_, value)| value.into_owned())
    }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header(header::HOST, "localhost:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(body.to_owned())).unwrap()
}

pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

pub(crate) fn scopes() -> ScopeRules {
    let ladder = ["kafka:read", "kafka:write"].map(|name| Scope::new(name).unwrap());
    let mut scopes = ScopeRules::new(ladder.into());
    scopes.default = "kafka:read".parse().unwrap();
    scopes
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<UnixTime>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(UnixTime::from_secs(1_800_000_000)))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.saturating_add(by);
    }

    pub(crate) fn set_back(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = UnixTime::from_secs(0)
            .saturating_add(now.saturating_since(UnixTime::from_secs(0)) - by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        *self.0.lock().unwrap()
    }
}

mod tower_greeting {
    //! What is protected: it says whom it sees.

    use std::{
        convert::Infallible,
        future::{Ready, ready},
        sync::Arc,
        task::{Context, Poll},
    };

    use super::{Bytes, Full, Principal, Request, Response};

    #[derive(Clone, Debug)]
    pub(super) struct Greeting;

    impl tower_service::Service<Request<Full<Bytes>>> for Greeting {
        type Response = Response<Full<Bytes>>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
            let principal = request.extensions().get::<Arc<Principal>>().unwrap();
            let seen = format!("{} {}", principal.subject, principal.scopes);
            ready(Ok(Response::new(Full::from(seen))))
        }
    }
}

pub(crate) const SECRET: &str = "a secret of a test, of 32 bytes or more";
