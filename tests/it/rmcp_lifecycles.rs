//! rmcp's own client, in both ways to begin a conversation: as before 2026-07-28, and since.

use std::sync::{Arc, Mutex};

use rmcp::{
    ClientHandler, ClientLifecycleMode, RoleClient,
    model::{
        CallToolRequest, CallToolRequestParams, ClientRequest, ProgressNotificationParam,
        ProtocolVersion,
    },
    service::{NotificationContext, PeerRequestOptions},
};
use serde_json::{Value, json};
use testkit::{FakeCluster, McpClient, Transport, eventually};

/// Both ways to begin.
pub(crate) fn lifecycles() -> [ClientLifecycleMode; 2] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    [
        ClientLifecycleMode::Initialize,
        ClientLifecycleMode::Discover { preferred_versions },
    ]
}

#[tokio::test]
async fn rmcp_uses_all_that_is_served_in_both_lifecycles_over_both_transports() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let settings = [("KAFKA_BROKERS", kafka.brokers())];
    for (lifecycle, transport) in ways() {
        let revision = match lifecycle {
            ClientLifecycleMode::Initialize => ProtocolVersion::V_2025_11_25,
            _ => ProtocolVersion::V_2026_07_28,
        };
        let client = McpClient::connect_as((), lifecycle, transport, &settings).await;
        let service = client.service();
        let server = service.peer_info().expect("it introduced itself");
        assert_eq!(server.protocol_version, revision);
        let tools = service.list_all_tools().await.expect("tools");
        assert_eq!(tools.len(), 13);
        let listed = client.result("list_topics", json!({})).await;
        assert_eq!(listed["topics"][0]["name"], topic.as_str());

        let resources = service.list_all_resources().await.expect("resources");
        let overview = "kafka-mcp://overview";
        assert!(resources.iter().any(|resource| resource.uri == overview));
        let read = client.resource(overview).await.expect("a report");
        assert_eq!(read["topic_count"], 1);
        let templates = service.list_all_resource_templates();
        let templates = templates.await.expect("templates");
        let report = "kafka-mcp://consumer-lag-report{?threshold}";
        assert!(
            templates
                .iter()
                .any(|template| template.uri_template == report)
        );

        let prompts = service.list_all_prompts().await.expect("prompts");
        let overview = "kafka_cluster_overview";
        assert!(prompts.iter().any(|prompt| prompt.name == overview));
        let rendered = client.prompt(overview, Value::Null).await.expect("text");
        assert!(rendered.starts_with("# "), "{rendered}");
    }
}

#[tokio::test]
async fn rmcp_hears_how_a_long_call_goes_on_and_gives_it_up() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(1).await;
    let settings = [("KAFKA_BROKERS", kafka.brokers()), ("LOG_FORMAT", "json")];
    for (lifecycle, transport) in ways() {
        let heard = Listener::default();
        let client = McpClient::connect_as(heard.clone(), lifecycle, transport, &settings).await;
        let Value::Object(arguments) =
            json!({"topics": [topic.as_str()], "position": "latest", "wait_ms": 20_000})
        else {
            panic!("an object")
        };
        let params = CallToolRequestParams::new("consume_messages").with_arguments(arguments);
        let call = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let sent = client
            .service()
            .send_cancellable_request(call, PeerRequestOptions::no_options());
        let call = sent.await.expect("sent");
        let token = call.progress_token.clone();
        let progress = eventually("progress", || async {
            heard.0.lock().expect("unpoisoned").first().cloned()
        });
        let progress = progress.await;
        assert_eq!(progress.progress_token, token);
        assert!(progress.progress > 0.0, "{progress:?}");

        call.cancel(None).await.expect("sent");
        let ended = client.logged(r#""outcome":"cancelled""#).await;
        assert!(ended.contains("consume_messages"), "{ended}");
        // The conversation goes on.
        client.result("list_topics", json!({})).await;
    }
}

/// Every lifecycle over every transport.
fn ways() -> impl Iterator<Item = (ClientLifecycleMode, Transport)> {
    let lifecycles = lifecycles().into_iter();
    lifecycles.flat_map(|lifecycle| Transport::ALL.map(|transport| (lifecycle.clone(), transport)))
}

/// Keeps what it hears of progress.
#[derive(Clone, Debug, Default)]
struct Listener(Arc<Mutex<Vec<ProgressNotificationParam>>>);

impl ClientHandler for Listener {
    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.lock().expect("unpoisoned").push(progress);
    }
}
