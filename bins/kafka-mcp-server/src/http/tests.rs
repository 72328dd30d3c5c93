mod bodies;

use futures_util::FutureExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use super::*;
use crate::{
    fixture::{Fixture, call, soon},
    readiness::Unready,
    shutdown::Shutdown,
};

/// A server on a free port, stopped when it is dropped.
struct Running {
    address: SocketAddr,
    shutdown: Shutdown,
    tasks: JoinSet<()>,
}

impl Running {
    async fn start(change: impl FnOnce(&mut HttpConfig)) -> Self {
        let mut config = config();
        change(&mut config);
        let shutdown = Shutdown::default();
        let server = bind(&config, &shutdown).await.unwrap();
        let address = server.address();
        let mut tasks = JoinSet::new();
        tasks.spawn(server.run(shutdown.draining.clone()));
        Self {
            address,
            shutdown,
            tasks,
        }
    }

    async fn with_defaults() -> Self {
        Self::start(|_| {}).await
    }

    async fn connect(&self) -> TcpStream {
        soon(TcpStream::connect(self.address)).await.unwrap()
    }

    /// Sends bytes and returns everything that comes back until the server closes.
    async fn exchange(&self, request: &[u8]) -> String {
        let (mut read, mut write) = self.connect().await.into_split();
        let mut answer = Vec::new();
        let send = async {
            // The server may answer and close before it has read everything.
            let _ = write.write_all(request).await;
        };
        soon(async { tokio::join!(send, read.read_to_end(&mut answer)) })
            .await
            .1
            .unwrap();
        String::from_utf8(answer).unwrap()
    }

    async fn post(&self, headers: &str, body: &str) -> String {
        self.exchange(post(headers, body).as_bytes()).await
    }

    async fn get(&self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: pod-7\r\nconnection: close\r\n\r\n");
        self.exchange(request.as_bytes()).await
    }
}

fn config() -> HttpConfig {
    HttpConfig {
        address: "127.0.0.1:0".parse().unwrap(),
        allowed_hosts: Vec::new(),
        allowed_origins: Vec::new(),
        max_connections: 100,
        max_concurrent_calls: 10,
        max_streams: 2,
        calls_per_second: 0,
        idle_timeout: Duration::from_secs(30),
        body_timeout: Duration::from_secs(10),
    }
}

async fn bind(
    config: &HttpConfig,
    shutdown: &Shutdown,
) -> Result<Server<impl McpService>, BindError> {
    let probe = Box::new(|| std::future::ready(Err(Unready::Silent)).boxed());
    let monitoring = Monitoring {
        metrics: Arc::default(),
        readiness: Arc::new(Readiness::new(probe, None, None, shutdown.draining.clone())),
        provider: None,
    };
    let handler = Fixture {
        calls: shutdown.calls.clone(),
    };
    let listener = listen(config.address).await?;
    let workers = Arc::new(Workers::start().unwrap());
    let service = stateless(handler, MAX_REQUEST_BYTES);
    let server = Server::new(
        listener,
        config,
        MAX_REQUEST_BYTES,
        service,
        monitoring,
        None,
        workers,
    );
    Ok(server.expect("it has an address"))
}

const MAX_REQUEST_BYTES: usize = 100_000;

const MCP_HEADERS: &str = "host: localhost\r\ncontent-type: application/json\r\n\
                           accept: application/json, text/event-stream\r\n";

fn post(headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /mcp HTTP/1.1\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[track_caller]
fn assert_status(answer: &str, status: u16) {
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "expected {status}: {answer}"
    );
}

#[track_caller]
fn assert_refused(answer: &str, status: u16, code: i32) {
    assert_status(answer, status);
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["jsonrpc"], "2.0", "{answer}");
    assert_eq!(body["error"]["code"], code, "{answer}");
    assert!(body["error"]["message"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_call_is_answered_as_json_with_a_request_id() {
    let server = Running::with_defaults().await;
    let answer = server.post(MCP_HEADERS, &call(7, "any")).await;
    assert_status(&answer, 200);
    assert!(
        answer.contains("content-type: application/json\r\n"),
        "{answer}"
    );
    assert!(answer.contains("x-request-id: "), "{answer}");
    assert!(
        answer.contains(r#""id":7"#) && answer.contains("done"),
        "{answer}"
    );
}

#[tokio::test]
async fn accept_may_be_left_out_or_be_anything() {
    let server = Running::with_defaults().await;
    let bare = "host: localhost\r\ncontent-type: application/json\r\n";
    assert_status(&server.post(bare, &call(1, "any")).await, 200);
    let anything = format!("{bare}accept: */*\r\n");
    assert_status(&server.post(&anything, &call(1, "any")).await, 200);
    let html = format!("{bare}accept: text/html\r\n");
    assert_refused(&server.post(&html, &call(1, "any")).await, 406, -32600);
}

#[tokio::test]
async fn the_refusal_names_the_request_it_answers() {
    let server = Running::with_defaults().await;
    let answer = server
        .post(MCP_HEADERS, r#"{"jsonrpc":"1.0","id":"a7"}"#)
        .await;
    assert!(answer.contains(r#""id":"a7""#), "{answer}");
}

#[tokio::test]
async fn other_methods_are_refused() {
    let server = Running::with_defaults().await;
    for method in ["GET", "DELETE", "PUT"] {
        let request =
            format!("{method} /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let answer = server.exchange(request.as_bytes()).await;
        assert_refused(&answer, 405, -32600);
        assert!(answer.contains("allow: POST, OPTIONS\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn foreign_hosts_and_origins_are_refused() {
    let server = Running::with_defaults().await;
    let foreign_host = MCP_HEADERS.replace("localhost", "rebound.example");
    assert_refused(
        &server.post(&foreign_host, &call(1, "any")).await,
        403,
        -32000,
    );
    let foreign_origin = format!("{MCP_HEADERS}origin: https://evil.example\r\n");
    let answer = server.post(&foreign_origin, &call(1, "any")).await;
    assert_refused(&answer, 403, -32000);
    assert!(!answer.contains("access-control-allow-origin"), "{answer}");
}

#[tokio::test]
async fn a_page_with_an_accepted_origin_may_ask_and_read() {
    let server = Running::with_defaults().await;
    let preflight = "OPTIONS /mcp HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost:6274\r\n\
                     access-control-request-headers: mcp-protocol-version\r\n\
                     connection: close\r\n\r\n";
    let answer = server.exchange(preflight.as_bytes()).await;
    assert_status(&answer, 204);
    assert!(
        answer.contains("access-control-allow-origin: http://localhost:6274\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("access-control-allow-headers: Authorization, "),
        "{answer}"
    );
    let headers = format!("{MCP_HEADERS}origin: http://localhost:6274\r\n");
    let answer = server.post(&headers, &call(1, "any")).await;
    assert_status(&answer, 200);
    assert!(
        answer.contains("access-control-expose-headers: "),
        "{answer}"
    );
}

#[tokio::test]
async fn monitoring_answers_whatever_the_host_is_called() {
    let server = Running::with_defaults().await;
    assert_status(&server.get("/healthz").await, 200);
    let unready = server.get("/readyz").await;
    assert_status(&unready, 503);
    assert!(unready.contains("Kafka does not answer"), "{unready}");
    let metrics = server.get("/metrics").await;
    assert_status(&metrics, 200);
    let counted = r#"kafka_mcp_http_requests_total{route="/readyz",status="503"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert_status(&server.get("/nowhere").await, 404);
    let answer = server
        .exchange(b"POST /healthz HTTP/1.1\r\nconnection: close\r\n\r\n")
        .await;
    assert_status(&answer, 405);
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let server = Running::with_defaults().await;
    let large = format!(
        "GET /healthz HTTP/1.1\r\nx: {}\r\n\r\n",
        "y".repeat(1_000_000)
    );
    assert_status(&server.exchange(large.as_bytes()).await, 431);
    let many = format!("GET /healthz HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(1000));
    assert_status(&server.exchange(many.as_bytes()).await, 431);
}

#[tokio::test]
async fn a_head_that_does_not_come_is_given_up() {
    let server = Running::start(|config| config.idle_timeout = Duration::from_millis(100)).await;
    assert_status(
        &server
            .exchange(b"GET /healthz HTTP/1.1\r\nx-slow: lo")
            .await,
        408,
    );
    assert_eq!(
        server.exchange(b"").await,
        "",
        "an idle connection is closed without a word"
    );
}

#[tokio::test]
async fn an_answer_that_is_not_read_is_given_up() {
    let server = Running::start(|config| config.idle_timeout = Duration::from_millis(100)).await;
    let mut deaf = server.connect().await;
    deaf.write_all(post(MCP_HEADERS, &call(1, "large")).as_bytes())
        .await
        .unwrap();
    let answered = "kafka_mcp_http_requests_total{route=\"/mcp\",status=\"200\"} 1\n";
    soon(async { while !server.get("/metrics").await.contains(answered) {} }).await;
    let alone = "kafka_mcp_http_connections 1\n";
    soon(async { while !server.get("/metrics").await.contains(alone) {} }).await;
    drop(deaf);
}

#[tokio::test]
async fn calls_beyond_the_rate_are_told_when_to_come_back() {
    let server = Running::start(|config| config.calls_per_second = 2).await;
    for _ in 0..2 {
        assert_status(&server.post(MCP_HEADERS, &call(1, "any")).await, 200);
    }
    let answer = server.post(MCP_HEADERS, &call(1, "any")).await;
    assert_refused(&answer, 429, -32000);
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    assert_status(&server.get("/healthz").await, 200);
}

#[tokio::test]
async fn calls_beyond_the_running_ones_are_told_when_to_come_back() {
    let server = Running::start(|config| config.max_concurrent_calls = 1).await;
    let mut long = server.connect().await;
    long.write_all(post(MCP_HEADERS, &call(1, "wait")).as_bytes())
        .await
        .unwrap();
    // Whichever comes second finds no place, unless it is the long one.
    let answer = soon(async {
        loop {
            let answer = server.post(MCP_HEADERS, &call(2, "any")).await;
            if !answer.starts_with("HTTP/1.1 200") {
                break answer;
            }
        }
    })
    .await;
    assert_refused(&answer, 503, -32000);
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
}

#[tokio::test]
async fn idle_connections_make_room_for_new_ones() {
    let server = Running::start(|config| config.max_connections = 2).await;
    let idle = [server.connect().await, server.connect().await];
    assert_status(&server.get("/healthz").await, 200);
    drop(idle);
}

#[tokio::test]
async fn a_connection_serves_several_requests() {
    let server = Running::with_defaults().await;
    let request = post(MCP_HEADERS, &call(1, "any")).replace("connection: close\r\n", "");
    let last = post(MCP_HEADERS, &call(2, "any"));
    let answers = server
        .exchange([request.clone(), request, last].concat().as_bytes())
        .await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}

#[tokio::test]
async fn draining_finishes_calls_in_flight_and_accepts_nothing_new() {
    let mut server = Running::with_defaults().await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut long = server.connect().await;
    long.write_all(post(MCP_HEADERS, &call(1, "wait")).as_bytes())
        .await
        .unwrap();
    soon(async { while !server.get("/metrics").await.contains("_connections 3\n") {} }).await;

    server.shutdown.draining.cancel();
    let mut rest = Vec::new();
    soon(idle.read_to_end(&mut rest)).await.unwrap();
    soon(async { while TcpStream::connect(server.address).await.is_ok() {} }).await;
    assert!(
        server.tasks.try_join_next().is_none(),
        "a call is still in flight"
    );

    server.shutdown.calls.cancel();
    let mut answer = String::new();
    soon(long.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("cut short"), "{answer}");
    soon(server.tasks.join_next()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_named_with_what_changes_it() {
    let server = Running::with_defaults().await;
    let config = HttpConfig {
        address: server.address,
        ..config()
    };
    let error = bind(&config, &Shutdown::default()).await.err().unwrap();
    let message = error.to_string();
    assert!(message.contains(&server.address.to_string()), "{message}");
    assert!(message.contains("MCP_HTTP_PORT"), "{message}");
}
