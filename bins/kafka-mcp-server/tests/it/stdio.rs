use std::{
    io::{BufRead, BufReader},
    time::Duration,
};

use crate::process::Server;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
const CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_topics"}}"#;

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
