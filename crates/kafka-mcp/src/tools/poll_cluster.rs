//! What the views of the app draw, in one call.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Tool;
use crate::{
    app::AppTool,
    call::Call,
    failure::Failure,
    report::{LagScope, Snapshot},
};

pub(super) struct PollCluster;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    #[serde(default)]
    include_lag: bool,
    group_id: Option<String>,
    topic: Option<String>,
}

impl Tool for PollCluster {
    const NAME: &'static str = "poll_cluster";
    const TITLE: &'static str = "Poll cluster";
    const DESCRIPTION: &'static str = "\
Measures what this server's views draw: brokers, partitions in trouble, and where groups stand.";
    const APP: Option<AppTool> = Some(AppTool::Polled);

    type Arguments = Arguments;
    type Output = Snapshot;

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Snapshot, Failure> {
        let view = call.view();
        let Arguments {
            include_lag,
            group_id,
            topic,
        } = arguments;
        let group_id = group_id.map(|id| view.group("group_id", &id)).transpose()?;
        let topic = topic.map(|name| view.topic("topic", &name)).transpose()?;
        topic.iter().for_each(|topic| call.about(topic));
        let scope = include_lag.then_some(LagScope {
            group_id,
            topic,
            ..LagScope::default()
        });
        Snapshot::measure(view, scope.as_ref(), call.budget(false)).await
    }
}
