//! Resources with parameters, and the values that can stand for these.

use std::collections::HashMap;

use kafka_fake::{Api, Cluster, GroupMember, Record};
use kafka_mcp::{Caller, Grant, NamePatterns, Settings};
use rmcp::{
    ServiceError,
    model::{
        CompletionContext, CompletionInfo, ErrorCode, ReadResourceRequestParams, ResourceContents,
    },
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::session::{Session, structure};

/// A cluster, and a client of a server for it.
struct Desk {
    cluster: Cluster,
    session: Session,
}

impl Desk {
    async fn open() -> Self {
        Self::open_with(Settings::new()).await
    }

    async fn open_with(settings: Settings) -> Self {
        let cluster = Cluster::builder().start().await.unwrap();
        for topic in ["orders", "orders.v2", "payments", "secret"] {
            cluster.create_topic(topic, 2).unwrap();
            cluster
                .append(topic, 0, [Record::new("1"), Record::new("2")])
                .unwrap();
        }
        for group in ["billing", "a/b c", "secret-group"] {
            cluster
                .add_member(group, GroupMember::new("app").assigned("orders", [0]))
                .unwrap();
            cluster.commit_offset(group, "orders", 0, 1, "").unwrap();
        }
        let session = Session::start_with(settings, &cluster.bootstrap_servers()).await;
        Self { cluster, session }
    }

    async fn read(&self, uri: &str) -> Result<Value, ServiceError> {
        let request = ReadResourceRequestParams::new(uri);
        let result = self.session.client.read_resource(request).await?;
        let [
            ResourceContents::TextResourceContents {
                text, mime_type, ..
            },
        ] = result.contents.as_slice()
        else {
            panic!("{result:?}")
        };
        assert_eq!(mime_type.as_deref(), Some("application/json"));
        Ok(serde_json::from_str(text).unwrap())
    }

    async fn refusal(&self, uri: &str) -> (ErrorCode, Value) {
        match self.read(uri).await {
            Err(ServiceError::McpError(error)) => (error.code, error.data.unwrap()),
            other => panic!("{uri}: {other:?}"),
        }
    }

    async fn tool(&self, tool: &str, arguments: Value) -> Value {
        structure(&self.session.call(tool, arguments).await.unwrap())
    }

    async fn complete(
        &self,
        template: &str,
        variable: &str,
        typed: &str,
        known: &[(&str, &str)],
    ) -> Result<CompletionInfo, ServiceError> {
        let known = known
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let context = CompletionContext::with_arguments(known.collect::<HashMap<_, _>>());
        let client = &self.session.client;
        client
            .complete_resource_argument(template, variable, typed, Some(context))
            .await
    }

    async fn values(&self, template: &str, variable: &str, typed: &str) -> Vec<String> {
        let completion = self.complete(template, variable, typed, &[]).await.unwrap();
        assert_eq!(
            completion.total,
            u32::try_from(completion.values.len()).ok()
        );
        assert_eq!(completion.has_more, Some(false));
        completion.values
    }
}

const TOPIC: &str = "kafka-mcp://topic/{name}";
const GROUP: &str = "kafka-mcp://group/{id}";
const CONFIG: &str = "kafka-mcp://topic/{name}/config/{key}";

/// But for the moment at which it was measured.
fn timeless(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().remove("as_of").unwrap();
    answer
}

#[tokio::test]
async fn a_topic_and_a_group_are_shown_as_their_tools_show_them() {
    let desk = Desk::open().await;
    let shown = desk.read("kafka-mcp://topic/orders%2Ev2").await.unwrap();
    let tool = desk
        .tool("describe_topic", json!({"topic_name": "orders.v2"}))
        .await;
    assert_eq!(shown["partition_count"], 2);
    assert_eq!(timeless(shown), timeless(tool));

    let shown = desk.read("kafka-mcp://group/a%2Fb%20c").await.unwrap();
    let whole = json!({"group_id": "a/b c", "include_offsets": true});
    let tool = desk.tool("describe_consumer_group", whole).await;
    assert_eq!(shown["offsets"][0]["lag"], 1);
    assert_eq!(timeless(shown), timeless(tool));
}

#[tokio::test]
async fn a_setting_is_shown_with_its_source() {
    let desk = Desk::open().await;
    let shown = desk
        .read("kafka-mcp://topic/orders/config/cleanup.policy")
        .await
        .unwrap();
    let arguments = json!({
        "resource_type": "topic", "resource_name": "orders", "config_keys": ["cleanup.policy"],
    });
    let tool = desk.tool("describe_configs", arguments).await;
    assert_eq!(shown["resource_name"], "orders");
    for field in [
        "name",
        "value",
        "is_default",
        "is_read_only",
        "is_sensitive",
        "source",
    ] {
        assert_eq!(shown[field], tool["configs"][0][field], "{field}");
        assert!(!shown[field].is_null(), "{field}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_its_neighbours_are_named() {
    let desk = Desk::open().await;
    for (uri, code, suggestion) in [
        ("kafka-mcp://topic/ordres", "unknown_topic", "orders"),
        ("kafka-mcp://group/biling", "unknown_group", "billing"),
        (
            "kafka-mcp://topic/ordres/config/x",
            "unknown_topic",
            "orders",
        ),
        (
            "kafka-mcp://topic/orders/config/cleanup.polcy",
            "unknown_config_key",
            "cleanup.policy",
        ),
    ] {
        let (number, data) = desk.refusal(uri).await;
        assert_eq!(number, ErrorCode::RESOURCE_NOT_FOUND, "{data}");
        assert_eq!(data["code"], code);
        let suggestions = data["did_you_mean"].as_array().unwrap();
        assert!(suggestions.contains(&json!(suggestion)), "{data}");
    }
}

#[tokio::test]
async fn what_the_policy_hides_is_neither_shown_nor_completed_nor_suggested() {
    let mut settings = Settings::new();
    let deny = ["secret*".to_owned()];
    settings.access.topics = NamePatterns::new(&[], &deny).unwrap();
    settings.access.groups = NamePatterns::new(&[], &deny).unwrap();
    let desk = Desk::open_with(settings).await;
    for uri in [
        "kafka-mcp://topic/secret",
        "kafka-mcp://topic/secret-that-is-not-there",
        "kafka-mcp://topic/__consumer_offsets",
        "kafka-mcp://topic/secret/config/cleanup.policy",
        "kafka-mcp://group/secret-group",
    ] {
        let (_, data) = desk.refusal(uri).await;
        assert_eq!(data["code"], "access_denied", "{uri}");
    }
    let (_, data) = desk.refusal("kafka-mcp://topic/secre").await;
    assert_eq!(data["did_you_mean"], json!([]));
    assert_eq!(
        desk.values(TOPIC, "name", "").await,
        ["orders", "orders.v2", "payments"]
    );
    assert_eq!(desk.values(GROUP, "id", "").await, ["a/b c", "billing"]);
    let of_secret = [("name", "secret")];
    let keys = desk.complete(CONFIG, "key", "", &of_secret).await.unwrap();
    assert_eq!(keys.values, [""; 0]);
}

#[tokio::test]
async fn names_are_completed_by_their_beginning_or_a_part() {
    let desk = Desk::open().await;
    assert_eq!(
        desk.values(TOPIC, "name", "ORD").await,
        ["orders", "orders.v2"]
    );
    assert_eq!(desk.values(TOPIC, "name", "ment").await, ["payments"]);
    assert_eq!(desk.values(CONFIG, "name", "p").await, ["payments"]);
    assert_eq!(desk.values(GROUP, "id", "b").await, ["billing", "a/b c"]);
    let calls = desk.session.calls.take();
    let ok = |name: &str| (name.to_owned(), "ok".to_owned());
    assert_eq!(calls, [ok(TOPIC), ok(TOPIC), ok(CONFIG), ok(GROUP)]);
}

#[tokio::test]
async fn keys_are_those_of_the_topic_that_is_known() {
    let desk = Desk::open().await;
    let keys = |known: &'static [(&str, &str)]| desk.complete(CONFIG, "key", "cleanup", known);
    let found = keys(&[("name", "orders")]).await.unwrap();
    assert_eq!(found.values, ["cleanup.policy"]);
    for known in [
        &[][..],
        &[("name", "no-such-topic")],
        &[("name", "no topic")],
        &[("topic", "orders")],
    ] {
        assert_eq!(keys(known).await.unwrap().values, [""; 0], "{known:?}");
    }
}

#[tokio::test]
async fn thresholds_are_completed_for_the_template_and_the_prompt() {
    let desk = Desk::open().await;
    let lag = "kafka-mcp://consumer-lag-report{?threshold}";
    let of_template = desk.values(lag, "threshold", "100").await;
    assert_eq!(of_template, ["100", "1000", "10000", "100000"]);
    let client = &desk.session.client;
    let prompt = client.complete_prompt_simple("kafka_consumer_lag_report", "threshold", "100");
    assert_eq!(prompt.await.unwrap(), of_template);
}

#[tokio::test]
async fn what_cannot_be_completed_is_an_invalid_parameter() {
    let desk = Desk::open().await;
    for (template, variable, code) in [
        ("kafka-mcp://topics/{name}", "name", "unknown_template"),
        ("kafka-mcp://overview", "name", "unknown_template"),
        (TOPIC, "id", "unknown_argument"),
    ] {
        let refused = desk
            .complete(template, variable, "", &[])
            .await
            .unwrap_err();
        let ServiceError::McpError(error) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{error:?}");
        assert_eq!(error.data.unwrap()["code"], code);
    }
    let client = &desk.session.client;
    let refused = client.complete_prompt_simple("kafka_nonsense", "threshold", "");
    let ServiceError::McpError(error) = refused.await.unwrap_err() else {
        panic!("an error")
    };
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{error:?}");
}

#[tokio::test]
async fn whoever_may_not_read_completes_nothing() {
    let mut settings = Settings::new();
    settings.default_caller = Caller::new("writer", vec![Grant::Write]);
    let desk = Desk::open_with(settings).await;
    let refused = desk.complete(TOPIC, "name", "", &[]).await.unwrap_err();
    assert!(refused.to_string().contains("kafka:read"), "{refused}");
    let denied = (TOPIC.to_owned(), "access_denied".to_owned());
    assert_eq!(desk.session.calls.take(), [denied]);
}

#[tokio::test]
async fn brokers_are_asked_once_while_somebody_types() {
    let desk = Desk::open().await;
    let started = Instant::now();
    let before = desk.cluster.request_count(Api::Metadata);
    desk.values(TOPIC, "name", "").await;
    let once = desk.cluster.request_count(Api::Metadata) - before;
    for typed in ["o", "or", "ord", "orde", "order", "orders"] {
        assert_eq!(desk.values(TOPIC, "name", typed).await.len(), 2);
    }
    let asked = desk.cluster.request_count(Api::Metadata) - before;
    // On a machine that is very slow, the moment passes in between.
    assert!(
        asked <= once * (1 + started.elapsed().as_secs() / 2),
        "{asked}"
    );
}

#[tokio::test]
async fn a_flood_of_completions_is_refused_and_says_why() {
    let desk = Desk::open().await;
    for _ in 0..5_000 {
        if let Err(error) = desk.complete(TOPIC, "name", "o", &[]).await {
            let ServiceError::McpError(error) = error else {
                panic!("{error:?}")
            };
            assert!(
                error.message.contains("completions in a second"),
                "{error:?}"
            );
            assert_eq!(error.data.unwrap()["retriable"], true);
            return;
        }
    }
    panic!("there is no ceiling");
}
