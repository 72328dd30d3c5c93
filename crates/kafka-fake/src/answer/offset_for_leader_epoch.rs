//! OffsetForLeaderEpoch (KIP-320).

use kafka_protocol::messages::{
    OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic},
    offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult},
};

use super::{Answer, Call, Outcome};
use crate::{AclOperation, ErrorCode, authorizer::Resource};

impl Answer for OffsetForLeaderEpochRequest {
    type Response = OffsetForLeaderEpochResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<OffsetForLeaderEpochResponse> {
        let is_broker = call.may(AclOperation::ClusterAction, Resource::Cluster);
        let state = call.state();
        Outcome::Reply(each(self, |topic, asked| {
            if !is_broker {
                call.authorize(AclOperation::Describe, Resource::Topic(topic))?;
            }
            let partition = state.partition(topic, asked.partition)?;
            partition.check_leader(call.node, asked.current_leader_epoch)?;
            let found = partition.epoch_end(asked.leader_epoch);
            Ok(found.unwrap_or((-1, -1)))
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> OffsetForLeaderEpochResponse {
        each(self, |_, _| Err(code))
    }
}

/// Answers with epochs and where they end.
fn each(
    request: OffsetForLeaderEpochRequest,
    find: impl Fn(&str, &OffsetForLeaderPartition) -> Result<(i32, i64), ErrorCode>,
) -> OffsetForLeaderEpochResponse {
    let answer_topic = |topic: OffsetForLeaderTopic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let found = find(&topic.topic, asked);
            let code = found.err().unwrap_or(ErrorCode::NONE);
            let (epoch, offset) = found.unwrap_or((-1, -1));
            EpochEndOffset::default()
                .with_partition(asked.partition)
                .with_error_code(code.code())
                .with_leader_epoch(epoch)
                .with_end_offset(offset)
        });
        OffsetForLeaderTopicResult::default()
            .with_partitions(partitions.collect())
            .with_topic(topic.topic)
    };
    let topics = request.topics.into_iter().map(answer_topic).collect();
    OffsetForLeaderEpochResponse::default().with_topics(topics)
}
