//! The health check as a tool.

use super::{NoArguments, Tool};
use crate::{call::Call, failure::Failure, report::Health};

pub(super) struct ClusterHealth;

impl Tool for ClusterHealth {
    const NAME: &'static str = "cluster_health";
    const TITLE: &'static str = "Cluster health";
    const DESCRIPTION: &'static str = "\
Checks brokers, controller, partitions and consumer lag: the first thing to ask when something is \
wrong. Returns healthy, warning or critical for each, with likely causes and next steps. A lag \
above 10,000 in a partition is a warning.";

    type Arguments = NoArguments;
    type Output = Health;

    async fn run(call: &Call<'_>, NoArguments {}: NoArguments) -> Result<Health, Failure> {
        Health::measure(call.view()).await
    }
}
