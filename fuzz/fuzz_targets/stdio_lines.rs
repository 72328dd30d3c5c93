//! Whatever a client writes to standard input, in pieces of any size: each line of output is a
//! message, and the server ends soon after its input.

#![no_main]

use futures_util::future::join;
use fuzz::Kafka;
use kafka_mcp::Settings;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Duration, timeout},
};

// The files of the server that are concerned: built as a whole with instrumentation, it takes longer
// than all that is fuzzed together.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the server has more use for them"
)]
#[path = "../../bins/kafka-mcp-server/src"]
mod server {
    pub(crate) mod screen;
    pub(crate) mod shutdown;
    pub(crate) mod stdio;
}

use server::{screen, shutdown};

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    // Most conversations begin as they should.
    let greeting = if first % 4 == 0 { "" } else { GREETING };
    let piece = 1 + usize::from(first / 4);
    let output = Kafka::shared().within(converse(&[greeting.as_bytes(), rest].concat(), piece));
    let text = String::from_utf8(output).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    for line in text.lines() {
        let message: Value = serde_json::from_str(line).expect("JSON");
        let has = |field| message.get(field).is_some();
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        assert!(has("method") ^ has("result") ^ has("error"), "{line}");
    }
});

async fn converse(input: &[u8], piece: usize) -> Vec<u8> {
    let shutdown = shutdown::Shutdown::default();
    let mut settings = Settings::new();
    settings.draining = shutdown.draining.clone();
    settings.shutdown = shutdown.calls.clone();
    let handler = Kafka::shared().handler(settings);
    let (near, far) = tokio::io::duplex(piece);
    let (theirs, ours) = tokio::io::split(far);
    let serving = server::stdio::serve(handler, theirs, ours, MAX_LINE_BYTES, &shutdown);
    let (mut from, mut to) = tokio::io::split(near);
    let writing = async {
        let _ = to.write_all(input).await;
        let _ = to.shutdown().await;
    };
    let mut output = Vec::new();
    let talking = join(writing, from.read_to_end(&mut output));
    let ((), ((), read)) = timeout(SOON, join(serving, talking)).await.expect("an end");
    read.expect("a pipe");
    output
}

const GREETING: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
"#;
const MAX_LINE_BYTES: usize = 2_048;
/// What the server gives calls to end, and time for the input itself.
const SOON: Duration = Duration::from_secs(4);
