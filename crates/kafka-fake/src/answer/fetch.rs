//! Fetch.

use std::time::Duration;

use kafka_protocol::messages::{
    FetchRequest, FetchResponse, TopicName,
    fetch_request::{FetchPartition, FetchTopic},
    fetch_response::{
        AbortedTransaction, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
    },
};
use tokio::time::{Instant, timeout_at};

use super::{Answer, Call, Outcome, leader, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State};

impl Answer for FetchRequest {
    type Response = FetchResponse;

    /// Waits until there is as much to read as the client wants, or its time is over.
    async fn answer(self, call: &Call<'_>) -> Outcome<FetchResponse> {
        // KIP-227: no session is ever made, so clients ask for everything each time.
        if !matches!(self.session_epoch, NO_SESSION | NEW_SESSION) {
            let code = ErrorCode::FETCH_SESSION_ID_NOT_FOUND.code();
            return Outcome::Reply(FetchResponse::default().with_error_code(code));
        }
        let wait = Duration::from_millis(u64::try_from(self.max_wait_ms).unwrap_or_default());
        let deadline = Instant::now() + wait;
        let enough = usize::try_from(self.min_bytes).unwrap_or_default();
        loop {
            // Registered before looking, or what happens in between would be missed.
            let changed = call.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let reading = read(&call.state(), call, &self);
            if reading.is_final || reading.bytes >= enough || Instant::now() >= deadline {
                return Outcome::Reply(reading.response);
            }
            if timeout_at(deadline, changed).await.is_err() {
                return Outcome::Reply(read(&call.state(), call, &self).response);
            }
        }
    }

    fn refuse(self, _: i16, code: ErrorCode) -> FetchResponse {
        let topics = self.topics.into_iter().map(|topic| {
            let partitions = topic.partitions.iter();
            let refused = partitions.map(|partition| refused(partition.partition, code));
            FetchableTopicResponse::default()
                .with_partitions(refused.collect())
                .with_topic(topic.topic)
                .with_topic_id(topic.topic_id)
        });
        FetchResponse::default().with_responses(topics.collect())
    }
}

/// What there is to read.
struct Reading {
    response: FetchResponse,
    bytes: usize,
    /// Waiting would not change it.
    is_final: bool,
}

fn read(state: &State, call: &Call<'_>, request: &FetchRequest) -> Reading {
    let max_bytes = usize::try_from(request.max_bytes).unwrap_or_default();
    let mut reading = Reading {
        response: FetchResponse::default(),
        bytes: 0,
        is_final: request.topics.is_empty(),
    };
    for topic in &request.topics {
        let name = state.resolve(&topic.topic, topic.topic_id);
        let mut partitions = Vec::new();
        for asked in &topic.partitions {
            let room = max_bytes.min(MAX_BYTES).saturating_sub(reading.bytes);
            let found = name.as_ref().map_err(|code| *code).and_then(|name| {
                let committed = request.isolation_level == READ_COMMITTED;
                let reader = Reader {
                    node: call.node,
                    room,
                    is_first: reading.bytes == 0,
                    committed,
                };
                call.authorize(AclOperation::Read, Resource::Topic(name))?;
                call.check_partition(name, asked.partition)?;
                reader.read(state, name, asked)
            });
            let data = found.unwrap_or_else(|code| {
                reading.is_final = true;
                let mut data = refused(asked.partition, code);
                if code == ErrorCode::NOT_LEADER_OR_FOLLOWER
                    && let Ok(name) = &name
                {
                    tell_leader(state, call, name, &mut data, &mut reading.response);
                }
                data
            });
            reading.bytes += data.records.as_ref().map_or(0, |records| records.len());
            partitions.push(data);
        }
        reading
            .response
            .responses
            .push(answer_topic(topic, partitions));
    }
    reading
}

fn answer_topic(topic: &FetchTopic, partitions: Vec<PartitionData>) -> FetchableTopicResponse {
    FetchableTopicResponse::default()
        .with_topic(TopicName(topic.topic.0.clone()))
        .with_topic_id(topic.topic_id)
        .with_partitions(partitions)
}

/// Reads one partition.
struct Reader {
    node: i32,
    room: usize,
    is_first: bool,
    committed: bool,
}

impl Reader {
    fn read(
        &self,
        state: &State,
        topic: &str,
        asked: &FetchPartition,
    ) -> Result<PartitionData, ErrorCode> {
        let partition = state.partition(topic, asked.partition)?;
        partition.check_leader(self.node, asked.current_leader_epoch)?;
        let log = &partition.log;
        if !(log.start()..=log.end()).contains(&asked.fetch_offset) {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        let wanted = usize::try_from(asked.partition_max_bytes).unwrap_or_default();
        let end = if self.committed {
            log.stable_end()
        } else {
            log.end()
        };
        let room = wanted.min(self.room);
        let reading = log.read(asked.fetch_offset, end, room, self.is_first);
        let aborted = self.committed.then(|| {
            let all = reading.aborted.into_iter().map(|aborted| {
                AbortedTransaction::default()
                    .with_producer_id(aborted.producer_id.into())
                    .with_first_offset(aborted.first_offset)
            });
            all.collect()
        });
        Ok(PartitionData::default()
            .with_partition_index(asked.partition)
            .with_high_watermark(log.end())
            .with_last_stable_offset(log.stable_end())
            .with_log_start_offset(log.start())
            .with_aborted_transactions(aborted)
            .with_records(Some(reading.records)))
    }
}

fn refused(partition: i32, code: ErrorCode) -> PartitionData {
    PartitionData::default()
        .with_partition_index(partition)
        .with_error_code(code.code())
        .with_high_watermark(-1)
        .with_records(Some(bytes::Bytes::new()))
}

/// Tells where to go instead (KIP-951).
fn tell_leader(
    state: &State,
    call: &Call<'_>,
    topic: &str,
    data: &mut PartitionData,
    response: &mut FetchResponse,
) {
    let Some((node, epoch, address)) = leader(state, topic, data.partition_index) else {
        return;
    };
    data.current_leader = LeaderIdAndEpoch::default()
        .with_leader_id(node.into())
        .with_leader_epoch(epoch);
    let known = |endpoint: &NodeEndpoint| endpoint.node_id.0 == node;
    if call.version >= ENDPOINTS && !response.node_endpoints.iter().any(known) {
        response.node_endpoints.push(
            NodeEndpoint::default()
                .with_node_id(node.into())
                .with_host(text(address.ip().to_string()))
                .with_port(address.port().into()),
        );
    }
}

/// The epochs of a request that asks for everything.
const NO_SESSION: i32 = -1;
const NEW_SESSION: i32 = 0;

const READ_COMMITTED: i8 = 1;

/// The first version that tells where leaders listen.
const ENDPOINTS: i16 = 16;

/// The most a node sends at once, as the default of `fetch.max.bytes`.
const MAX_BYTES: usize = 55 * 1024 * 1024;
