//! DescribeProducers (KIP-664).

use kafka_protocol::messages::{
    DescribeProducersRequest, DescribeProducersResponse,
    describe_producers_request::TopicRequest,
    describe_producers_response::{PartitionResponse, ProducerState, TopicResponse},
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource};

impl Answer for DescribeProducersRequest {
    type Response = DescribeProducersResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeProducersResponse> {
        let state = call.state();
        Outcome::Reply(each(self, |topic, id| {
            call.authorize(AclOperation::Read, Resource::Topic(topic))?;
            let partition = state.partition(topic, id)?;
            partition.check_leader(call.node, -1)?;
            let active = partition.log.active_producers().map(|active| {
                ProducerState::default()
                    .with_producer_id(active.id.into())
                    .with_producer_epoch(active.epoch.into())
                    .with_last_sequence(active.last_sequence)
                    .with_last_timestamp(active.last_timestamp)
                    .with_coordinator_epoch(active.coordinator_epoch)
                    .with_current_txn_start_offset(active.transaction_start)
            });
            Ok(active.collect())
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DescribeProducersResponse {
        each(self, |_, _| Err(code))
    }
}

fn each(
    request: DescribeProducersRequest,
    find: impl Fn(&str, i32) -> Result<Vec<ProducerState>, ErrorCode>,
) -> DescribeProducersResponse {
    let answer_topic = |topic: TopicRequest| {
        let partitions = topic.partition_indexes.iter().map(|id| {
            let found = PartitionResponse::default().with_partition_index(*id);
            match find(&topic.name, *id) {
                Ok(active) => found.with_active_producers(active),
                Err(code) => found
                    .with_error_code(code.code())
                    .with_error_message(Some(text(code.to_string()))),
            }
        });
        TopicResponse::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name)
    };
    let topics = request.topics.into_iter().map(answer_topic).collect();
    DescribeProducersResponse::default().with_topics(topics)
}
