//! What the log and the observer are told, and what they are not.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, Once},
};

use http::HeaderMap;
use mcp_oauth::{AuthObserver, Decision, ResourceServer};
use tracing::{Level, subscriber::DefaultGuard};
use tracing_subscriber::fmt::MakeWriter;

use crate::issuer::{FakeIssuer, bearer, headers, server, server_with};

#[derive(Clone, Debug, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What this thread logs from `level` on, until the guard goes.
pub(crate) fn listen(level: Level) -> (Lines, DefaultGuard) {
    // Whether anybody listens to an event is found out once, by whichever thread comes to it first,
    // and tests beside this one have no listeners. One that listens to everything settles it.
    static EVERYTHING: Once = Once::new();
    EVERYTHING.call_once(|| {
        let sink = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_writer(io::sink)
            .finish();
        tracing::subscriber::set_global_default(sink).unwrap();
    });
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    (lines, guard)
}

/// What is logged, from `level` on, while requests with these headers are authenticated.
async fn log_of(server: &ResourceServer, level: Level, requests: &[HeaderMap]) -> String {
    let (lines, _guard) = listen(level);
    for request in requests {
        let _ = server.authenticate(request).await;
    }
    lines.text()
}

#[tokio::test]
async fn the_log_says_which_check_failed() {
    let requests = ["expired", "forged", "garbage"].map(bearer);
    let log = log_of(&server(), Level::INFO, &requests).await;
    for (line, check) in log.lines().zip(["expiry", "signature", "syntax"]) {
        assert!(line.contains(&format!("check={check}")), "{line}");
        assert!(line.contains("provider=\"fake\""), "{line}");
    }
    assert_eq!(log.lines().count(), requests.len(), "{log}");
}

#[tokio::test]
async fn a_flood_of_bad_tokens_is_no_flood_of_lines() {
    let requests = vec![bearer("forged"); 3000];
    let log = log_of(&server(), Level::INFO, &requests).await;
    let lines = log.lines().count();
    assert!((1000..2000).contains(&lines), "{lines}");
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_a_warning_with_its_reason() {
    let log = log_of(&server(), Level::WARN, &[bearer("down")]).await;
    assert!(log.contains("nobody answers"), "{log}");
}

// Anybody can send requests without a token, and as many as they like.
#[tokio::test]
async fn requests_without_a_token_are_not_logged_by_default() {
    let log = log_of(&server(), Level::INFO, &[HeaderMap::new()]).await;
    assert_eq!(log, "");
}

#[tokio::test]
async fn a_token_is_named_by_a_keyed_hash_and_never_shown() {
    let secrets = ["canary-eyJhbGciOiJub25lIn0", "expired", "down"];
    let mut requests: Vec<_> = secrets.map(bearer).into();
    requests.push(headers([("authorization", "Bearer canary canary")]));
    requests.push(headers([("authorization", "Basic Y2FuYXJ5")]));
    let server = server();
    let log = log_of(&server, Level::TRACE, &requests).await;
    for secret in ["canary", "eyJ", "Y2FuYXJ5", "token=expired", "token=down"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    let names = |log: &str| -> Vec<String> {
        let names = log.split("token=").skip(1);
        names
            .map(|rest| rest.split(' ').next().unwrap().to_owned())
            .collect()
    };
    let first = names(&log);
    assert_eq!(first.len(), secrets.len(), "{log}");
    for name in &first {
        assert!(
            name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{name}"
        );
    }
    let again = log_of(&server, Level::TRACE, &requests).await;
    assert_eq!(names(&again), first);
}

#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl AuthObserver for Recorder {
    fn decided(&self, provider: &'static str, decision: Decision<'_>) {
        let detail = match &decision {
            Decision::Accepted { principal, .. } => principal.subject.clone(),
            Decision::Forbidden { needed, .. } => needed.to_string(),
            Decision::Rejected { check } => check.to_string(),
            _ => String::new(),
        };
        let event = format!("{provider} {} {detail}", decision.as_str());
        self.0.lock().unwrap().push(event);
    }
}

#[tokio::test]
async fn the_observer_is_told_of_every_decision() {
    let recorder = Recorder::default();
    let observer = Arc::new(recorder.clone());
    let server = server_with(|config| config.observer = observer, FakeIssuer::new());
    let read = server.authenticate(&bearer("read")).await.unwrap();
    let call = br#"{"method":"tools/call","params":{"name":"produce_message"}}"#;
    let _ = server.authorize(&read.principal, &HeaderMap::new(), call);
    let malformed = headers([("authorization", "Bearer")]);
    for request in [
        HeaderMap::new(),
        malformed,
        bearer("expired"),
        bearer("down"),
    ] {
        let _ = server.authenticate(&request).await;
    }
    let expected = [
        "fake accepted alice",
        "fake forbidden kafka:read kafka:write",
        "fake missing ",
        "fake malformed ",
        "fake rejected expiry",
        "fake unavailable ",
    ];
    assert_eq!(*recorder.0.lock().unwrap(), expected);
}
