use std::{io::Read, net::TcpListener, time::Duration};

use crate::process::{Server, exchange, get, post, run, send};

#[test]
fn it_starts_and_answers_with_kafka_down() {
    let (_server, address) = Server::start_http(&[]);
    assert!(exchange(address, &get("/healthz")).starts_with("HTTP/1.1 200 "));
    assert!(exchange(address, &get("/readyz")).starts_with("HTTP/1.1 503 "));
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert!(exchange(address, &post(list)).contains("consume_messages"));
    let call = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_topics"}}"#;
    let answer = exchange(address, &post(call));
    assert!(answer.contains("kafka_unavailable"), "{answer}");
    let metrics = exchange(address, &get("/metrics"));
    let counted = r#"{kind="tool",name="list_topics",outcome="kafka_unavailable"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&[], &[("MCP_TRANSPORT", "http"), ("MCP_HTTP_PORT", &port)]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains(&format!("127.0.0.1:{port}")), "{message}");
    assert!(
        message.contains("MCP_HTTP_PORT") && message.contains("in use"),
        "{message}"
    );
}

#[test]
fn logs_that_nobody_reads_do_not_stop_the_server() {
    let (_server, address) = Server::start_http(&[("LOG_LEVEL", "debug")]);
    // Each request is a line of more than 100 bytes; a pipe holds 64 KiB.
    for _ in 0..2000 {
        assert!(exchange(address, &get("/healthz")).starts_with("HTTP/1.1 200 "));
    }
}

/// A call that takes as long as its deadline: the broker accepts and says nothing.
fn silent_broker() -> (TcpListener, String, String) {
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = broker.local_addr().unwrap().to_string();
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_topics"}}"#;
    (broker, address, post(call))
}

#[cfg(unix)]
#[test]
fn a_signal_ends_long_calls_after_the_grace() {
    let (broker, brokers, call) = silent_broker();
    let (mut server, address) =
        Server::start_http(&[("KAFKA_BROKERS", &brokers), ("MCP_SHUTDOWN_GRACE", "200ms")]);
    let mut long = send(address, &call);
    let _silent = broker.accept().unwrap();
    server.signal("-TERM");
    let mut answer = String::new();
    long.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("shutting_down"), "{answer}");
    assert_eq!(
        server.ends_within(Duration::from_millis(1500)).code(),
        Some(0)
    );
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_the_process_at_once() {
    let (broker, brokers, call) = silent_broker();
    let (mut server, address) =
        Server::start_http(&[("KAFKA_BROKERS", &brokers), ("MCP_SHUTDOWN_GRACE", "1m")]);
    let _long = send(address, &call);
    let _silent = broker.accept().unwrap();
    server.signal("-TERM");
    // The listener closes when the first signal is taken note of.
    while std::net::TcpStream::connect(address).is_ok() {}
    server.signal("-INT");
    assert_eq!(
        server.ends_within(Duration::from_millis(1000)).code(),
        Some(1)
    );
}
