//! ListOffsets.

use kafka_protocol::messages::{
    ListOffsetsRequest, ListOffsetsResponse,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
    list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse},
};

use super::{Answer, Call, Outcome};
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State};

impl Answer for ListOffsetsRequest {
    type Response = ListOffsetsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<ListOffsetsResponse> {
        let state = call.state();
        let committed = self.isolation_level == READ_COMMITTED;
        Outcome::Reply(each(self, |topic, partition| {
            let (offset, time, epoch) = look_up(&state, call, topic, partition, committed)?;
            // Older versions have no room for the epoch.
            Ok((
                offset,
                time,
                if call.version >= EPOCHS { epoch } else { -1 },
            ))
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ListOffsetsResponse {
        each(self, |_, _| Err(code))
    }
}

/// Offset, time and epoch.
type Found = (i64, i64, i32);

fn each(
    request: ListOffsetsRequest,
    mut look_up: impl FnMut(&str, &ListOffsetsPartition) -> Result<Found, ErrorCode>,
) -> ListOffsetsResponse {
    let mut answer_topic = |topic: ListOffsetsTopic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let (code, (offset, time, epoch)) = match look_up(&topic.name, partition) {
                Ok(found) => (ErrorCode::NONE, found),
                Err(code) => (code, NOTHING),
            };
            ListOffsetsPartitionResponse::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code.code())
                .with_offset(offset)
                .with_timestamp(time)
                .with_leader_epoch(epoch)
        });
        ListOffsetsTopicResponse::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name)
    };
    let topics = request.topics.into_iter().map(&mut answer_topic).collect();
    ListOffsetsResponse::default().with_topics(topics)
}

fn look_up(
    state: &State,
    call: &Call<'_>,
    topic: &str,
    asked: &ListOffsetsPartition,
    committed: bool,
) -> Result<Found, ErrorCode> {
    call.authorize(AclOperation::Describe, Resource::Topic(topic))?;
    call.check_partition(topic, asked.partition_index)?;
    let partition = state.partition(topic, asked.partition_index)?;
    partition.check_leader(call.node, asked.current_leader_epoch)?;
    let (log, epoch) = (&partition.log, partition.leader_epoch);
    let end = if committed {
        log.stable_end()
    } else {
        log.end()
    };
    let visible = |found: &Found| found.0 < end;
    match asked.timestamp {
        time if time >= 0 => Ok(log.first_since(time).filter(visible).unwrap_or(NOTHING)),
        LATEST => Ok((end, -1, epoch)),
        EARLIEST => Ok((log.start(), -1, epoch)),
        MAX_TIMESTAMP if call.version >= 7 => Ok(log.latest().filter(visible).unwrap_or(NOTHING)),
        // Nothing is in another tier of storage.
        EARLIEST_LOCAL if call.version >= 8 => Ok((log.start(), -1, epoch)),
        LATEST_TIERED if call.version >= 9 => Ok(NOTHING),
        _ => Err(ErrorCode::UNSUPPORTED_VERSION),
    }
}

/// How no record is reported.
const NOTHING: Found = (-1, -1, -1);

/// The first version that tells the epoch.
const EPOCHS: i16 = 4;

const READ_COMMITTED: i8 = 1;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
/// KIP-734.
const MAX_TIMESTAMP: i64 = -3;
/// KIP-405.
const EARLIEST_LOCAL: i64 = -4;
/// KIP-1005.
const LATEST_TIERED: i64 = -5;
