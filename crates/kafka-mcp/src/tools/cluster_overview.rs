//! The cluster in numbers.

use schemars::JsonSchema;
use serde::Serialize;

use super::{NoArguments, Tool};
use crate::{
    app::{AppTool, AppView},
    call::Call,
    failure::Failure,
    moment,
};

pub(super) struct ClusterOverview;

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    cluster_id: Option<String>,
    controller_id: Option<i32>,
    broker_count: usize,
    topic_count: usize,
    partition_count: usize,
    under_replicated_partitions_count: usize,
    offline_partitions_count: usize,
    offline_broker_ids: Vec<i32>,
}

impl Tool for ClusterOverview {
    const NAME: &'static str = "cluster_overview";
    const TITLE: &'static str = "Cluster overview";
    const DESCRIPTION: &'static str = "\
Counts brokers, topics and partitions, and what is offline or under-replicated: the cluster at a \
glance. topic_count leaves internal topics out, partition_count has them.";
    const APP: Option<AppTool> = Some(AppTool::Shown(AppView::Cluster));

    type Arguments = NoArguments;
    type Output = Output;

    async fn run(call: &Call<'_>, NoArguments {}: NoArguments) -> Result<Output, Failure> {
        let view = call.view();
        let overview = view.client().overview().await?;
        Ok(Output {
            as_of: moment::stamp(view.now()),
            cluster_id: overview.cluster_id,
            controller_id: overview.controller_id,
            broker_count: overview.brokers.len(),
            topic_count: overview.topic_count,
            partition_count: overview.partition_count,
            under_replicated_partitions_count: overview.under_replicated_partitions,
            offline_partitions_count: overview.offline_partitions,
            offline_broker_ids: overview.offline_broker_ids,
        })
    }
}
