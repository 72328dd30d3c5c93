//! The lag report as a tool.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Tool;
use crate::{
    app::{AppTool, AppView},
    call::Call,
    failure::Failure,
    report::{Lag, LagScope, Threshold},
};

pub(super) struct ConsumerLag;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    #[serde(default = "default_threshold")]
    #[schemars(range(min = 0))]
    threshold: i64,
    group_id: Option<String>,
    topic: Option<String>,
}

impl Tool for ConsumerLag {
    const NAME: &'static str = "consumer_lag";
    const TITLE: &'static str = "Consumer lag";
    const DESCRIPTION: &'static str = "\
Measures how many records consumer groups are behind, for all groups or for one group or topic. \
Returns a line per group, the largest lag first, and the partitions above the threshold. A lag of \
null is unknown: nothing was committed.";
    const APP: Option<AppTool> = Some(AppTool::Shown(AppView::Lag));

    type Arguments = Arguments;
    type Output = Lag;

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Lag, Failure> {
        let view = call.view();
        let Arguments {
            threshold,
            group_id,
            topic,
        } = arguments;
        let group_id = group_id.map(|id| view.group("group_id", &id)).transpose()?;
        let topic = topic.map(|name| view.topic("topic", &name)).transpose()?;
        topic.iter().for_each(|topic| call.about(topic));
        let scope = LagScope {
            threshold: Threshold::new(threshold)?,
            group_id,
            topic,
        };
        Ok(Lag::measure(view, &scope).await?.fit(call.max_bytes()))
    }
}

fn default_threshold() -> i64 {
    Threshold::default().get()
}
