use std::{
    io::{BufRead, BufReader},
    time::Duration,
};

use crate::process::Server;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
const CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_topics"}}"#;
const LISTEN: &str = concat!(
    r#"{"jsonrpc":"2.0","id":"s","method":"subscriptions/listen","params":{"#,
    r#""notifications":{"resourceSubscriptions":["kafka-mcp://overview"]},"#,
    r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
    r#""io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"#,
    r#""io.modelcontextprotocol/clientCapabilities":{}}}}"#,
);

#[test]
fn the_end_of_input_ends_the_process_with_0_after_the_answers() {
    let mut server = Server::start(&[("LOG_LEVEL", "trace")]);
    server.write(&format!("{INITIALIZE}\n{{broken\n{CALL}\n"));
    drop(server.child.stdin.take());
    assert_eq!(server.ends_within(Duration::from_secs(2)).code(), Some(0));
    let answers: Vec<_> = BufReader::new(server.child.stdout.take().unwrap())
        .lines()
        .collect();
    assert_eq!(answers.len(), 3);
    for answer in answers {
        let answer = answer.unwrap();
        assert!(
            answer.starts_with('{') && answer.contains(r#""jsonrpc":"2.0""#),
            "{answer}"
        );
    }
}

// MCP 2026-07-28: what a server ends by itself it ends with a result.
#[test]
fn the_end_of_input_ends_streams_gracefully_and_at_once() {
    let mut server = Server::start(&[]);
    server.write(&format!("{LISTEN}\n"));
    let mut output = BufReader::new(server.child.stdout.take().unwrap()).lines();
    let mut next = || output.next().unwrap().unwrap();
    let acknowledged = next();
    assert!(
        acknowledged.contains("subscriptions/acknowledged"),
        "{acknowledged}"
    );
    drop(server.child.stdin.take());
    let result = next();
    for part in [
        r#""id":"s""#,
        r#"/subscriptionId":"s""#,
        r#""resultType":"complete""#,
    ] {
        assert!(result.contains(part), "{part} is missing: {result}");
    }
    assert_eq!(server.ends_within(Duration::from_secs(1)).code(), Some(0));
}

#[test]
fn a_client_that_reads_no_more_ends_the_process_with_0() {
    let mut server = Server::start(&[]);
    drop(server.child.stdout.take());
    server.write(&format!("{INITIALIZE}\n"));
    assert_eq!(server.ends_within(Duration::from_secs(2)).code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_process_with_0_while_the_client_stays() {
    let mut server = Server::start(&[]);
    server.write(&format!("{INITIALIZE}\n"));
    let mut answer = String::new();
    BufReader::new(server.child.stdout.take().unwrap())
        .read_line(&mut answer)
        .unwrap();
    server.signal("-INT");
    assert_eq!(server.ends_within(Duration::from_secs(2)).code(), Some(0));
}

#[test]
fn calls_are_audited_under_the_name_of_the_local_operator() {
    let mut server = Server::start(&[]);
    server.write(&format!("{INITIALIZE}\n{CALL}\n"));
    drop(server.child.stdin.take());
    assert_eq!(server.ends_within(Duration::from_secs(2)).code(), Some(0));
    let log = BufReader::new(server.child.stderr.take().unwrap());
    let mut lines = log.lines().map(Result::unwrap);
    let audited = lines.find(|line| line.contains("audit: call ")).unwrap();
    for part in [r#"subject="local""#, r#"name="list_topics""#, "outcome="] {
        assert!(audited.contains(part), "{part} is missing: {audited}");
    }
}
