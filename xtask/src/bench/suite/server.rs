//! A server in a process of its own.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use mcp_oauth_token::{Clock as _, HmacSigner, NewToken, SystemClock};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::binary::Binary;
use super::process::Process;

/// A server in a process of its own, which ends with this value.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    /// What it wants to see with every call.
    token: Option<String>,
    process: Process,
    child: Child,
    /// Reads what the server logs, or it would stop when the pipe is full.
    log: JoinSet<()>,
}

impl Server {
    /// Starts the server with its defaults, but on any port and without a ceiling on calls.
    ///
    /// # Errors
    ///
    /// Fails if it does not listen in time.
    pub(super) async fn start(binary: &Binary, brokers: &str) -> Result<Self> {
        Self::start_logging(binary, brokers, "info").await
    }

    /// Starts it with another level of logs.
    ///
    /// # Errors
    ///
    /// Fails if it does not listen in time.
    pub(super) async fn start_logging(binary: &Binary, brokers: &str, level: &str) -> Result<Self> {
        Self::launch(command(binary, brokers, level), &[]).await
    }

    /// Starts it so that calls need a token.
    ///
    /// # Errors
    ///
    /// Fails if it does not listen in time.
    pub(super) async fn start_protected(binary: &Binary, brokers: &str) -> Result<Self> {
        let mut command = command(binary, brokers, "info");
        command
            .env("OAUTH_ENABLED", "true")
            .env("OAUTH_PROVIDER", "hmac")
            .env("OAUTH_SERVER_URL", ISSUER)
            .env("OIDC_ISSUER", ISSUER)
            .env("OIDC_AUDIENCE", AUDIENCE)
            .env("JWT_SECRET", SECRET);
        let mut token = NewToken::new(ISSUER, AUDIENCE, "bench");
        token.scopes = "kafka:read".parse()?;
        let token = HmacSigner::new(&SECRET.into())?.mint(&token, SystemClock.now())?;
        let server = Self::launch(command, &[]).await?;
        Ok(Self {
            token: Some(token.expose_secret().to_owned()),
            ..server
        })
    }

    /// Starts a bare hyper server that answers with `bytes`.
    ///
    /// # Errors
    ///
    /// Fails if it does not listen in time.
    pub(super) async fn bare(bytes: &[u8]) -> Result<Self> {
        let this = std::env::current_exe().context("finding this program")?;
        let mut command = Command::new(this);
        command.args(["bench", "--peer"]);
        Self::launch(command, bytes).await
    }

    async fn launch(mut command: Command, input: &[u8]) -> Result<Self> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().context("starting a server")?;
        let process = Process::new(child.id().context("the server is gone already")?);
        let stderr = child.stderr.take().context("the server has no log")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut stdin = child.stdin.take().context("the server has no input")?;
        let listening = async {
            stdin.write_all(input).await.context("feeding the server")?;
            drop(stdin);
            address(&mut lines).await
        };
        let address = timeout(START_LIMIT, listening)
            .await
            .context("the server does not listen")??;
        let mut log = JoinSet::new();
        log.spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            address,
            token: None,
            process,
            child,
            log,
        })
    }

    /// Returns where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the token that calls need, if they need one.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Returns its process.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be ended.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.child.kill().await.context("ending a server")?;
        self.log.shutdown().await;
        Ok(())
    }
}

/// The server with its defaults, but on any port and without a ceiling on calls.
fn command(binary: &Binary, brokers: &str, level: &str) -> Command {
    let mut command = Command::new(binary.path());
    command
        .env_clear()
        .env("KAFKA_BROKERS", brokers)
        .env("LOG_LEVEL", level)
        .env("MCP_TRANSPORT", "http")
        .env("MCP_HTTP_PORT", "0")
        .env("MCP_HTTP_CALLS_PER_SECOND", "0");
    command
}

/// Reads the address from the line that announces it.
async fn address(lines: &mut Lines<BufReader<ChildStderr>>) -> Result<SocketAddr> {
    while let Some(line) = lines.next_line().await.context("reading a server's log")? {
        let address = line.strip_prefix("Listening on http://");
        if let Some(address) = address.and_then(|rest| rest.strip_suffix("/mcp")) {
            return address.parse().context("reading a server's address");
        }
    }
    anyhow::bail!("the server ended before it listened")
}

const START_LIMIT: Duration = Duration::from_secs(10);
const AUDIENCE: &str = "api://kafka-mcp-server";
const ISSUER: &str = "http://localhost:8080";
const SECRET: &str = "4f1d6c83e0b297a5d8c47b19f2e6053a";
