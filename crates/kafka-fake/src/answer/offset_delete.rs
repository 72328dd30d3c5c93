//! OffsetDelete (KIP-496).

use kafka_protocol::messages::{
    OffsetDeleteRequest, OffsetDeleteResponse,
    offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
};

use super::{Answer, Call, Outcome};
use crate::ErrorCode;

impl Answer for OffsetDeleteRequest {
    type Response = OffsetDeleteResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<OffsetDeleteResponse> {
        let mut state = call.state();
        if let Err(code) = state.check_coordinator(&self.group_id, call.node) {
            return Outcome::Reply(self.refuse(call.version, code));
        }
        if state.groups.find(&self.group_id).is_none() {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::GROUP_ID_NOT_FOUND));
        }
        let topics = self.topics.into_iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| {
                let id = partition.partition_index;
                let known = state.partition(&topic.name, id).map(|_| ());
                if let Some(group) = state.groups.find_mut(&self.group_id) {
                    group.offsets.remove(&(topic.name.to_string(), id));
                }
                let code = known.err().unwrap_or(ErrorCode::NONE);
                OffsetDeleteResponsePartition::default()
                    .with_partition_index(id)
                    .with_error_code(code.code())
            });
            OffsetDeleteResponseTopic::default()
                .with_partitions(partitions.collect())
                .with_name(topic.name.clone())
        });
        Outcome::Reply(OffsetDeleteResponse::default().with_topics(topics.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> OffsetDeleteResponse {
        OffsetDeleteResponse::default().with_error_code(code.code())
    }
}
