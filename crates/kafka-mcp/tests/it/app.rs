use kafka_mcp::{Caller, Settings};
use rmcp::model::{CacheScope, ReadResourceRequestParams, ResourceContents};
use serde_json::{Value, json};

use crate::session::Session;

const MIME_TYPE: &str = "text/html;profile=mcp-app";
const VIEWS: [&str; 2] = ["ui://kafka/cluster.html", "ui://kafka/lag.html"];

#[tokio::test]
async fn the_server_offers_its_app_by_the_name_of_the_extension() {
    let session = Session::start(Settings::new()).await;
    let info = session.client.peer_info().unwrap();
    let info = serde_json::to_value(&*info).unwrap();
    assert_eq!(
        info["capabilities"]["extensions"],
        json!({"io.modelcontextprotocol/ui": {"mimeTypes": [MIME_TYPE]}})
    );
}

#[tokio::test]
async fn a_view_is_listed_and_read_with_a_policy_that_lets_nothing_in() {
    let session = Session::start(Settings::new()).await;
    let nothing = json!([]);
    let ui = json!({
        "csp": {
            "connectDomains": nothing,
            "resourceDomains": nothing,
            "frameDomains": nothing,
            "baseUriDomains": nothing,
        },
        "prefersBorder": true,
    });
    let listed = session.client.list_all_resources().await.unwrap();
    for uri in VIEWS {
        let resource = listed.iter().find(|resource| resource.uri == uri).unwrap();
        assert_eq!(resource.mime_type.as_deref(), Some(MIME_TYPE));
        assert_eq!(json!(resource.meta)["ui"], ui);

        let request = ReadResourceRequestParams::new(uri);
        let read = session.client.read_resource(request).await.unwrap();
        assert_eq!(read.cache_scope, Some(CacheScope::Public));
        assert!(read.ttl_ms.is_some_and(|ttl| ttl >= 3_600_000));
        let [ResourceContents::TextResourceContents { text, .. }] = read.contents.as_slice() else {
            panic!("{read:?}")
        };
        assert!(text.starts_with("<!doctype html>"));
        let contents = json!(read.contents[0]);
        assert_eq!(
            (&contents["uri"], &contents["mimeType"]),
            (&json!(uri), &json!(MIME_TYPE))
        );
        assert_eq!(contents["_meta"]["ui"], ui);
    }
    let outcomes = VIEWS.map(|uri| (uri.to_owned(), "ok".to_owned()));
    assert_eq!(session.calls.take(), outcomes);
}

#[tokio::test]
async fn tools_name_the_view_that_shows_them_and_one_is_for_views() {
    let session = Session::start(Settings::new()).await;
    let tools = session.client.list_all_tools().await.unwrap();
    let of_the_app: Vec<(&str, Value)> = tools
        .iter()
        .filter_map(|tool| Some((&*tool.name, json!(tool.meta.as_ref()?)["ui"].clone())))
        .collect();
    let [cluster, lag] = VIEWS.map(|uri| json!({"resourceUri": uri}));
    assert_eq!(
        of_the_app,
        [
            ("describe_consumer_group", lag.clone()),
            ("cluster_overview", cluster),
            ("consumer_lag", lag),
            ("poll_cluster", json!({"visibility": ["app"]})),
        ]
    );
}

/// That views alone are to call a tool is a wish: who may call it decides.
#[tokio::test]
async fn views_and_what_they_poll_need_the_grant_to_read() {
    let mut settings = Settings::new();
    settings.default_caller = Caller::new("nobody", vec![]);
    let session = Session::start(settings).await;
    for uri in VIEWS {
        let request = ReadResourceRequestParams::new(uri);
        let error = session.client.read_resource(request).await.unwrap_err();
        assert!(error.to_string().contains("kafka:read"), "{error}");
    }
    let failure = session.failure("poll_cluster", json!({})).await;
    assert_eq!(failure["code"], "access_denied");
}
