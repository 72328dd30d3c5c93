//! Input that makes no sense: each has a clear error, nothing is lost, the server lives on.

use serde_json::{Value, json};
use testkit::{McpClient, RealKafka, Server, Transport};

use crate::{consume_positions::numbered, tools::connect};

#[tokio::test]
async fn arguments_that_make_no_sense_are_named_with_what_is_allowed() {
    // None of these needs a Kafka.
    for transport in Transport::ALL {
        let client = McpClient::connect(transport, &[("KAFKA_BROKERS", "127.0.0.1:1")]).await;
        let topics = |more: Value| {
            let mut arguments = json!({"topics": ["orders"]});
            let more = more.as_object().expect("an object").clone();
            arguments.as_object_mut().expect("an object").extend(more);
            arguments
        };
        for (tool, arguments, code, word) in [
            (
                "consume_messages",
                topics(json!({"max_messages": 0})),
                "invalid_argument",
                "max_messages",
            ),
            (
                "consume_messages",
                topics(json!({"max_messages": -1})),
                "invalid_argument",
                "max_messages",
            ),
            (
                "consume_messages",
                topics(json!({"max_messages": 1e12})),
                "invalid_argument",
                "max_messages",
            ),
            (
                "consume_messages",
                topics(json!({"max_messages": "many"})),
                "invalid_argument",
                "max_messages",
            ),
            (
                "consume_messages",
                topics(json!({"max_mesages": 5})),
                "unknown_argument",
                "max_messages",
            ),
            (
                "consume_messages",
                topics(json!({"offset": -2})),
                "invalid_argument",
                "offset",
            ),
            (
                "consume_messages",
                topics(json!({"position": "begin"})),
                "invalid_argument",
                "position",
            ),
            (
                "consume_messages",
                topics(json!({"partitions": [-1]})),
                "invalid_argument",
                "partitions",
            ),
            (
                "consume_messages",
                topics(json!({"cursor": "nonsense"})),
                "invalid_argument",
                "cursor",
            ),
            (
                "consume_messages",
                topics(json!({"timestamp": "yesterday"})),
                "invalid_argument",
                "timestamp",
            ),
            ("consume_messages", json!({}), "invalid_argument", "topics"),
            (
                "consume_messages",
                json!({"topics": []}),
                "invalid_argument",
                "topics",
            ),
            (
                "consume_messages",
                json!({"topics": ["a b"]}),
                "invalid_argument",
                "topics",
            ),
            (
                "consume_messages",
                json!({"topics": {"a": 1}}),
                "invalid_argument",
                "topics",
            ),
            (
                "produce_message",
                json!({"topic": "orders"}),
                "invalid_argument",
                "value",
            ),
            (
                "produce_message",
                json!({"value": "1"}),
                "invalid_argument",
                "topic",
            ),
            (
                "produce_message",
                json!({"topic": "orders", "value": {"a": 1}}),
                "invalid_argument",
                "value",
            ),
            (
                "produce_message",
                json!({"topic": "", "value": "1"}),
                "invalid_argument",
                "topic",
            ),
            (
                "produce_message",
                json!({"topic": "../etc", "value": "1"}),
                "invalid_argument",
                "topic",
            ),
            (
                "produce_message",
                json!({"topic": "orders", "value": "%%", "value_encoding": "base64"}),
                "invalid_argument",
                "value",
            ),
            (
                "describe_topic",
                json!({}),
                "invalid_argument",
                "topic_name",
            ),
            (
                "describe_topic",
                json!({"topic_name": 5.5}),
                "invalid_argument",
                "topic_name",
            ),
            (
                "describe_topic",
                json!({"topic_nam": "orders"}),
                "unknown_argument",
                "topic_name",
            ),
            (
                "describe_consumer_group",
                json!({"group_id": ""}),
                "invalid_argument",
                "group_id",
            ),
            (
                "describe_configs",
                json!({"resource_type": "cluster", "resource_name": "1"}),
                "invalid_argument",
                "resource_type",
            ),
            (
                "describe_configs",
                json!({"resource_type": "broker", "resource_name": "one"}),
                "unknown_config_resource",
                "one",
            ),
            (
                "consumer_lag",
                json!({"threshold": -1}),
                "invalid_argument",
                "threshold",
            ),
            (
                "list_brokers",
                json!({"verbose": true}),
                "unknown_argument",
                "verbose",
            ),
        ] {
            let shown = arguments.to_string();
            let failure = client.failure(tool, arguments).await;
            assert_eq!(failure["code"], code, "{tool} {shown}: {failure}");
            assert!(
                failure.to_string().contains(word),
                "{tool} {shown}: {failure}"
            );
            assert_eq!(failure["retriable"], false, "{tool} {shown}: {failure}");
            assert_speaks_plainly(&failure);
        }
        let error = client
            .call("list_topic", json!({}))
            .await
            .expect_err("no such tool");
        assert!(error.to_string().contains("list_topics"), "{error}");
    }
}

#[tokio::test]
async fn what_the_cluster_does_not_have_is_named_with_what_it_has() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(2).await;
    kafka
        .write((0..6).map(|n| numbered(&topic, n % 2, n)))
        .await;
    kafka.truncate(&topic, 0, 1).await;
    let name = topic.as_str();
    let misspelt = name.replacen("topic", "tpoic", 1);
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        for (tool, arguments, code, word) in [
            (
                "describe_topic",
                json!({"topic_name": misspelt}),
                "unknown_topic",
                name,
            ),
            (
                "consume_messages",
                json!({"topics": [misspelt]}),
                "unknown_topic",
                name,
            ),
            (
                "produce_message",
                json!({"topic": misspelt, "value": "1"}),
                "unknown_topic",
                name,
            ),
            (
                "consume_messages",
                json!({"topics": [name], "partitions": [2]}),
                "unknown_partition",
                "2",
            ),
            (
                "produce_message",
                json!({"topic": name, "value": "1", "partition": 9}),
                "unknown_partition",
                "2",
            ),
            (
                "consume_messages",
                json!({"topics": [name], "partitions": [0], "offset": 0}),
                "offset_out_of_range",
                "1 to 3",
            ),
            (
                "consume_messages",
                json!({"topics": [name], "partitions": [0], "offset": 4}),
                "offset_out_of_range",
                "1 to 3",
            ),
            (
                "list_topics",
                json!({"cursor": "nonsense"}),
                "invalid_argument",
                "cursor",
            ),
            (
                "describe_consumer_group",
                json!({"group_id": "no such group"}),
                "unknown_group",
                "no such",
            ),
            (
                "describe_configs",
                json!({"resource_type": "topic", "resource_name": misspelt}),
                "unknown_topic",
                name,
            ),
            (
                "describe_configs",
                json!({"resource_type": "broker", "resource_name": "4711"}),
                "unknown_broker",
                "4711",
            ),
            (
                "produce_message",
                json!({"topic": name, "value": "x".repeat(2_000_000)}),
                "record_too_large",
                "max.message.bytes",
            ),
        ] {
            let failure = client.failure(tool, arguments).await;
            assert_eq!(failure["code"], code, "{tool}: {failure}");
            assert!(failure.to_string().contains(word), "{tool}: {failure}");
            assert_speaks_plainly(&failure);
        }
        // The server lives on, and nothing was written.
        assert_eq!(client.messages(&topic).await.len(), 5);
    }
}

#[tokio::test]
async fn http_that_makes_no_sense_is_refused_and_harms_nobody() {
    let server = Server::start(&[("KAFKA_BROKERS", "127.0.0.1:1")]).await;
    let deep = "[".repeat(100_000);
    let huge = format!("\"{}\"", "x".repeat(8 * 1024 * 1024));
    let post = |headers: &str, body: &str| {
        format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            server.address(),
            body.len()
        )
    };
    let json_headers =
        "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let foreign = format!("{json_headers}Origin: https://evil.example\r\n");
    for (what, request, expected) in [
        (
            "broken JSON",
            post(json_headers, "{\"jsonrpc\":"),
            &["-32700"][..],
        ),
        (
            "deep JSON",
            post(json_headers, &deep),
            &["-32700", "-32600"][..],
        ),
        ("8 MB", post(json_headers, &huge), &["HTTP/1.1 413"][..]),
        (
            "a batch",
            post(json_headers, &format!("[{call},{call}]")),
            &["-32600"][..],
        ),
        (
            "no JSON-RPC",
            post(json_headers, "{\"hello\":1}"),
            &["-32600"][..],
        ),
        (
            "an unknown method",
            post(
                json_headers,
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/lst"}"#,
            ),
            &["-32601"][..],
        ),
        (
            "a wrong content type",
            post(
                "Content-Type: text/plain\r\nAccept: application/json, text/event-stream\r\n",
                call,
            ),
            &["HTTP/1.1 415"][..],
        ),
        (
            "a foreign origin",
            post(&foreign, call),
            &["HTTP/1.1 403"][..],
        ),
        (
            "a foreign host",
            post(json_headers, call).replace(&server.address().to_string(), "evil.example"),
            &["HTTP/1.1 403"][..],
        ),
        (
            "no HTTP",
            "\0\u{1}nonsense\r\n\r\n".to_owned(),
            &["HTTP/1.1 400", ""][..],
        ),
        (
            "GET",
            format!(
                "GET /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                server.address()
            ),
            &["HTTP/1.1 405"][..],
        ),
        (
            "nothing there",
            format!(
                "GET /nope HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                server.address()
            ),
            &["HTTP/1.1 404"][..],
        ),
    ] {
        let answer = server.raw(request.as_bytes()).await;
        assert!(
            expected.iter().any(|word| answer.contains(word)),
            "{what}: {answer}"
        );
        assert!(!answer.contains("\"result\""), "{what}: {answer}");
    }
    let invalid = [
        post(json_headers, "")
            .replace("Length: 0", "Length: 2")
            .as_bytes(),
        &[0xff, 0xfe],
    ]
    .concat();
    let answer = server.raw(&invalid).await;
    assert!(answer.contains("-32700"), "{answer}");
    let answer = server.raw(post(json_headers, call).as_bytes()).await;
    assert!(answer.contains("consume_messages"), "{answer}");
}

/// A model reads it: no Rust, no debug output.
fn assert_speaks_plainly(failure: &Value) {
    let message = failure["message"].as_str().expect("a message");
    for jargon in [
        "Some(", "None", "Error {", "::", "unwrap", "serde", "krafka",
    ] {
        assert!(!message.contains(jargon), "{message}");
    }
    for field in ["kafka_error", "did_you_mean", "needed_acl"] {
        assert!(failure.get(field).is_some(), "{failure}");
    }
}
