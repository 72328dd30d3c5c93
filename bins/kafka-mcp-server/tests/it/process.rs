//! A server process, killed when it is dropped.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio},
    time::Duration,
};

use tokio::time::Instant;

/// The binary with an environment of its own.
pub(crate) fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafka-mcp-server"));
    // Nobody listens on port 1: the cluster is down.
    command
        .env_clear()
        .env("KAFKA_BROKERS", "127.0.0.1:1")
        .envs(variables.iter().copied());
    command
}

/// Runs the binary to its end, with nothing to read.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    command(variables)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// A server that runs.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// Open, but not read any further.
    log: Option<BufReader<ChildStderr>>,
}

impl Server {
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        Self::run(&[], variables)
    }

    /// The binary with arguments.
    pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let pipes = || Stdio::piped();
        let child = command(variables)
            .args(arguments)
            .stdin(pipes())
            .stdout(pipes())
            .stderr(pipes())
            .spawn();
        Self {
            child: child.unwrap(),
            log: None,
        }
    }

    /// Serves HTTP on a free port; returns once it listens.
    pub(crate) fn start_http(variables: &[(&str, &str)]) -> (Self, SocketAddr) {
        let http = [("MCP_TRANSPORT", "http"), ("MCP_HTTP_PORT", "0")];
        let mut server = Self::start(&[&http, variables].concat());
        let mut log = BufReader::new(server.child.stderr.take().unwrap());
        let mut line = String::new();
        while log.read_line(&mut line).unwrap() > 0 {
            if let Some(address) = line.strip_prefix("Listening on http://") {
                let address = address.trim_end().trim_end_matches("/mcp").parse().unwrap();
                server.log = Some(log);
                return (server, address);
            }
            line.clear();
        }
        panic!("the server ended before it listened")
    }

    /// The rest of the next line on standard error that begins so.
    pub(crate) fn line(&mut self, start: &str) -> String {
        let log = self.log.as_mut().unwrap();
        let mut line = String::new();
        while log.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim_end().to_owned();
            }
            line.clear();
        }
        panic!("the server ended before it said {start:?}")
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Stops the process, and returns what it logged since it listened.
    #[cfg(unix)]
    pub(crate) fn into_log(mut self) -> String {
        self.signal("-TERM");
        let mut text = String::new();
        self.log.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.child
            .stdin
            .as_mut()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    /// Waits for the end, which has to come within `limit`.
    pub(crate) fn ends_within(&mut self, limit: Duration) -> ExitStatus {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the server did not end within {limit:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request and returns the answer; the server has to close.
pub(crate) fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = send(address, request);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Sends a request and leaves the answer for later.
pub(crate) fn send(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

pub(crate) fn post(body: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
