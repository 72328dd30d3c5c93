//! The server as a process of its own.

use std::{
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::watch,
};
use tokio_util::task::AbortOnDropHandle;

use crate::server_program::server_program;

/// The server as a process of its own, serving HTTP on a free port. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: Log,
}

impl Server {
    /// Starts a server with these environment variables and no others.
    ///
    /// # Panics
    ///
    /// If it does not say where it listens.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        Self::spawn(command(settings), settings).await
    }

    /// Starts a server within limits that a shell sets, such as `ulimit -n 64`.
    ///
    /// # Panics
    ///
    /// If it does not say where it listens.
    #[cfg(unix)]
    pub async fn start_within(limits: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("{limits} && exec \"$0\"")])
            .arg(server_program())
            .env_clear()
            .envs(settings.iter().copied())
            .kill_on_drop(true);
        Self::spawn(command, settings).await
    }

    /// Starts another program that serves and says so as the server does.
    ///
    /// # Panics
    ///
    /// If it does not say where it listens.
    pub async fn start_other(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(settings.iter().copied())
            .kill_on_drop(true);
        Self::spawn(command, settings).await
    }

    async fn spawn(mut command: Command, settings: &[(&str, &str)]) -> Self {
        let mut child = command
            .env("MCP_TRANSPORT", "http")
            .env("MCP_HTTP_PORT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let log = Log::follow(child.stderr.take().expect("it is piped"));
        let is_json = settings.contains(&("LOG_FORMAT", "json"));
        let (before, after) = if is_json {
            (r#""serving","transport":"http","address":""#, '"')
        } else {
            ("Listening on http://", '/')
        };
        let line = log.line(before).await;
        let address = line
            .split_once(before)
            .and_then(|(_, rest)| rest.split_once(after))
            .and_then(|(address, _)| address.parse().ok())
            .unwrap_or_else(|| panic!("no address: {line}"));
        Self {
            child,
            address,
            log,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of its MCP endpoint.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// What it has written to standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits for a line of standard error that contains `part`: lines are written a little later.
    ///
    /// # Panics
    ///
    /// If there is none within 20 s.
    pub async fn logged(&self, part: &str) -> String {
        self.log.line(part).await
    }

    /// The process id.
    ///
    /// # Panics
    ///
    /// If it has ended.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// The answer to a GET request.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub async fn get(&self, path: &str) -> String {
        let host = self.address;
        let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        self.raw(head.as_bytes()).await
    }

    /// The value of a metric that has no labels.
    ///
    /// # Panics
    ///
    /// If there is none of this name.
    pub async fn metric(&self, name: &str) -> f64 {
        let metrics = self.get("/metrics").await;
        let sample = metrics.lines().find_map(|line| {
            let value = line.strip_prefix(name)?.strip_prefix(' ')?;
            value.trim().parse().ok()
        });
        sample.unwrap_or_else(|| panic!("no {name} in {metrics}"))
    }

    /// Sends the process a signal, such as `TERM`.
    ///
    /// # Panics
    ///
    /// If there is no such process.
    #[cfg(unix)]
    pub async fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .await;
        assert!(sent.expect("kill runs").success());
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    ///
    /// If it does not within 20 s.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("the server ends").expect("a status")
    }

    /// Sends a raw HTTP request on a connection of its own, and returns the whole answer.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub async fn raw(&self, request: &[u8]) -> String {
        exchange(self.address, request).await
    }
}

/// Sends a raw HTTP request on a connection of its own, and returns the whole answer.
///
/// # Panics
///
/// If there is no answer.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    // A server that has read enough may close before everything is written.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    // A reset after the answer does not take it back.
    let _ = reading.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The command that starts a server with these environment variables and no others.
pub(crate) fn command(settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(server_program());
    command
        .env_clear()
        .envs(settings.iter().copied())
        .kill_on_drop(true);
    command
}

/// What a process writes to standard error.
#[derive(Debug)]
pub(crate) struct Log {
    text: Arc<Mutex<String>>,
    lines: watch::Receiver<usize>,
    _reading: AbortOnDropHandle<()>,
}

impl Log {
    pub(crate) fn follow(source: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let (count, lines) = watch::channel(0);
        let kept = Arc::clone(&text);
        let reading = async move {
            let mut source = BufReader::new(source).lines();
            while let Ok(Some(line)) = source.next_line().await {
                let mut kept = kept.lock().expect("unpoisoned");
                if kept.len() < MAX_LOG {
                    kept.push_str(&line);
                    kept.push('\n');
                }
                drop(kept);
                count.send_modify(|count| *count += 1);
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle ends the task when dropped"
        )]
        let reading = AbortOnDropHandle::new(tokio::spawn(reading));
        Self {
            text,
            lines,
            _reading: reading,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.text.lock().expect("unpoisoned").clone()
    }

    /// Waits for a line that contains `part`.
    pub(crate) async fn line(&self, part: &str) -> String {
        let mut lines = self.lines.clone();
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let text = self.text();
                if let Some(line) = text.lines().find(|line| line.contains(part)) {
                    return Some(line.to_owned());
                }
                // It fails once the process has closed its standard error.
                lines.changed().await.ok()?;
            }
        });
        let found = found.await.ok().flatten();
        found.unwrap_or_else(|| panic!("no line with {part:?} in:\n{}", self.text()))
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
const MAX_LOG: usize = 16 * 1024 * 1024;
