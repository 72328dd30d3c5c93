//! HTTP clients that mean harm: each is refused soon and costs little memory.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use testkit::{Server, bound, measured, raise_descriptor_limit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

// One after the other, so that memory can be measured.
#[tokio::test]
async fn what_is_too_large_or_too_deep_is_refused_at_once_and_costs_less_than_8_mib() {
    let server = Server::start(&[("KAFKA_BROKERS", "127.0.0.1:1")]).await;
    server.get("/healthz").await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    for _ in 0..20 {
        post(&server, "", ping.as_bytes()).await;
    }
    let before = server.metric("process_resident_memory_bytes").await;
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let batch = format!("[{}]", vec![ping; 10_000].join(","));
    let header = format!("X-Large: {}\r\n", "x".repeat(1_000_000));
    for (what, headers, body, expected) in [
        (
            "a body of 100 MB",
            "",
            &vec![b' '; 100_000_000][..],
            &["413"][..],
        ),
        (
            "a gzip bomb",
            "Content-Encoding: gzip\r\n",
            &bomb(),
            &["415", "400", "413"],
        ),
        ("a header of 1 MB", &header, ping.as_bytes(), &["431"]),
        ("arrays 100,000 deep", "", &deep, &["400", "413"]),
        (
            "objects 100,000 deep",
            "",
            objects.as_bytes(),
            &["400", "413"],
        ),
        ("a batch of 10,000", "", batch.as_bytes(), &["400", "413"]),
    ] {
        let mut best = Duration::MAX;
        for _ in 0..TRIES {
            let (answer, took) = post(&server, headers, body).await;
            let status = answer.get(9..12).unwrap_or_default();
            assert!(expected.contains(&status), "{what}: {answer}");
            assert!(!answer.contains("\"result\""), "{what}: {answer}");
            best = best.min(took);
        }
        measured(format_args!("{what} is refused within {best:.1?}"));
        assert!(best < bound(SOON, 10 * SOON), "{what} took {best:?}");
    }
    let after = server.metric("process_resident_memory_bytes").await;
    assert!(after - before < 8.0 * MIB, "{before} to {after}");
    let (answer, _) = post(&server, "", ping.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_thousand_clients_that_send_byte_by_byte_are_given_up_and_hold_nobody_up() {
    let settings = [
        ("KAFKA_BROKERS", "127.0.0.1:1"),
        ("MCP_HTTP_IDLE_TIMEOUT", "2s"),
        ("MCP_HTTP_BODY_TIMEOUT", "2s"),
    ];
    raise_descriptor_limit();
    let server = Server::start(&settings).await;
    server.get("/healthz").await;
    let before = server.metric("process_resident_memory_bytes").await;
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let mut slow = Vec::new();
    for n in 0..1_000 {
        let mut stream = TcpStream::connect(server.address())
            .await
            .expect("it listens");
        // Half of them are slow with the head, and half with the body.
        let part = match n % 2 {
            0 => head.to_owned(),
            _ => format!("{head}Content-Length: 1000\r\n\r\n{{"),
        };
        stream.write_all(part.as_bytes()).await.expect("sent");
        slow.push(stream);
    }
    let opened = Instant::now();
    let mut given_up = tokio::task::JoinSet::new();
    for mut stream in slow {
        given_up.spawn(async move {
            let mut answer = Vec::new();
            let mut ticks = tokio::time::interval(Duration::from_millis(500));
            loop {
                tokio::select! {
                    // A byte every half second does not gain it time.
                    _ = ticks.tick() => drop(stream.write_all(b"x").await),
                    read = stream.read_buf(&mut answer) => if !matches!(read, Ok(1..)) {
                        return answer;
                    },
                }
            }
        });
    }
    for _ in 0..20 {
        let started = Instant::now();
        assert!(server.get("/healthz").await.starts_with("HTTP/1.1 200"));
        let took = started.elapsed();
        assert!(took < bound(SOON, 10 * SOON), "{took:?}");
    }
    let during = server.metric("process_resident_memory_bytes").await;
    let answers = timeout(Duration::from_secs(15), given_up.join_all()).await;
    for answer in answers.expect("all are given up") {
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with("HTTP/1.1 408") || answer.is_empty(),
            "{answer}"
        );
    }
    assert!(
        opened.elapsed() < Duration::from_secs(10),
        "{:?}",
        opened.elapsed()
    );
    measured(format_args!(
        "a thousand slow clients cost {:.1} MiB",
        (during - before) / MIB
    ));
    // Each holds a connection with its buffers, and no more than that: with a thousand connections a
    // server takes 40 MB, of which 12 are its own.
    assert!(during - before < 28.0 * MIB, "{before} to {during}");
}

/// Sends a request and reads the whole answer, and tells how long after the head it began.
async fn post(server: &Server, headers: &str, body: &[u8]) -> (String, Duration) {
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: \
         application/json, text/event-stream\r\nConnection: close\r\n{headers}Content-Length: \
         {}\r\n\r\n",
        server.address(),
        body.len()
    );
    let stream = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    let (mut reader, mut writer) = stream.into_split();
    let sending = async {
        // A server that has read enough may close before everything is written.
        let _ = writer.write_all(head.as_bytes()).await;
        let sent = Instant::now();
        let _ = writer.write_all(body).await;
        sent
    };
    let reading = async {
        let mut answer = Vec::new();
        let _ = reader.read_buf(&mut answer).await;
        let begun = Instant::now();
        let _ = reader.read_to_end(&mut answer).await;
        (answer, begun)
    };
    let exchange = async { tokio::join!(sending, reading) };
    let (sent, (answer, begun)) = timeout(Duration::from_secs(20), exchange)
        .await
        .expect("an answer");
    let took = begun.saturating_duration_since(sent);
    (String::from_utf8_lossy(&answer).into_owned(), took)
}

/// A hundred megabytes in a hundred kilobytes.
fn bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![b' '; 1_000_000];
    for _ in 0..100 {
        packed.write_all(&zeros).expect("memory");
    }
    packed.finish().expect("memory")
}

const SOON: Duration = Duration::from_millis(50);
/// The machine may be doing something else once.
const TRIES: usize = 3;

const MIB: f64 = 1024.0 * 1024.0;
