use std::{io::Read, time::Duration};

use crate::process::Server;

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

/// A demo that ended.
struct Ended {
    code: Option<i32>,
    printed: String,
    log: String,
}

/// Runs a demo to its end, which may not take long even where much else runs.
fn demo(arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut process = Server::run(&[&["demo"], arguments].concat(), variables);
    let code = process.ends_within(Duration::from_secs(60)).code();
    let (mut printed, mut log) = (String::new(), String::new());
    let (stdout, stderr) = (process.child.stdout.take(), process.child.stderr.take());
    stdout.unwrap().read_to_string(&mut printed).unwrap();
    stderr.unwrap().read_to_string(&mut log).unwrap();
    Ended { code, printed, log }
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
    let environment = [("KAFKA_MCP_READ_ONLY", "true"), ("LOG_LEVEL", "trace")];
    let Ended { code, printed, log } = demo(&[], &environment);
    assert_eq!(code, Some(0), "{printed}{log}");
    assert_eq!(steps(&printed, "["), STEPS, "{printed}");
    assert_eq!(steps(&printed, "[ ok ]"), STEPS, "{printed}");
    assert!(printed.contains("not Kafka"), "{printed}");
    // Neither logs nor colours, and nobody is shown a token.
    assert_eq!(log, "");
    assert!(
        !printed.contains('\x1b') && !printed.contains("eyJ"),
        "{printed}"
    );
}

#[test]
fn a_step_that_finds_something_else_makes_the_demo_fail() {
    let Ended { code, printed, .. } = demo(&["--kafka-mcp-read-only", "true"], &[]);
    assert_eq!(code, Some(1), "{printed}");
    let failed = steps(&printed, "[fail]");
    assert_eq!(failed, ["produce", "read back"], "{printed}");
    let said = "expected: an answer of produce_message";
    assert!(printed.contains(said), "{printed}");
    assert!(printed.contains("2 of 15 steps failed"), "{printed}");
}

#[test]
fn the_demo_does_not_take_brokers_from_others() {
    let Ended { code, printed, log } = demo(&["--kafka-brokers", "127.0.0.1:1"], &[]);
    assert_eq!((code, &*printed), (Some(2), ""), "{log}");
    assert!(log.contains("KAFKA_BROKERS"), "{log}");
}

#[cfg(unix)]
#[test]
fn a_demo_that_stays_serves_who_has_its_token_until_it_is_told_to_stop() {
    use std::{
        io::{BufRead, BufReader},
        net::TcpStream,
    };

    use crate::process::exchange;

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
