//! DeleteRecords (KIP-107).

use kafka_protocol::messages::{
    DeleteRecordsRequest, DeleteRecordsResponse,
    delete_records_request::DeleteRecordsTopic,
    delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult},
};

use super::{Answer, Call, Outcome};
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State};

impl Answer for DeleteRecordsRequest {
    type Response = DeleteRecordsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DeleteRecordsResponse> {
        let mut state = call.state();
        Outcome::Reply(each(self, |topic, partition, offset| {
            call.authorize(AclOperation::Delete, Resource::Topic(topic))?;
            call.check_partition(topic, partition)?;
            delete(&mut state, call.node, topic, partition, offset)
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DeleteRecordsResponse {
        each(self, |_, _, _| Err(code))
    }
}

fn each(
    request: DeleteRecordsRequest,
    mut delete: impl FnMut(&str, i32, i64) -> Result<i64, ErrorCode>,
) -> DeleteRecordsResponse {
    let mut answer_topic = |topic: DeleteRecordsTopic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let deleted = delete(&topic.name, partition.partition_index, partition.offset);
            DeleteRecordsPartitionResult::default()
                .with_partition_index(partition.partition_index)
                .with_low_watermark(deleted.unwrap_or(-1))
                .with_error_code(deleted.err().unwrap_or(ErrorCode::NONE).code())
        });
        DeleteRecordsTopicResult::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name)
    };
    let topics = request.topics.into_iter().map(&mut answer_topic).collect();
    DeleteRecordsResponse::default().with_topics(topics)
}

/// The first offset that is left.
fn delete(
    state: &mut State,
    node: i32,
    topic: &str,
    partition: i32,
    offset: i64,
) -> Result<i64, ErrorCode> {
    let is_deletable = state.topic(topic)?.is_deletable();
    let partition = state.partition_mut(topic, partition)?;
    partition.check_leader(node, -1)?;
    if !is_deletable {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    partition.log.delete_before(offset)?;
    Ok(partition.log.start())
}
