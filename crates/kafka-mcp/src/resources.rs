//! What there is to see as resources, for clients that attach them to a conversation.

mod contents;
mod templates;
mod uri;

use rmcp::model::{Annotations, CacheScope, ReadResourceResult, Resource, ResourceContents, Role};
use serde_json::json;

pub(crate) use self::{
    contents::Contents,
    templates::{find as find_template, list as templates},
    uri::{GROUP_TEMPLATE, LAG_TEMPLATE, ResourceUri, TOPIC_CONFIG_TEMPLATE, TOPIC_TEMPLATE},
};
use crate::{app::AppView, call::Call, failure::Failure, suggestion};

/// The resources that can be read without choosing anything: reports, and the views of the app.
pub(crate) fn list() -> Vec<Resource> {
    let views = AppView::ALL.into_iter().map(AppView::resource);
    RESOURCES.iter().map(Entry::resource).chain(views).collect()
}

/// Measures what `uri` names, as JSON of a bounded size.
pub(crate) async fn read(call: &Call<'_>, uri: &str) -> Result<ReadResourceResult, Failure> {
    if let Some(app_view) = AppView::find(uri) {
        return Ok(app_view.read());
    }
    let contents = match Contents::measure(call, uri.parse()?).await {
        Ok(contents) => json!(contents.fit(call.max_bytes())).to_string(),
        Err(failure) => return Err(suggestion::suggest(call, failure).await),
    };
    call.check_size(&contents)?;
    let contents = ResourceContents::text(contents, uri).with_mime_type(JSON);
    // What is live is stale at once, and holds what its reader may see.
    Ok(ReadResourceResult::new(vec![contents])
        .with_ttl_ms(0)
        .with_cache_scope(CacheScope::Private))
}

/// The name under which a call for `uri` is counted.
pub(crate) fn metric_name(uri: &str) -> &'static str {
    if let Some(app_view) = AppView::find(uri) {
        return app_view.uri();
    }
    uri.parse()
        .map_or("unknown", |uri: ResourceUri| uri.plain())
}

/// A resource as it is listed.
struct Entry {
    uri: &'static str,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    priority: f32,
}

impl Entry {
    fn resource(&self) -> Resource {
        Resource::new(self.uri, self.name)
            .with_title(self.title)
            .with_description(self.description)
            .with_mime_type(JSON)
            .with_annotations(annotations(self.priority))
    }
}

fn annotations(priority: f32) -> Annotations {
    Annotations::default()
        .with_audience(vec![Role::User, Role::Assistant])
        .with_priority(priority)
}

const RESOURCES: [Entry; 4] = [
    Entry {
        uri: uri::OVERVIEW,
        name: "overview",
        title: "Kafka cluster overview",
        description: "Brokers, controller, topics and partitions in numbers, with the cluster's \
                      status: healthy, warning or critical.",
        priority: 0.9,
    },
    Entry {
        uri: uri::HEALTH_CHECK,
        name: "health-check",
        title: "Kafka health check",
        description: "The status of brokers, controller, partitions and consumer groups, each \
                      with its numbers, and what to do about what is wrong. Consumers count as a \
                      warning from a lag above 10000 on.",
        priority: 1.0,
    },
    Entry {
        uri: uri::UNDER_REPLICATED_PARTITIONS,
        name: "under-replicated-partitions",
        title: "Under-replicated partitions",
        description: "Every partition with fewer replicas in sync than it should have, the most \
                      endangered first, with the brokers that are behind and what to do.",
        priority: 0.8,
    },
    Entry {
        uri: uri::CONSUMER_LAG_REPORT,
        name: "consumer-lag-report",
        title: "Consumer lag",
        description: "Every consumer group with its state, members, topics and total lag, and the \
                      partitions whose lag is above 1000, the largest first, with what each group \
                      needs. Add ?threshold=N for another limit.",
        priority: 0.8,
    },
];

const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_listed_resource_is_one_that_can_be_read() {
        let listed = list();
        assert_eq!(listed.len(), 6);
        for resource in listed {
            assert_eq!(metric_name(&resource.uri), resource.uri);
            let is_report = resource.mime_type.as_deref() == Some("application/json");
            assert_eq!(is_report, resource.uri.starts_with("kafka-mcp://"));
            assert!(resource.title.is_some() && resource.description.is_some());
        }
    }

    #[test]
    fn resources_that_do_not_exist_are_counted_under_one_name() {
        assert_eq!(metric_name("kafka-mcp://nope"), "unknown");
        assert_eq!(metric_name("kafka-mcp://overview?x=1"), "unknown");
    }
}
