//! The reports as resources, for clients that attach them to a conversation.

mod uri;

use rmcp::model::{
    Annotations, CacheScope, ReadResourceResult, Resource, ResourceContents, ResourceTemplate, Role,
};
use serde_json::json;

use crate::{
    failure::Failure,
    report::{Health, Lag, LagScope, Overview, Replication},
    view::View,
};
use uri::ResourceUri;

/// The resources that can be read without choosing anything.
pub(crate) fn list() -> Vec<Resource> {
    RESOURCES.iter().map(Entry::resource).collect()
}

/// The resources that take a parameter.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(uri::LAG_TEMPLATE, "consumer-lag-report-with-threshold")
            .with_title("Consumer lag above a threshold")
            .with_description(
                "The consumer lag report with the partitions whose lag is strictly above \
                 threshold, a number of records; 1000 if left out.",
            )
            .with_mime_type(JSON)
            .with_annotations(annotations(0.7)),
    ]
}

/// Measures what `uri` names, as JSON of at most `max_bytes` but for what has no rows to drop.
pub(crate) async fn read(
    view: View<'_>,
    uri: &str,
    max_bytes: usize,
) -> Result<ReadResourceResult, Failure> {
    let report = match uri.parse()? {
        ResourceUri::Overview => json!(Overview::measure(view).await?),
        ResourceUri::HealthCheck => json!(Health::measure(view).await?),
        ResourceUri::UnderReplicatedPartitions => {
            json!(Replication::measure(view).await?.fit(max_bytes))
        }
        ResourceUri::ConsumerLagReport { threshold } => {
            let scope = LagScope {
                threshold,
                ..LagScope::default()
            };
            json!(Lag::measure(view, &scope).await?.fit(max_bytes))
        }
    };
    let contents = ResourceContents::text(report.to_string(), uri).with_mime_type(JSON);
    // A live report is stale at once, and holds what its reader may see.
    Ok(ReadResourceResult::new(vec![contents])
        .with_ttl_ms(0)
        .with_cache_scope(CacheScope::Private))
}

/// The name under which a call for `uri` is counted.
pub(crate) fn metric_name(uri: &str) -> &'static str {
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
        assert_eq!(listed.len(), 4);
        for resource in listed {
            assert_eq!(metric_name(&resource.uri), resource.uri);
            assert_eq!(resource.mime_type.as_deref(), Some("application/json"));
            assert!(resource.title.is_some() && resource.description.is_some());
        }
    }

    #[test]
    fn the_template_expands_to_the_lag_report() {
        let [template] = templates().try_into().unwrap();
        assert_eq!(
            template.uri_template,
            "kafka-mcp://consumer-lag-report{?threshold}"
        );
        let expanded = template
            .uri_template
            .replace("{?threshold}", "?threshold=5");
        assert_eq!(metric_name(&expanded), "kafka-mcp://consumer-lag-report");
    }

    #[test]
    fn resources_that_do_not_exist_are_counted_under_one_name() {
        assert_eq!(metric_name("kafka-mcp://nope"), "unknown");
        assert_eq!(metric_name("kafka-mcp://overview?x=1"), "unknown");
    }
}
