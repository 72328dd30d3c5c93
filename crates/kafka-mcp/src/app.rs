//! The app: views that hosts show in place of a tool's result, as the extension MCP Apps
//! (SEP-1865) defines them.
//!
//! A view is a page for a sandboxed frame. It talks to its host alone, over `postMessage`, and asks
//! the server for new numbers through the host. The pages are made of the files beside this one
//! while the server is compiled, and hold no data.

mod page;

use rmcp::model::{
    Annotations, CacheScope, ExtensionCapabilities, JsonObject, MetaObject, ReadResourceResult,
    Resource, ResourceContents, Role,
};
use serde_json::{Value, json};

/// What the server says of the app when it introduces itself.
pub(crate) fn extensions() -> ExtensionCapabilities {
    let settings = object(json!({"mimeTypes": [MIME_TYPE]}));
    ExtensionCapabilities::from([(EXTENSION.to_owned(), settings)])
}

/// A view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppView {
    /// Brokers, and the partitions that are in trouble.
    Cluster,
    /// How far consumer groups are behind, over time.
    Lag,
}

impl AppView {
    pub(crate) const ALL: [Self; 2] = [Self::Cluster, Self::Lag];

    pub(crate) fn find(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.uri() == uri)
    }

    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::Cluster => "ui://kafka/cluster.html",
            Self::Lag => "ui://kafka/lag.html",
        }
    }

    /// The view as it is listed among the resources.
    pub(crate) fn resource(self) -> Resource {
        let (name, title, description) = match self {
            Self::Cluster => (
                "cluster-view",
                "Kafka cluster, live",
                "Shows brokers, the controller, and partitions that are offline or \
                 under-replicated, for people.",
            ),
            Self::Lag => (
                "lag-view",
                "Consumer lag, live",
                "Draws how far consumer groups are behind, by group and partition and over time, \
                 for people.",
            ),
        };
        Resource::new(self.uri(), name)
            .with_title(title)
            .with_description(description)
            .with_mime_type(MIME_TYPE)
            .with_meta(resource_meta())
            .with_annotations(Annotations::default().with_audience(vec![Role::User]))
    }

    /// The view as it is read. It is the same for everybody until the server is updated.
    pub(crate) fn read(self) -> ReadResourceResult {
        let contents = ResourceContents::text(self.page(), self.uri())
            .with_mime_type(MIME_TYPE)
            .with_meta(resource_meta());
        ReadResourceResult::new(vec![contents])
            .with_ttl_ms(TTL_MS)
            .with_cache_scope(CacheScope::Public)
    }

    fn page(self) -> &'static str {
        match self {
            Self::Cluster => page::CLUSTER,
            Self::Lag => page::LAG,
        }
    }
}

/// How a tool belongs to the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppTool {
    /// Views call it. Hosts keep it from models, which is no protection of anything.
    Polled,
    /// A view shows its results.
    Shown(AppView),
}

impl AppTool {
    pub(crate) fn meta(self) -> MetaObject {
        meta(match self {
            Self::Polled => json!({"visibility": ["app"]}),
            Self::Shown(view) => json!({"resourceUri": view.uri()}),
        })
    }
}

/// Lists of what may be loaded that are empty: nothing may.
fn resource_meta() -> MetaObject {
    meta(json!({
        "csp": {
            "connectDomains": [],
            "resourceDomains": [],
            "frameDomains": [],
            "baseUriDomains": [],
        },
        "prefersBorder": true,
    }))
}

fn meta(ui: Value) -> MetaObject {
    MetaObject(object(json!({ "ui": ui })))
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

const EXTENSION: &str = "io.modelcontextprotocol/ui";
const MIME_TYPE: &str = "text/html;profile=mcp-app";

/// A day: a view that is older than its server misses what is new, and nothing else.
const TTL_MS: u64 = 86_400_000;

#[cfg(test)]
mod tests;
