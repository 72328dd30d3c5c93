//! Cursors are good for who got them, and for what they were got with.

use kafka_fake::{Cluster, Record};
use kafka_mcp::{Caller, Grant, NamePatterns, Settings, StateKey};
use serde_json::{Value, json};

use crate::session::{Session, structure};

/// A cluster of five topics with five records each, and servers for it that have a common key.
struct Servers {
    cluster: Cluster,
    key: StateKey,
}

impl Servers {
    async fn start() -> Self {
        let cluster = Cluster::builder().start().await.unwrap();
        for topic in ["a-1", "a-2", "a-3", "b-1", "b-2"] {
            cluster.create_topic(topic, 1).unwrap();
            let records = (0..5).map(|n| Record::new(n.to_string()));
            cluster.append(topic, 0, records).unwrap();
        }
        let key = StateKey::new(b"9f3b1c7e5a2d4f6089ab1234cdef5678").unwrap();
        Self { cluster, key }
    }

    fn settings(&self, subject: &str) -> Settings {
        let mut settings = Settings::new();
        settings.state_key = self.key.clone();
        settings.default_caller = Caller::new(subject, vec![Grant::Read]);
        settings
    }

    async fn session(&self, settings: Settings) -> Session {
        Session::start_with(settings, &self.cluster.bootstrap_servers()).await
    }
}

async fn result(session: &Session, tool: &str, arguments: Value) -> Value {
    let result = session.call(tool, arguments).await.unwrap();
    assert_ne!(result.is_error, Some(true), "{tool}: {result:?}");
    structure(&result)
}

fn with(arguments: &Value, changes: Value) -> Value {
    let mut arguments = arguments.clone();
    let changes = changes.as_object().unwrap().clone();
    arguments.as_object_mut().unwrap().extend(changes);
    arguments
}

#[track_caller]
fn assert_refused(failure: &Value) {
    assert_eq!(failure["code"], "invalid_argument", "{failure}");
    let message = failure["message"].as_str().unwrap();
    assert!(message.starts_with("invalid cursor"), "{failure}");
    let hint = failure["hint"].as_str().unwrap();
    assert!(hint.contains("leave cursor out to start"), "{failure}");
}

fn names(page: &Value) -> Vec<&str> {
    let topics = page["topics"].as_array().unwrap().iter();
    topics
        .map(|topic| topic["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_cursor_goes_on_at_another_server_with_the_same_key() {
    let servers = Servers::start().await;
    let one = servers.session(servers.settings("alice")).await;
    let other = servers.session(servers.settings("alice")).await;
    let first = result(&one, "list_topics", json!({"limit": 3})).await;
    assert_eq!(names(&first), ["a-1", "a-2", "a-3"]);
    let cursor = json!({"cursor": first["next_cursor"], "limit": 9});
    let second = result(&other, "list_topics", cursor).await;
    assert_eq!(names(&second), ["b-1", "b-2"]);
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn the_cursor_of_somebody_else_is_refused() {
    let servers = Servers::start().await;
    let alice = servers.session(servers.settings("alice")).await;
    let bob = servers.session(servers.settings("bob")).await;
    for (tool, arguments) in [
        ("list_topics", json!({"limit": 1})),
        (
            "consume_messages",
            json!({"topics": ["a-1"], "position": "earliest", "max_messages": 1}),
        ),
    ] {
        let first = result(&alice, tool, arguments.clone()).await;
        let next = with(&arguments, json!({"cursor": first["next_cursor"]}));
        assert_refused(&bob.failure(tool, next.clone()).await);
        result(&alice, tool, next).await;
    }
}

#[tokio::test]
async fn the_cursor_of_a_server_with_another_key_is_refused_and_says_what_replicas_need() {
    let servers = Servers::start().await;
    let one = servers.session(servers.settings("alice")).await;
    let mut settings = servers.settings("alice");
    settings.state_key = StateKey::random();
    let other = servers.session(settings).await;
    let first = result(&one, "list_topics", json!({"limit": 1})).await;
    let next = json!({"cursor": first["next_cursor"]});
    let failure = other.failure("list_topics", next).await;
    assert_refused(&failure);
    let hint = failure["hint"].as_str().unwrap();
    assert!(hint.contains("common KAFKA_MCP_STATE_KEY"), "{hint}");
}

#[tokio::test]
async fn the_cursor_of_another_list_or_filter_is_refused() {
    let servers = Servers::start().await;
    let session = servers.session(servers.settings("alice")).await;
    let first = json!({"name_contains": "A-", "limit": 1});
    let first = result(&session, "list_topics", first).await;
    let cursor = json!({"cursor": first["next_cursor"]});
    // A filter means the same in any case of letters, and the size of pages is nobody's filter.
    let same = with(&cursor, json!({"name_contains": "a-", "limit": 2}));
    let second = result(&session, "list_topics", same).await;
    assert_eq!(names(&second), ["a-2", "a-3"]);
    for (tool, arguments) in [
        ("list_topics", json!({})),
        ("list_topics", json!({"name_contains": "b-"})),
        (
            "list_topics",
            json!({"name_contains": "a-", "include_internal": false}),
        ),
        ("list_consumer_groups", json!({"name_contains": "a-"})),
        ("describe_topic", json!({"topic_name": "a-1"})),
        (
            "describe_configs",
            json!({"resource_type": "topic", "resource_name": "a-1"}),
        ),
        ("consume_messages", json!({"topics": ["a-1"]})),
    ] {
        let arguments = with(&arguments, cursor.clone());
        assert_refused(&session.failure(tool, arguments).await);
    }
}

#[tokio::test]
async fn a_read_goes_on_with_the_same_topics_and_no_others() {
    let servers = Servers::start().await;
    let session = servers.session(servers.settings("alice")).await;
    let first = json!({"topics": ["a-1", "a-2"], "position": "earliest", "max_messages": 4});
    let first = result(&session, "consume_messages", first).await;
    let cursor = json!({"cursor": first["next_cursor"]});
    for others in [
        json!(["a-1"]),
        json!(["a-1", "a-2", "b-1"]),
        json!(["b-1", "b-2"]),
    ] {
        let arguments = with(&cursor, json!({"topics": others}));
        assert_refused(&session.failure("consume_messages", arguments).await);
    }
    let same = with(&cursor, json!({"topics": ["a-2", "a-1", "a-2"]}));
    let rest = result(&session, "consume_messages", same).await;
    assert_eq!(rest["messages"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_policy_that_came_after_the_cursor_holds() {
    let servers = Servers::start().await;
    let before = servers.session(servers.settings("alice")).await;
    let mut settings = servers.settings("alice");
    settings.access.topics = NamePatterns::new(&[], &["b-*".to_owned()]).unwrap();
    let after = servers.session(settings).await;

    let first = result(&before, "list_topics", json!({"limit": 2})).await;
    let next = json!({"cursor": first["next_cursor"]});
    let rest = result(&after, "list_topics", next).await;
    assert_eq!(names(&rest), ["a-3"]);

    let read = json!({"topics": ["b-1"], "position": "earliest", "max_messages": 1});
    let first = result(&before, "consume_messages", read).await;
    let next = json!({"topics": ["b-1"], "cursor": first["next_cursor"]});
    let failure = after.failure("consume_messages", next).await;
    assert_eq!(failure["code"], "access_denied", "{failure}");
}
