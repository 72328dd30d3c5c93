//! The resources that take parameters.

use rmcp::model::ResourceTemplate;

use super::{
    JSON, annotations,
    uri::{GROUP_TEMPLATE, LAG_TEMPLATE, TOPIC_CONFIG_TEMPLATE, TOPIC_TEMPLATE},
};
use crate::{
    failure::{Code, Failure},
    nearest::nearest,
    text,
};

/// The templates.
pub(crate) fn list() -> Vec<ResourceTemplate> {
    TEMPLATES.iter().map(Entry::template).collect()
}

/// The template that is spelt like this.
pub(crate) fn find(template: &str) -> Result<&'static str, Failure> {
    let mut known = TEMPLATES.iter().map(|entry| entry.uri);
    known.find(|uri| *uri == template).ok_or_else(|| {
        let known = || TEMPLATES.iter().map(|entry| entry.uri);
        let message = format!("there is no resource template {}", text::excerpt(template));
        Failure::new(Code::UnknownTemplate, message)
            .hint(format!(
                "the templates are {}",
                known().collect::<Vec<_>>().join(", ")
            ))
            .suggest(nearest(template, known()))
    })
}

/// A template as it is listed.
struct Entry {
    uri: &'static str,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    priority: f32,
}

impl Entry {
    fn template(&self) -> ResourceTemplate {
        ResourceTemplate::new(self.uri, self.name)
            .with_title(self.title)
            .with_description(self.description)
            .with_mime_type(JSON)
            .with_annotations(annotations(self.priority))
    }
}

const TEMPLATES: [Entry; 4] = [
    Entry {
        uri: LAG_TEMPLATE,
        name: "consumer-lag-report-with-threshold",
        title: "Consumer lag above a threshold",
        description: "The consumer lag report with the partitions whose lag is strictly above \
                      threshold, a number of records; 1000 if left out.",
        priority: 0.7,
    },
    Entry {
        uri: TOPIC_TEMPLATE,
        name: "topic",
        title: "One topic",
        description: "The partitions of a topic with leaders and replicas, as describe_topic \
                      shows them; that tool takes next_cursor where there are more.",
        priority: 0.6,
    },
    Entry {
        uri: GROUP_TEMPLATE,
        name: "group",
        title: "One consumer group",
        description: "The state, members, committed offsets and lags of a consumer group, as \
                      describe_consumer_group shows them; that tool takes next_cursor where there \
                      are more.",
        priority: 0.6,
    },
    Entry {
        uri: TOPIC_CONFIG_TEMPLATE,
        name: "topic-config",
        title: "One setting of a topic",
        description: "The value of a topic's setting, such as retention.ms, and where it comes \
                      from.",
        priority: 0.5,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::metric_name;

    #[test]
    fn each_template_expands_to_a_resource_that_can_be_read() {
        let expanded: Vec<_> = list()
            .iter()
            .map(|template| {
                let uri = template
                    .uri_template
                    .replace("{?threshold}", "?threshold=5");
                let uri = uri.replace("{name}", "orders").replace("{id}", "billing");
                metric_name(&uri.replace("{key}", "retention.ms"))
            })
            .collect();
        let counted = [
            "kafka-mcp://consumer-lag-report",
            "kafka-mcp://topic/{name}",
            "kafka-mcp://group/{id}",
            "kafka-mcp://topic/{name}/config/{key}",
        ];
        assert_eq!(expanded, counted);
    }

    #[test]
    fn a_template_is_found_by_its_spelling_or_suggested() {
        assert_eq!(find("kafka-mcp://topic/{name}").unwrap(), TOPIC_TEMPLATE);
        let failure = find("kafka-mcp://topics/{name}").unwrap_err();
        assert_eq!(failure.code(), Code::UnknownTemplate);
        assert_eq!(failure.did_you_mean()[0], TOPIC_TEMPLATE);
    }
}
