//! One topic, partition by partition.

use kafka_tools::Partition;
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

pub(super) struct DescribeTopic;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    topic_name: String,
    cursor: Option<String>,
}

impl Arguments {
    /// From the first partition on.
    pub(super) fn whole(topic_name: String) -> Self {
        Self {
            topic_name,
            cursor: None,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    topic_name: String,
    is_internal: bool,
    partition_count: usize,
    partitions: Vec<Row>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    partition_id: i32,
    /// -1: none or, with the lean engine, unknown.
    leader: i32,
    replicas: Vec<i32>,
    isr: Vec<i32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    offline_replicas: Vec<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
}

impl Tool for DescribeTopic {
    const NAME: &'static str = "describe_topic";
    const TITLE: &'static str = "Describe topic";
    const DESCRIPTION: &'static str = "\
Shows the partitions of one topic: leader (-1 is none or, with the lean engine, unknown), replicas \
and in-sync replicas of each, by partition id. For settings such as retention use describe_configs.";

    type Arguments = Arguments;
    type Output = Output;

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Output, Failure> {
        let view = call.view();
        let topic = view.topic("topic_name", &arguments.topic_name)?;
        call.about(&topic);
        let description = view.client().describe_topic(&topic).await?;
        if !view.topic_visible(&topic, description.is_internal) {
            return Err(Failure::hidden_topic(&topic));
        }
        let partition_count = description.partitions.len();
        let walk = Walk {
            cursors: call.cursors(Self::NAME, &[("topic_name", json!(topic.as_str()))]),
            cursor: arguments.cursor.as_deref(),
            limit: None,
            narrow: None,
        };
        let mut budget = call.budget(false);
        let key = |partition: &Partition| format!("{:010}", partition.id);
        let (partitions, page) = walk.page(&mut budget, description.partitions, key, Row::from)?;
        Ok(Output {
            as_of: moment::stamp(view.now()),
            topic_name: topic.to_string(),
            is_internal: description.is_internal,
            partition_count,
            partitions,
            page,
        })
    }
}

impl From<Partition> for Row {
    fn from(partition: Partition) -> Self {
        Self {
            partition_id: partition.id,
            leader: partition.leader.unwrap_or(-1),
            replicas: partition.replicas,
            isr: partition.isr,
            offline_replicas: partition.offline_replicas,
            error_code: partition.error.map(|code| code.code()),
            error_message: partition.error.map(|code| code.name()),
        }
    }
}
