//! The replication report as a tool.

use super::{NoArguments, Tool};
use crate::{call::Call, failure::Failure, report::Replication};

pub(super) struct UnderReplicatedPartitions;

impl Tool for UnderReplicatedPartitions {
    const NAME: &'static str = "under_replicated_partitions";
    const TITLE: &'static str = "Under-replicated partitions";
    const DESCRIPTION: &'static str = "\
Lists the partitions with fewer replicas in sync than they should have, the most endangered \
first, with the brokers that are missing and next steps. Partitions without a leader are counted, \
not listed.";

    type Arguments = NoArguments;
    type Output = Replication;

    async fn run(call: &Call<'_>, NoArguments {}: NoArguments) -> Result<Replication, Failure> {
        Ok(Replication::measure(call.view())
            .await?
            .fit(call.max_bytes()))
    }
}
