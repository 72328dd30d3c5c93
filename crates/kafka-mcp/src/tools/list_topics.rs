//! Which topics there are.

use kafka_tools::TopicSummary;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Tool;
use crate::{
    call::Call,
    failure::Failure,
    moment,
    page::{Page, Walk},
};

pub(super) struct ListTopics;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    /// Only names that contain this, in any case.
    name_contains: Option<String>,
    #[serde(default = "yes")]
    include_internal: bool,
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    topics: Vec<Row>,
    /// How many topics match, on all pages.
    total: usize,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    name: String,
    partition_count: usize,
    replication_factor: usize,
    is_internal: bool,
}

impl Tool for ListTopics {
    const NAME: &'static str = "list_topics";
    const TITLE: &'static str = "List topics";
    const DESCRIPTION: &'static str = "\
Lists topics by name, to find one or to see what a cluster holds. Returns partition counts and \
replication factors, sorted by name.";

    type Arguments = Arguments;
    type Output = Output;

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Output, Failure> {
        let Arguments {
            name_contains,
            include_internal,
            limit,
            cursor,
        } = arguments;
        let view = call.view();
        let wanted = name_contains.unwrap_or_default().to_lowercase();
        let mut topics = view.client().list_topics().await?.topics;
        topics.retain(|topic| {
            view.topic_visible(&topic.name, topic.is_internal)
                && (include_internal || !topic.is_internal)
                && topic.name.as_str().to_lowercase().contains(&wanted)
        });
        let total = topics.len();

        let walk = Walk {
            cursors: call.cursors(
                Self::NAME,
                &[
                    ("name_contains", json!(wanted)),
                    ("include_internal", json!(include_internal)),
                ],
            ),
            cursor: cursor.as_deref(),
            limit,
            narrow: Some("name_contains"),
        };
        let mut budget = call.budget(limit.is_some());
        let (topics, page) = walk.page(
            &mut budget,
            topics,
            |topic| topic.name.to_string(),
            Row::from,
        )?;
        Ok(Output {
            as_of: moment::stamp(view.now()),
            topics,
            total,
            page,
        })
    }
}

impl From<TopicSummary> for Row {
    fn from(topic: TopicSummary) -> Self {
        Self {
            name: topic.name.to_string(),
            partition_count: topic.partition_count,
            replication_factor: topic.replication_factor,
            is_internal: topic.is_internal,
        }
    }
}

fn yes() -> bool {
    true
}
