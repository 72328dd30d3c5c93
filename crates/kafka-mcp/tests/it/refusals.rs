use std::time::Duration;

use kafka_mcp::Settings;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::session::{Session, structure};

#[track_caller]
fn assert_refusal(failure: &Value, code: &str, message: &str) {
    assert_eq!(failure["code"], code, "{failure}");
    assert_eq!(failure["message"], message);
    assert_eq!(failure["retriable"], false);
}

#[tokio::test]
async fn bad_arguments_name_the_argument_the_value_and_what_is_allowed() {
    let session = Session::start(Settings::new()).await;
    let base64 = json!({"topic": "a", "value": "a b", "value_encoding": "base64"});
    let both = json!({"topic": "a", "value": "x", "messages": [{"value": "y"}]});
    let many = json!({"topic": "a", "messages": vec![json!({"value": "y"}); 51]});
    for (tool, arguments, message) in [
        (
            "consume_messages",
            json!({"topics": "a", "max_messages": 0}),
            "invalid max_messages 0: expected a whole number from 1 to 1000",
        ),
        (
            "consume_messages",
            json!({"topics": "a", "max_messages": 1e12}),
            "invalid max_messages 1000000000000: expected a whole number from 1 to 1000",
        ),
        (
            "consume_messages",
            json!({"topics": "a", "offset": -1}),
            "invalid offset -1: expected a whole number from 0 on",
        ),
        (
            "consume_messages",
            json!({"topics": "no/topic"}),
            "invalid topics \"no/topic\": a topic name consists of a-z, A-Z, 0-9, '.', '_' and '-'",
        ),
        (
            "produce_message",
            json!({"topic": "a"}),
            "value is missing: expected a string, or null for a tombstone",
        ),
        (
            "produce_message",
            json!({"topic": "a", "value": 5}),
            "invalid value 5: expected a string or null",
        ),
        (
            "produce_message",
            base64,
            "invalid value \"a b\": its encoding says base64, which it is not",
        ),
        (
            "produce_message",
            both,
            "messages excludes the arguments of a single record",
        ),
        (
            "produce_message",
            many,
            "invalid messages, 51 items: expected a list of at most 50 items",
        ),
        (
            "describe_configs",
            json!({"resource_type": "group", "resource_name": "a"}),
            "invalid resource_type \"group\": expected one of topic, broker",
        ),
        (
            "describe_topic",
            json!({}),
            "topic_name is missing: expected a string",
        ),
    ] {
        let failure = session.failure(tool, arguments).await;
        assert_refusal(&failure, "invalid_argument", message);
    }
}

#[tokio::test]
async fn unknown_arguments_are_refused_with_suggestions() {
    let session = Session::start(Settings::new()).await;
    let failure = session.failure("consume_messages", json!({"topics": "a", "max_message": 5}));
    let failure = failure.await;
    assert_eq!(failure["code"], "unknown_argument");
    assert_eq!(failure["did_you_mean"], json!(["max_messages"]));
    let failure = session
        .failure("list_brokers", json!({"verbose": true}))
        .await;
    let message = "unknown argument verbose: there are none here";
    assert_refusal(&failure, "unknown_argument", message);
}

#[tokio::test]
async fn a_broker_that_is_down_is_a_retriable_failure_within_the_deadline() {
    let mut settings = Settings::new();
    settings.timeout = Duration::from_secs(2);
    let session = Session::start(settings).await;
    for (tool, arguments) in [
        ("list_topics", json!({})),
        ("consume_messages", json!({"topics": ["a"]})),
        ("cluster_health", json!({})),
        ("consumer_lag", json!({})),
    ] {
        let started = Instant::now();
        let failure = session.failure(tool, arguments).await;
        assert!(started.elapsed() < Duration::from_secs(4), "{tool}");
        let code = failure["code"].as_str().unwrap();
        assert!(
            ["kafka_unavailable", "timeout"].contains(&code),
            "{tool}: {failure}"
        );
        assert_eq!(failure["retriable"], true, "{tool}: {failure}");
    }
}

#[tokio::test]
async fn list_brokers_answers_with_the_configured_ones_when_kafka_is_down() {
    let mut settings = Settings::new();
    settings.timeout = Duration::from_secs(2);
    let session = Session::start(settings).await;
    let result = structure(&session.call("list_brokers", json!({})).await.unwrap());
    assert_eq!(result["brokers"], json!(["127.0.0.1:1"]));
    assert_eq!(
        (&result["live"], &result["complete"]),
        (&Value::Null, &json!(false))
    );
    assert!(result["partial_errors"][0]["message"].is_string());
}
