//! Arguments of tools: each call gets an answer whose text says what its structure says, and a
//! refusal says why.

#![no_main]

use fuzz::Conversation;
use libfuzzer_sys::fuzz_target;
use rmcp::model::JsonObject;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let tool = TOOLS[usize::from(*first) % TOOLS.len()];
    let result = Conversation::shared().call(tool, arguments(rest));
    let result = result.expect("tools answer with a result");
    let structure = result.structured_content.expect("a structure");
    let text = &result.content.first().and_then(|content| content.as_text());
    let text = &text.expect("a text").text;
    assert_eq!(*text, structure.to_string());
    assert!(text.len() <= MAX_RESULT_BYTES, "{} bytes", text.len());
    if result.is_error == Some(true) {
        let has = |field: &str| {
            structure[field]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        };
        assert!(has("code") && has("message"), "{structure}");
    }
});

/// A line each, `name=value`: JSON, or else the text itself.
fn arguments(input: &[u8]) -> JsonObject {
    let text = String::from_utf8_lossy(input);
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| {
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            (name.to_owned(), value)
        })
        .collect()
}

const TOOLS: [&str; 13] = [
    "cluster_health",
    "cluster_overview",
    "consume_messages",
    "consumer_lag",
    "describe_configs",
    "describe_consumer_group",
    "describe_topic",
    "list_brokers",
    "list_consumer_groups",
    "list_topics",
    "produce_message",
    "under_replicated_partitions",
    "poll_cluster",
];

/// The default of the server.
const MAX_RESULT_BYTES: usize = 80_000;
