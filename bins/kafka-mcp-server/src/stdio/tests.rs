use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf},
    task::JoinSet,
};

use super::*;
use crate::fixture::{Fixture, call, soon};

/// A server and the client's end of its standard input and output.
struct Running {
    to: WriteHalf<DuplexStream>,
    from: Lines<BufReader<ReadHalf<DuplexStream>>>,
    shutdown: Shutdown,
    tasks: JoinSet<()>,
}

impl Running {
    fn start() -> Self {
        let (client, server) = tokio::io::duplex(4096);
        let (input, output) = tokio::io::split(server);
        let shutdown = Shutdown::default();
        let mut tasks = JoinSet::new();
        let handler = Fixture {
            calls: shutdown.calls.clone(),
        };
        let theirs = shutdown.clone();
        tasks.spawn(async move { serve(handler, input, output, 10_000, &theirs).await });
        let (from, to) = tokio::io::split(client);
        Self {
            to,
            from: BufReader::new(from).lines(),
            shutdown,
            tasks,
        }
    }

    async fn initialized() -> Self {
        let mut server = Self::start();
        let answer = server.ask(INITIALIZE).await;
        assert_eq!(
            answer["result"]["protocolVersion"], "2025-11-25",
            "{answer}"
        );
        server
            .send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
            .await;
        server
    }

    async fn send(&mut self, line: &str) {
        soon(self.to.write_all(format!("{line}\n").as_bytes()))
            .await
            .unwrap();
    }

    async fn receive(&mut self) -> serde_json::Value {
        let line = soon(self.from.next_line())
            .await
            .unwrap()
            .expect("the server closed");
        serde_json::from_str(&line).unwrap()
    }

    async fn ask(&mut self, line: &str) -> serde_json::Value {
        self.send(line).await;
        self.receive().await
    }

    async fn ended(&mut self) {
        soon(self.tasks.join_next()).await.unwrap().unwrap();
    }
}

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;

#[tokio::test]
async fn a_conversation_is_one_json_message_per_line() {
    let mut server = Running::initialized().await;
    let answer = server.ask(&call(5, "any")).await;
    assert_eq!(answer["id"], 5);
    assert_eq!(answer["result"]["content"][0]["text"], "done");
}

#[tokio::test]
async fn a_line_that_is_no_message_is_answered_and_the_conversation_goes_on() {
    let mut server = Running::initialized().await;
    let deep = "{\"a\":".repeat(1000);
    for (line, code) in [
        ("{broken", -32700),
        ("\u{7f}", -32700),
        ("[]", -32600),
        (deep.as_str(), -32600),
        (r#"{"id":1}"#, -32600),
    ] {
        let answer = server.ask(line).await;
        assert_eq!(answer["error"]["code"], code, "{line}: {answer}");
        assert_eq!(answer["jsonrpc"], "2.0");
    }
    assert_eq!(server.ask(&call(6, "any")).await["id"], 6);
}

#[tokio::test]
async fn broken_lines_before_the_conversation_do_not_end_it() {
    let mut server = Running::start();
    assert_eq!(server.ask("hello?").await["error"]["code"], -32700);
    server
        .send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        .await;
    server
        .send(r#"{"jsonrpc":"2.0","method":"notifications/from/elsewhere"}"#)
        .await;
    assert_eq!(server.ask(INITIALIZE).await["id"], 0);
    assert_eq!(server.ask(&call(1, "any")).await["id"], 1);
}

#[tokio::test]
async fn a_line_beyond_the_limit_is_refused_and_the_next_one_is_read() {
    let mut server = Running::initialized().await;
    let answer = server.ask(&"x".repeat(1_000_000)).await;
    assert_eq!(answer["error"]["code"], -32600, "{answer}");
    assert_eq!(server.ask(&call(6, "any")).await["id"], 6);
}

#[tokio::test]
async fn unknown_notifications_and_empty_lines_are_not_answered() {
    let mut server = Running::initialized().await;
    server
        .send(r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":[1]}"#)
        .await;
    server.send("\r").await;
    assert_eq!(server.ask(&call(8, "any")).await["id"], 8);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_input_ends_the_server_within_a_second() {
    let mut server = Running::initialized().await;
    server.send(&call(1, "hang")).await;
    server.send(&call(2, "wait")).await;
    let started = tokio::time::Instant::now();
    server.to.shutdown().await.unwrap();
    let answer = server.receive().await;
    assert_eq!(
        answer["result"]["content"][0]["text"], "cut short",
        "{answer}"
    );
    server.ended().await;
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn the_end_of_input_before_the_conversation_ends_the_server() {
    let mut server = Running::start();
    server.to.shutdown().await.unwrap();
    server.ended().await;
}

#[tokio::test]
async fn a_client_that_reads_no_more_ends_the_server() {
    let Running {
        to,
        from,
        mut tasks,
        ..
    } = Running::initialized().await;
    let mut client = from.into_inner().into_inner().unsplit(to);
    client
        .write_all(format!("{}\n", call(1, "any")).as_bytes())
        .await
        .unwrap();
    drop(client);
    soon(tasks.join_next()).await.unwrap().unwrap();
}

#[tokio::test]
async fn draining_answers_what_is_in_flight_and_reads_no_more() {
    let mut server = Running::initialized().await;
    server.send(&call(1, "wait")).await;
    // The answer to the second shows that the first was read.
    assert_eq!(server.ask(&call(2, "any")).await["id"], 2);
    server.shutdown.draining.cancel();
    server.send(&call(3, "any")).await;
    server.shutdown.calls.cancel();
    let answer = server.receive().await;
    assert_eq!(
        (&answer["id"], server.from.next_line().await.unwrap()),
        (&1.into(), None)
    );
    server.ended().await;
}

#[tokio::test]
async fn a_cancelled_request_frees_its_place() {
    let mut server = Running::initialized().await;
    for id in 0..1000 {
        server.send(&call(id, "hang")).await;
        let params = format!(r#"{{"requestId":{id}}}"#);
        let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":"#;
        server.send(&format!("{cancel}{params}}}")).await;
    }
    assert_eq!(server.ask(&call(5000, "any")).await["id"], 5000);
}
