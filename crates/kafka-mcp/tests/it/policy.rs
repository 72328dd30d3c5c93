use kafka_mcp::{Caller, Grant, KafkaMcp, NamePatterns, Settings};
use kafka_tools::{Client, KafkaConfig};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{ListToolsResult, PaginatedRequestParams, ServerConfig},
    service::RequestContext,
};
use serde_json::json;

use crate::session::Session;

fn names(tools: &[rmcp::model::Tool]) -> Vec<&str> {
    tools.iter().map(|tool| &*tool.name).collect()
}

#[tokio::test]
async fn a_read_only_server_hides_and_refuses_writes() {
    let mut settings = Settings::new();
    settings.access.read_only = true;
    let session = Session::start(settings).await;
    let tools = session.client.list_all_tools().await.unwrap();
    assert!(!names(&tools).contains(&"produce_message"));
    let failure = session
        .failure("produce_message", json!({"topic": "a", "value": "v"}))
        .await;
    assert_eq!(failure["code"], "read_only");
    assert_eq!(failure["retriable"], false);
    assert_eq!(
        session.calls.take(),
        [("produce_message".to_owned(), "read_only".to_owned())]
    );
}

#[tokio::test]
async fn a_caller_who_may_only_read_is_refused_by_the_name_of_the_grant() {
    let mut settings = Settings::new();
    settings.default_caller = Caller::new("alice", vec![Grant::Read]);
    let session = Session::start(settings).await;
    let tools = session.client.list_all_tools().await.unwrap();
    assert!(!names(&tools).contains(&"produce_message"));
    let failure = session
        .failure("produce_message", json!({"topic": "a", "value": "v"}))
        .await;
    assert_eq!(failure["code"], "access_denied");
    let message = failure["message"].as_str().unwrap();
    assert_eq!(
        message,
        "tool produce_message is refused: alice was not granted kafka:write"
    );
}

#[tokio::test]
async fn a_caller_without_grants_reads_nothing() {
    let mut settings = Settings::new();
    settings.default_caller = Caller::new("nobody", vec![]);
    let session = Session::start(settings).await;
    assert!(session.client.list_all_tools().await.unwrap().is_empty());
    let failure = session.failure("list_topics", json!({})).await;
    assert_eq!(failure["code"], "access_denied");
    let request = rmcp::model::ReadResourceRequestParams::new("kafka-mcp://overview");
    let error = session.client.read_resource(request).await.unwrap_err();
    assert!(error.to_string().contains("kafka:read"), "{error}");
    let request = rmcp::model::GetPromptRequestParams::new("kafka_health_check");
    let error = session.client.get_prompt(request).await.unwrap_err();
    assert!(error.to_string().contains("kafka:read"), "{error}");
}

#[tokio::test]
async fn denied_topics_and_groups_are_refused_before_kafka_is_asked() {
    let patterns = |deny: &str| NamePatterns::new(&[], &[deny.to_owned()]).unwrap();
    let mut settings = Settings::new();
    settings.access.topics = patterns("secret*");
    settings.access.groups = patterns("secret*");
    let session = Session::start(settings).await;
    for (tool, arguments) in [
        ("describe_topic", json!({"topic_name": "secret.orders"})),
        ("describe_topic", json!({"topic": "__consumer_offsets"})),
        (
            "consume_messages",
            json!({"topics": ["open", "secret.orders"]}),
        ),
        (
            "produce_message",
            json!({"topic": "secret.orders", "value": "v"}),
        ),
        (
            "describe_configs",
            json!({"resource_type": "topic", "resource_name": "secret.orders"}),
        ),
        (
            "describe_consumer_group",
            json!({"group_id": "secret-group"}),
        ),
        ("consumer_lag", json!({"group_id": "secret-group"})),
        ("consumer_lag", json!({"topic": "secret.orders"})),
        ("poll_cluster", json!({"group_id": "secret-group"})),
        ("poll_cluster", json!({"topic": "secret.orders"})),
    ] {
        let failure = session.failure(tool, arguments).await;
        assert_eq!(failure["code"], "access_denied", "{tool}: {failure}");
    }
}

/// Stands between a transport and the server, as an HTTP front does.
struct Front(KafkaMcp);

impl ServerHandler for Front {
    fn get_info(&self) -> ServerConfig {
        self.0.get_info()
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        mut context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut http = http::Request::new(());
        http.extensions_mut()
            .insert(Caller::new("bob", vec![Grant::Write]));
        context.extensions.insert(http.into_parts().0);
        self.0.list_tools(request, context).await
    }
}

#[tokio::test]
async fn a_caller_named_by_the_transport_comes_before_the_default_one() {
    let config = KafkaConfig::new(vec!["127.0.0.1:1".parse().unwrap()]);
    let front = Front(KafkaMcp::new(Client::new(config).unwrap(), Settings::new()));
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (server, client) = tokio::join!(front.serve(far), ().serve(near));
    let tools = client.unwrap().list_all_tools().await.unwrap();
    assert_eq!(names(&tools), ["produce_message"]);
    drop(server);
}
