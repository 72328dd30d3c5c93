use kafka_fake::Cluster;
use kafka_mcp::{Caller, Settings};
use rmcp::{
    ClientLifecycleMode, ClientServiceExt, ServiceError,
    model::{
        CacheScope, ErrorCode, GetPromptRequestParams, ProtocolVersion, ReadResourceRequestParams,
        RequestMetaObject,
    },
};
use serde_json::{Value, json};

use crate::session::{Session, serve};

/// The lists are what clients and models are written against. After a change that is meant,
/// `UPDATE_CONTRACT=1 cargo test -p kafka-mcp` writes the file anew.
#[tokio::test]
async fn the_lists_are_the_committed_ones() {
    let session = Session::start(Settings::new()).await;
    let contract = json!({
        "tools": session.client.list_all_tools().await.unwrap(),
        "resources": session.client.list_all_resources().await.unwrap(),
        "resource_templates": session.client.list_all_resource_templates().await.unwrap(),
        "prompts": session.client.list_all_prompts().await.unwrap(),
    });
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/contract.json");
    if option_env!("UPDATE_CONTRACT").is_some() {
        std::fs::write(path, format!("{contract:#}\n")).unwrap();
    }
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for list in ["tools", "resources", "resource_templates", "prompts"] {
        assert_eq!(contract[list], committed[list], "{list} changed");
    }
}

#[tokio::test]
async fn the_server_introduces_itself_in_every_revision() {
    for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
        let (near, _calls, _server) = serve(Settings::new(), "127.0.0.1:1");
        let client = ().serve_with_lifecycle(near, lifecycle).await.unwrap();
        let info = serde_json::to_value(&*client.peer_info().unwrap()).unwrap();
        let server = &info["serverInfo"];
        assert_eq!(server["name"], "kafka-mcp-server");
        assert_eq!(server["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(server["websiteUrl"], env!("CARGO_PKG_REPOSITORY"));
        assert_eq!(server["icons"][0]["mimeType"], "image/svg+xml");
        for capability in ["completions", "tools", "resources", "prompts"] {
            assert!(info["capabilities"][capability].is_object(), "{info}");
        }
        assert!(info["instructions"].as_str().unwrap().len() < 1_000);
    }
}

/// All that a client may keep, as it is on the wire.
async fn kept(settings: Settings) -> Vec<(&'static str, Value)> {
    let session = Session::start(settings).await;
    let client = &session.client;
    vec![
        ("tools", json!(client.list_tools(None).await.unwrap())),
        (
            "resources",
            json!(client.list_resources(None).await.unwrap()),
        ),
        (
            "templates",
            json!(client.list_resource_templates(None).await.unwrap()),
        ),
        ("prompts", json!(client.list_prompts(None).await.unwrap())),
    ]
}

#[tokio::test]
async fn lists_that_depend_on_the_caller_are_kept_for_the_caller_alone() {
    let mut settings = Settings::new();
    settings.default_caller = Caller::new("nobody", Vec::new());
    settings.access.read_only = true;
    let of_nobody = kept(settings).await;
    for ((list, all), (_, of_nobody)) in kept(Settings::new()).await.into_iter().zip(of_nobody) {
        let scope = if all == of_nobody {
            "public"
        } else {
            "private"
        };
        assert_eq!(all["cacheScope"], scope, "{list}");
        assert_eq!(of_nobody["cacheScope"], scope, "{list}");
        assert_eq!(scope == "private", list == "tools", "{list}");
        assert!(all["ttlMs"].as_u64().is_some_and(|ttl| ttl > 0), "{list}");
    }
}

#[tokio::test]
async fn lists_have_the_same_order_always() {
    let first = kept(Settings::new()).await;
    for _ in 0..3 {
        assert_eq!(kept(Settings::new()).await, first);
    }
}

#[tokio::test]
async fn what_the_server_can_do_is_the_same_for_all_and_what_it_measures_is_not_kept() {
    let (near, _calls, _server) = serve(Settings::new(), "127.0.0.1:1");
    let client = ().serve_with_lifecycle(near, modern()).await.unwrap();
    let discovered = client.discover(RequestMetaObject::default()).await.unwrap();
    assert_eq!(discovered.cache_scope, CacheScope::Public);
    assert!(discovered.ttl_ms > 0);

    let kafka = Cluster::builder().start().await.unwrap();
    let session = Session::start_with(Settings::new(), &kafka.bootstrap_servers()).await;
    let request = ReadResourceRequestParams::new("kafka-mcp://overview");
    let read = session.client.read_resource(request).await.unwrap();
    assert_eq!(
        (read.ttl_ms, read.cache_scope),
        (Some(0), Some(CacheScope::Private))
    );
}

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    }
}

#[tokio::test]
async fn unknown_names_are_protocol_errors_with_suggestions_and_one_metric_label() {
    let session = Session::start(Settings::new()).await;
    let error = session.call("list_topic", json!({})).await.unwrap_err();
    assert_eq!(data(error)["did_you_mean"], json!(["list_topics"]));

    let request = ReadResourceRequestParams::new("kafka-mcp://nonsense");
    let error = data(session.client.read_resource(request).await.unwrap_err());
    assert_eq!(error["code"], "unknown_resource");
    assert_eq!(error["uri"], "kafka-mcp://nonsense");

    let request = GetPromptRequestParams::new("kafka_nonsense");
    let error = session.client.get_prompt(request).await.unwrap_err();
    assert_eq!(data(error)["code"], "unknown_prompt");

    let labels: Vec<_> = session.calls.take();
    let expected = ["unknown_tool", "unknown_resource", "unknown_prompt"];
    assert_eq!(
        labels,
        expected.map(|code| ("unknown".to_owned(), code.to_owned()))
    );
}

fn data(error: ServiceError) -> Value {
    let ServiceError::McpError(error) = error else {
        panic!("{error:?}")
    };
    assert!([ErrorCode::INVALID_PARAMS, ErrorCode::RESOURCE_NOT_FOUND].contains(&error.code));
    error.data.unwrap()
}
