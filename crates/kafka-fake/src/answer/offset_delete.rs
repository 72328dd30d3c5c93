//! OffsetDelete (KIP-496).

use kafka_protocol::messages::{
    OffsetDeleteRequest, OffsetDeleteResponse,
    offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
};

use super::{Answer, Call, Outcome};
use crate::{AclOperation, ErrorCode, authorizer::Resource, groups::CONSUMER};

impl Answer for OffsetDeleteRequest {
    type Response = OffsetDeleteResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Delete, Resource::Group(&self.group_id))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<OffsetDeleteResponse> {
        let mut guard = call.groups();
        let state = &mut *guard;
        if let Err(code) = state.check_coordinator(&self.group_id, call.node) {
            return Outcome::Reply(self.refuse(call.version, code));
        }
        let Some(group) = state.groups.find(&self.group_id) else {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::GROUP_ID_NOT_FOUND));
        };
        if !group.is_empty() && group.protocol_type() != CONSUMER {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::NON_EMPTY_GROUP));
        }
        let topics = self.topics.into_iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| {
                let id = partition.partition_index;
                let known = call
                    .authorize(AclOperation::Read, Resource::Topic(&topic.name))
                    .and_then(|()| state.partition(&topic.name, id).map(|_| ()));
                let group = state.groups.find_mut(&self.group_id);
                let known = known.and_then(|()| match group {
                    Some(group) if group.is_subscribed_to(&topic.name) => {
                        Err(ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC)
                    }
                    Some(group) => {
                        group.offsets.remove(&(topic.name.to_string(), id));
                        let deleted = (&*self.group_id.0, &*topic.name.0, id);
                        let forget = |group: &_, topic: &_, id| (group, topic, id) == deleted;
                        state.transactions.forget(forget);
                        Ok(())
                    }
                    None => Err(ErrorCode::GROUP_ID_NOT_FOUND),
                });
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
