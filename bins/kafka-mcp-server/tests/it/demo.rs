use std::{net::TcpStream, process::Output};

use crate::process::run;
#[cfg(unix)]
use crate::process::{Server, exchange};

const STEPS: [&str; 15] = [
    "broker",
    "no token",
    "discovery",
    "token",
    "connect",
    "tools",
    "topics",
    "describe",
    "consume",
    "aborted",
    "odd values",
    "lag",
    "forbidden",
    "produce",
    "read back",
];

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The titles of the steps that have a mark.
fn steps(printed: &str, mark: &str) -> Vec<String> {
    let rows = printed.lines().filter(|line| line.starts_with(mark));
    let title = |row: &str| row.get(17..28).unwrap_or_default().trim_end().to_owned();
    rows.map(title).collect()
}

#[test]
fn the_demo_passes_and_prints_each_step_once() {
    // It is the environment of another cluster, and has nothing to say here.
    let output = run(
        &["demo"],
        &[("KAFKA_MCP_READ_ONLY", "true"), ("LOG_LEVEL", "trace")],
    );
    let printed = stdout(&output);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{printed}{}",
        stderr(&output)
    );
    assert_eq!(steps(&printed, "["), STEPS, "{printed}");
    assert_eq!(steps(&printed, "[ ok ]"), STEPS, "{printed}");
    assert!(printed.contains("not Kafka"), "{printed}");
    // Neither logs nor colours, and nobody is shown a token.
    assert_eq!(stderr(&output), "");
    assert!(
        !printed.contains('\x1b') && !printed.contains("eyJ"),
        "{printed}"
    );
}

#[test]
fn a_step_that_finds_something_else_makes_the_demo_fail() {
    let output = run(&["demo", "--kafka-mcp-read-only", "true"], &[]);
    let printed = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert_eq!(
        steps(&printed, "[fail]"),
        ["produce", "read back"],
        "{printed}"
    );
    assert!(
        printed.contains("expected: an answer of produce_message"),
        "{printed}"
    );
    assert!(printed.contains("2 of 15 steps failed"), "{printed}");
}

#[test]
fn the_demo_does_not_take_brokers_from_others() {
    let output = run(&["demo", "--kafka-brokers", "127.0.0.1:1"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("KAFKA_BROKERS"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");
}

#[cfg(unix)]
#[test]
fn a_demo_that_stays_serves_who_has_its_token_until_it_is_told_to_stop() {
    use std::{
        io::{BufRead, BufReader},
        time::Duration,
    };

    let mut server = Server::run(&["demo", "--stay"], &[]);
    let mut lines = BufReader::new(server.child.stdout.take().unwrap()).lines();
    let mut next = |start: &str| loop {
        let line = lines.next().expect("the demo ended early").unwrap();
        if let Some(rest) = line.trim_start().strip_prefix(start) {
            return rest.to_owned();
        }
    };
    next("All 15 steps passed");
    let address = next("http://").trim_end_matches("/mcp").parse().unwrap();
    let token = next("TOKEN=");
    // As the command for curl says it.
    next("curl -s");
    let body = next("-d '").trim_end_matches('\'').to_owned();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         authorization: Bearer {token}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(address, &request);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("fraud-check"), "{answer}");

    server.signal("-INT");
    assert_eq!(next("Stopped."), " Nothing is left of it.");
    let status = server.ends_within(Duration::from_secs(10));
    assert_eq!(status.code(), Some(0));
    assert!(TcpStream::connect(address).is_err());
}
