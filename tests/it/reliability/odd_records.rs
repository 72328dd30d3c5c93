//! Records that are large, odd, missing or undone.

use kafka_fake::{MessageFormat, Record};
use krafka::{Compression, Record as Outgoing};
use serde_json::{Value, json};
use testkit::{FakeCluster, McpClient};

use super::server_of;

#[tokio::test]
async fn binary_nul_bidi_tombstones_and_ten_thousand_headers_are_valid_json_and_told_apart() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let many = (0..10_000).fold(Record::new("headers"), |record, n| {
        record.header(format!("name-{n}"), format!("value-{n}"))
    });
    let records = [
        Record::new(vec![0xff, 0xfe, 0x00]),
        Record::new("a\0b"),
        Record::new("\u{202e}txt.exe\u{2066}"),
        Record::tombstone("key"),
        Record::new(""),
        many,
        Record::new("last"),
    ];
    kafka
        .cluster()
        .append(topic.as_str(), 0, records)
        .expect("written");
    let client = server_of(&kafka, &[("KAFKA_MCP_MAX_RESULT_BYTES", "2000000")]).await;
    let messages = all(&client, topic.as_str()).await;
    assert_eq!(messages.len(), 7);
    assert_eq!(messages[0]["value_encoding"], "base64", "{}", messages[0]);
    // What acts instead of showing is spelt out.
    assert_eq!(messages[1]["value"], r"a\u{0}b");
    assert_eq!(messages[2]["value"], r"\u{202e}txt.exe\u{2066}");
    assert_eq!(messages[2]["escaped"], true, "{}", messages[2]);
    assert_eq!(messages[3]["value"], Value::Null);
    assert_eq!(messages[4]["value"], "");
    assert_eq!(messages[6]["value"], "last");
}

#[tokio::test]
async fn ten_megabytes_in_one_record_do_not_hold_up_the_one_after_it() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka
        .topic_with(1, &[("max.message.bytes", "20000000")])
        .await;
    for value in ["x".repeat(10_000_000), "after".to_owned()] {
        let written = kafka
            .cluster()
            .append(topic.as_str(), 0, [Record::new(value)]);
        written.expect("written");
    }
    let client = server_of(&kafka, &[]).await;
    let messages = all(&client, topic.as_str()).await;
    assert_eq!(messages.len(), 2);
    assert!(messages[0].to_string().len() < 1_000_000);
    assert_eq!(messages[1]["value"], "after");
}

#[tokio::test]
async fn aborted_records_and_what_was_deleted_are_stepped_over() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let name = topic.as_str();
    let one = |value: String| [Record::new(value)];
    for n in 0..20 {
        kafka
            .cluster()
            .append(name, 0, one(format!("kept-{n}")))
            .expect("written");
        let mut transaction = kafka.cluster().begin_transaction();
        transaction
            .append(name, 0, one(format!("aborted-{n}")))
            .expect("written");
        transaction.abort().expect("ended");
    }
    kafka.truncate(&topic, 0, 30).await;
    let client = server_of(&kafka, &[]).await;
    let messages = all(&client, name).await;
    let values: Vec<_> = messages
        .iter()
        .map(|message| message["value"].clone())
        .collect();
    let expected: Vec<_> = (10..20).map(|n| json!(format!("kept-{n}"))).collect();
    assert_eq!(values, expected);
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_read_to_where_it_ends_now() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let name = topic.as_str();
    for n in 0..10 {
        let written = kafka
            .cluster()
            .append(name, 0, [Record::new(format!("old-{n}"))]);
        written.expect("written");
    }
    let client = server_of(&kafka, &[]).await;
    assert_eq!(all(&client, name).await.len(), 10);
    assert_eq!(
        kafka
            .cluster()
            .lose_records(name, 0, 4)
            .expect("a partition"),
        4
    );
    let arguments = json!({"topics": [name], "offset": 8, "partitions": [0]});
    let failure = client.failure("consume_messages", arguments).await;
    assert_eq!(failure["code"], "offset_out_of_range", "{failure}");
    kafka
        .cluster()
        .append(name, 0, [Record::new("new")])
        .expect("written");
    let messages = all(&client, name).await;
    assert_eq!(messages.len(), 5);
    assert_eq!(
        (&messages[4]["value"], &messages[4]["offset"]),
        (&json!("new"), &json!(4))
    );
}

#[tokio::test]
async fn messages_of_the_formats_before_batches_are_refused_by_name_and_cost_no_other_partition() {
    let kafka = FakeCluster::start(1).await;
    let client = server_of(&kafka, &[]).await;
    for format in [MessageFormat::V0, MessageFormat::V1] {
        for value in ["short".to_owned(), "long".repeat(100)] {
            let topic = kafka.topic(2).await;
            let name = topic.as_str();
            let old = Record::new(value).key("key");
            let written = kafka.cluster().append_message(name, 0, format, &old);
            written.expect("written");
            let new = kafka.cluster().append(name, 1, [Record::new("new")]);
            new.expect("written");
            let arguments = json!({"topics": [name], "partitions": [0]});
            let failure = client.failure("consume_messages", arguments).await;
            assert_eq!(failure["code"], "protocol_error", "{failure}");
            let message = failure["message"].as_str().expect("a message");
            assert!(
                message.contains("only") && message.contains("magic 2"),
                "{failure}"
            );
            let arguments = json!({"topics": [name], "partitions": [1]});
            let answer = client.result("consume_messages", arguments).await;
            assert_eq!(answer["messages"][0]["value"], "new", "{answer}");
        }
    }
}

#[tokio::test]
async fn records_arrive_with_each_codec() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let codecs = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];
    for codec in codecs {
        let producer = kafka.kafka().producer().compression(codec).build().await;
        let producer = producer.expect("a producer");
        let value = format!("{codec:?}").repeat(10);
        let sent = producer.send(Outgoing::new(topic.as_str(), value)).await;
        assert!(sent.is_ok_and(|sent| sent.is_success()), "{codec:?}");
        producer.close().await.expect("closed");
    }
    let client = server_of(&kafka, &[]).await;
    let messages = all(&client, topic.as_str()).await;
    let values: Vec<_> = messages
        .iter()
        .map(|message| message["value"].clone())
        .collect();
    let expected = codecs.map(|codec| json!(format!("{codec:?}").repeat(10)));
    assert_eq!(values, expected);
}

/// The records of a topic, read to its end with cursors.
async fn all(client: &McpClient, topic: &str) -> Vec<Value> {
    let mut messages = Vec::new();
    let mut cursor = Value::Null;
    for _ in 0..20 {
        let mut arguments = json!({
            "topics": [topic], "position": "earliest", "max_messages": 1000,
        });
        if !cursor.is_null() {
            arguments = json!({"topics": [topic], "cursor": cursor, "max_messages": 1000});
        }
        let answer = client.result("consume_messages", arguments).await;
        messages.extend(answer["messages"].as_array().expect("messages").clone());
        cursor = answer["next_cursor"].clone();
        if answer["has_more"] != true {
            return messages;
        }
    }
    panic!("stuck after {} messages", messages.len())
}
