//! How soon a new process gives its first answer.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use tokio::time::{Instant, timeout};

use super::binary::Binary;
use super::effort::Effort;
use super::load::Connection;
use super::measure::{Bound, Measure, Unit};
use super::message::Message;
use super::server::Server;

/// Measures starts over both transports, and of the same binary that only tells its version.
///
/// # Errors
///
/// Fails if the server does not answer.
pub(super) async fn measure(binary: &Binary, effort: &Effort) -> Result<Vec<Measure>> {
    eprintln!("measuring starts");
    let (mut stdio, mut http, mut version) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds * effort.starts {
        version.push(milliseconds(start_version(binary)).await?);
        stdio.push(milliseconds(start_stdio(binary)).await?);
        http.push(milliseconds(start_http(binary)).await?);
    }
    let version = Measure::new("`--version`, as a peer", Unit::Milliseconds, version);
    let stdio = Measure::new("first answer, stdio", Unit::Milliseconds, stdio);
    let http = Measure::new("first answer, HTTP", Unit::Milliseconds, http);
    Ok(vec![
        Measure::quotient("stdio / `--version`", Unit::Times, &stdio, &version)
            .gate(Bound::AtMost(MOST_VERSIONS)),
        Measure::quotient("HTTP / `--version`", Unit::Times, &http, &version)
            .gate(Bound::AtMost(MOST_VERSIONS)),
        stdio.aim(Bound::AtMost(20.0)),
        http.aim(Bound::AtMost(30.0)),
        version,
    ])
}

async fn milliseconds(start: impl Future<Output = Result<Ended>>) -> Result<f64> {
    let started = Instant::now();
    let ended = timeout(LIMIT, start)
        .await
        .context("the server does not answer")??;
    Ok((ended.at - started).as_secs_f64() * 1e3)
}

/// When an answer was complete; ending the process comes after.
struct Ended {
    at: Instant,
}

impl Ended {
    fn now() -> Self {
        Self { at: Instant::now() }
    }
}

async fn start_version(binary: &Binary) -> Result<Ended> {
    let mut command = Command::new(binary.path());
    command.arg("--version").env_clear().kill_on_drop(true);
    let output = command.output().await.context("starting the server")?;
    let ended = Ended::now();
    ensure!(output.status.success(), "--version failed");
    Ok(ended)
}

async fn start_stdio(binary: &Binary) -> Result<Ended> {
    let mut child = Command::new(binary.path())
        .env_clear()
        .env("KAFKA_BROKERS", NOBODY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("starting the server")?;
    let mut stdin = child.stdin.take().context("the server has no input")?;
    let stdout = child.stdout.take().context("the server has no output")?;
    let question = Message::DISCOVER.line();
    stdin
        .write_all(question.as_bytes())
        .await
        .context("asking the server")?;
    let answer = BufReader::new(stdout).lines().next_line().await;
    let ended = Ended::now();
    let answer = answer.context("reading the answer")?;
    ensure!(
        answer.is_some_and(|line| line.contains("\"result\"")),
        "the server gave no result"
    );
    drop(stdin);
    let status = child.wait().await.context("waiting for the server")?;
    ensure!(
        status.success(),
        "the server failed at the end of its input"
    );
    Ok(ended)
}

async fn start_http(binary: &Binary) -> Result<Ended> {
    let server = Server::start(binary, NOBODY).await?;
    let request = Message::DISCOVER.request(&server)?;
    Connection::open(server.address())
        .await?
        .fetch(&request)
        .await?;
    let ended = Ended::now();
    server.stop().await?;
    Ok(ended)
}

/// Where no broker listens: the first answer needs none.
const NOBODY: &str = "127.0.0.1:1";
const LIMIT: Duration = Duration::from_secs(10);
/// What telling the version costs is mostly the process itself. More than this many times as much
/// means that something waits or is made too early.
const MOST_VERSIONS: f64 = 5.0;
