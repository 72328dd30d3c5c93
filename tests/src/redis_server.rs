//! A real Redis.

use std::{net::SocketAddr, process::Stdio};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

use crate::{environment, eventually};

/// A real Redis of its own, which keeps nothing on disk. Killed when dropped.
#[derive(Debug)]
pub struct RedisServer {
    process: Option<Child>,
    address: SocketAddr,
    settings: Vec<String>,
}

impl RedisServer {
    /// Starts one; `None`, with a note, if there is no `redis-server` to start.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start() -> Option<Self> {
        Self::start_with(&[]).await
    }

    /// Starts one with settings such as `--maxmemory 4mb`, each word for itself.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start_with(settings: &[&str]) -> Option<Self> {
        let version = Command::new("redis-server").arg("--version").output();
        if version.await.is_err() {
            environment::skip(
                "redis-server is not installed: it comes with the package of its name",
            );
            return None;
        }
        let mut server = Self {
            process: None,
            address: free_address().await,
            settings: settings.iter().map(ToString::to_string).collect(),
        };
        // Another program may take the port before Redis does.
        while !server.launch().await {
            server.address = free_address().await;
        }
        Some(server)
    }

    /// Its address as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it at once. What it held is lost.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().await.expect("it ends");
        }
    }

    /// Starts it again after it was killed, empty and at the same address.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start_again(&mut self) {
        assert!(self.launch().await, "the port is taken");
    }

    /// What it answers to a command, of words without spaces.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    pub async fn command(&self, command: &str) -> String {
        let answer = ask(self.address, command).await;
        answer.expect("it answers")
    }

    /// `false` if it ends at once.
    async fn launch(&mut self) -> bool {
        let mut process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &self.address.port().to_string()])
            .args(&self.settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Redis starts");
        let address = self.address;
        let is_up = eventually("Redis is up", || {
            let has_ended = process.try_wait().expect("a process").is_some();
            async move {
                if has_ended {
                    return Some(false);
                }
                let answer = ask(address, "PING").await?;
                // One with a password asks for it.
                let is_up = answer.starts_with("+PONG") || answer.starts_with("-NOAUTH");
                is_up.then_some(true)
            }
        })
        .await;
        self.process = is_up.then_some(process);
        is_up
    }
}

async fn ask(address: SocketAddr, command: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let question = format!("{command}\r\n");
    stream.write_all(question.as_bytes()).await.ok()?;
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).await.ok()?;
    let answer = answer.get(..length).filter(|answer| !answer.is_empty())?;
    Some(String::from_utf8_lossy(answer).into_owned())
}

async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    listener.local_addr().expect("an address")
}
