//! A cluster of ten thousand topics.

use std::time::Duration;

use krafka::admin::NewTopic;
use serde_json::json;
use testkit::{RealKafka, Transport, unique_name};
use tokio::time::Instant;

use crate::tools::connect;

/// Creating them takes most of a minute, and slows every other test down: it runs where
/// `KAFKA_TEST_MANY_TOPICS` is `1`.
#[tokio::test]
async fn ten_thousand_topics_are_listed_from_one_answer_and_shown_in_pages() {
    if !testkit::wants_many_topics() {
        return;
    }
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let prefix = unique_name("many");
    for thousand in 0..10 {
        let names = (0..1_000).map(|n| format!("{prefix}-{:05}", thousand * 1_000 + n));
        kafka
            .create(names.map(|name| NewTopic::new(name, 1, 1).expect("a valid topic")))
            .await;
    }
    let client = kafka.client();
    let started = Instant::now();
    let topics = client.list_topics().await.expect("topics").topics;
    eprintln!(
        "connecting and listing {} topics took {:?}",
        topics.len(),
        started.elapsed()
    );
    assert!(
        topics
            .iter()
            .filter(|topic| topic.name.as_str().starts_with(&prefix))
            .count()
            == 10_000
    );
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "took {:?}",
        started.elapsed()
    );

    let server = connect(Transport::Http, &kafka).await;
    let mut seen = 0;
    let mut cursor = json!(null);
    loop {
        let mut arguments = json!({"name_contains": prefix, "limit": 1000});
        if cursor.is_string() {
            arguments["cursor"] = cursor;
        }
        let page = server.result("list_topics", arguments).await;
        assert_eq!(page["total"], 10_000);
        assert!(page.to_string().len() <= 100_000);
        seen += page["topics"].as_array().expect("topics").len();
        cursor = page["next_cursor"].clone();
        if !cursor.is_string() {
            break;
        }
    }
    assert_eq!(seen, 10_000);
    let default = server.result("list_topics", json!({})).await;
    assert_eq!(default["truncated"], true);
}
