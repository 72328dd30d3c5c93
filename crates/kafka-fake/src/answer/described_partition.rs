//! What all requests for metadata tell of a partition.

use kafka_protocol::messages::BrokerId;

use super::Call;
use crate::{ErrorCode, partition::Partition, state::State};

/// A partition as a node describes it.
pub(super) struct DescribedPartition {
    pub(super) code: i16,
    pub(super) index: i32,
    pub(super) leader: BrokerId,
    pub(super) leader_epoch: i32,
    pub(super) replicas: Vec<BrokerId>,
    pub(super) isr: Vec<BrokerId>,
    pub(super) offline: Vec<BrokerId>,
}

impl DescribedPartition {
    /// A partition that a fault happens to is one without a leader.
    pub(super) fn of(
        state: &State,
        call: &Call<'_>,
        (topic, index): (&str, i32),
        partition: &Partition,
    ) -> Self {
        let leader = call.check_partition(topic, index);
        let leader = leader.and_then(|()| partition.leader.ok_or(ErrorCode::LEADER_NOT_AVAILABLE));
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
        Self {
            code: leader.err().unwrap_or(ErrorCode::NONE).code(),
            index,
            leader: BrokerId(leader.unwrap_or(-1)),
            leader_epoch: partition.leader_epoch,
            replicas: ids(&partition.replicas),
            isr: ids(&partition.isr),
            offline: ids(&partition.offline(&state.brokers)),
        }
    }
}
