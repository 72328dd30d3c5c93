use kafka_mcp::Settings;
use rmcp::{
    ServiceError,
    model::{CacheScope, ErrorCode, GetPromptRequestParams, ReadResourceRequestParams},
};

use serde_json::{Value, json};

use crate::session::Session;

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
async fn the_server_introduces_itself() {
    let session = Session::start(Settings::new()).await;
    let info = session.client.peer_info().unwrap();
    let info = serde_json::to_value(&*info).unwrap();
    assert_eq!(info["serverInfo"]["name"], "kafka-mcp-server");
    assert_eq!(info["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    for capability in ["tools", "resources", "prompts"] {
        assert!(info["capabilities"][capability].is_object(), "{info}");
    }
    assert!(info["instructions"].as_str().unwrap().len() < 1_000);
}

#[tokio::test]
async fn lists_that_depend_on_the_caller_are_cached_by_the_caller_alone() {
    let session = Session::start(Settings::new()).await;
    let tools = session.client.list_tools(None).await.unwrap();
    assert_eq!(tools.cache_scope, Some(CacheScope::Private));
    assert!(tools.ttl_ms.is_some_and(|ttl| ttl > 0));
    let prompts = session.client.list_prompts(None).await.unwrap();
    assert_eq!(prompts.cache_scope, Some(CacheScope::Public));
}

#[tokio::test]
async fn unknown_names_are_protocol_errors_with_suggestions_and_one_metric_label() {
    let session = Session::start(Settings::new()).await;
    let error = session.call("list_topic", json!({})).await.unwrap_err();
    assert_eq!(data(error)["did_you_mean"], json!(["list_topics"]));

    let request = ReadResourceRequestParams::new("kafka-mcp://nonsense");
    let error = session.client.read_resource(request).await.unwrap_err();
    assert_eq!(data(error)["code"], "unknown_resource");

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
