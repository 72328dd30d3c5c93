//! kcat, a client for the command line over librdkafka.

use std::process::{Output, Stdio};

use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use crate::{environment, patience::FOREIGN_PROGRAM};

/// Runs it; `None`, with a note, if it is not installed. What it prints is returned.
///
/// # Panics
///
/// If it fails.
pub async fn kcat(brokers: &str, arguments: &[&str], input: &str) -> Option<String> {
    let mut command = Command::new("kcat");
    command.args(["-b", brokers]).args(arguments);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let started = pipes.stderr(Stdio::piped()).kill_on_drop(true).spawn();
    let Ok(mut process) = started else {
        environment::skip("kcat is not installed");
        return None;
    };
    let mut stdin = process.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    let ended = timeout(FOREIGN_PROGRAM, process.wait_with_output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = ended.expect("kcat ends").expect("it can be waited for");
    let complaints = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "kcat {arguments:?}: {complaints}");
    Some(String::from_utf8_lossy(&stdout).into_owned())
}
