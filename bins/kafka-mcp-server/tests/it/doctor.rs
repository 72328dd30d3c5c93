//! What `doctor` says of a cluster that cannot be used.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use crate::process::run;

/// Something that listens, and sends `answer` to whoever asks.
fn stranger(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // It ends with the test program.
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            thread::spawn(move || {
                let mut request = [0; 1_024];
                let _ = connection.read(&mut request);
                let _ = connection.write_all(answer);
            });
        }
    });
    address
}

#[track_caller]
fn check(brokers: &str, more: &[(&str, &str)], parts: &[&str]) {
    let variables = [
        ("KAFKA_BROKERS", brokers),
        ("KAFKA_MCP_TIMEOUT", "3s"),
        ("KAFKA_CLIENT_ID", "doctor"),
    ];
    let output = run(&["doctor"], &[&variables[..], more].concat());
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{found}");
    for part in parts {
        assert!(found.contains(part), "{part:?} is missing: {found}");
    }
}

#[test]
fn a_broker_that_wants_tls_is_known_by_its_answer() {
    // A fatal alert of TLS 1.2: unexpected message.
    let broker = stranger(&[0x15, 3, 3, 0, 2, 2, 10]);
    let turn_on = "KAFKA_TLS_ENABLE=true turns TLS on";
    check(&broker, &[], &["speaks TLS at this port", turn_on]);
    // The lean engine waits for the rest of an answer, and there is none.
    let lean = [("KAFKA_ENGINE", "rskafka")];
    check(&broker, &lean, &["a broker is there and hangs up", turn_on]);
}

#[test]
fn what_is_no_broker_is_known_by_its_answer() {
    let web = stranger(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    check(
        &web,
        &[],
        &["it is HTTP", "KAFKA_BROKERS names Kafka brokers"],
    );
}

#[test]
fn a_broker_that_hangs_up_may_want_tls_or_sasl() {
    let broker = stranger(b"");
    let parts = [
        "a broker is there and hangs up",
        "KAFKA_SASL_MECHANISM turns SASL on",
    ];
    check(&broker, &[], &parts);
}

#[test]
fn a_port_where_nobody_listens_and_a_name_without_an_address_are_told_apart() {
    check("127.0.0.1:1", &[], &["refused", "nobody listens there"]);
    check(
        "kafka.invalid:9092",
        &[],
        &["lookup", "the name has no address here"],
    );
}
