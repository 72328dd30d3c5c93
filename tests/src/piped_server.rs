//! The server as a process of its own, spoken to over pipes as they are.

use std::{
    process::{ExitStatus, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::{Instant, timeout},
};

use crate::server::{Log, command};

/// The server as a process of its own, without a client that knows what to send. Killed when
/// dropped.
#[derive(Debug)]
pub struct PipedServer {
    child: Child,
    input: Option<ChildStdin>,
    output: Option<Lines<BufReader<ChildStdout>>>,
    log: Log,
}

impl PipedServer {
    /// Starts a server with these environment variables and no others.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let mut command = command(settings);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Self {
            input: child.stdin.take(),
            output: Some(output.lines()),
            log: Log::follow(child.stderr.take().expect("it is piped")),
            child,
        }
    }

    /// Sends bytes, if it still reads.
    pub async fn try_send(&mut self, bytes: &[u8]) {
        if let Some(input) = &mut self.input {
            let sending = async {
                let _ = input.write_all(bytes).await;
                let _ = input.flush().await;
            };
            let _ = timeout(PATIENCE, sending).await;
        }
    }

    /// Sends bytes.
    ///
    /// # Panics
    ///
    /// If it does not read them.
    pub async fn send(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an input");
        let sending = timeout(PATIENCE, input.write_all(bytes)).await;
        sending.expect("it reads").expect("it lives");
    }

    /// The next message.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub async fn receive(&mut self) -> Value {
        let output = self.output.as_mut().expect("an output");
        let line = timeout(PATIENCE, output.next_line()).await;
        let line = line.expect("an answer").expect("it lives").expect("a line");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Sends a message, and reads the next one.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub async fn ask(&mut self, message: &Value) -> Value {
        self.send(format!("{message}\n").as_bytes()).await;
        self.receive().await
    }

    /// Begins the conversation.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn initialize(&mut self) {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "testkit", "version": "1"},
        });
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let answer = self.ask(&hello).await;
        assert!(answer["result"].is_object(), "{answer}");
        let begun = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.send(format!("{begun}\n").as_bytes()).await;
    }

    /// Reads no more.
    pub fn close_output(&mut self) {
        self.output = None;
    }

    /// Ends the input, and waits until the server has ended with success.
    ///
    /// # Panics
    ///
    /// If that takes longer than a second, or it fails.
    pub async fn ends_with_its_input(&mut self) {
        let started = Instant::now();
        self.input = None;
        let status = self.ended().await;
        assert_eq!(status.code(), Some(0), "{}", self.log());
        let took = started.elapsed();
        assert!(took < Duration::from_secs(1), "took {took:?}");
    }

    /// Waits until it ends.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends").expect("a status")
    }

    /// The memory that it holds, as Linux tells it; nothing elsewhere.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        let pid = self.child.id().unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kibibytes.unwrap_or_default() * 1024
    }

    /// What it has written to standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
