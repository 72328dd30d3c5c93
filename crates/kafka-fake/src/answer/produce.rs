//! Produce.

use bytes::Bytes;
use kafka_protocol::messages::{
    ProduceRequest, ProduceResponse,
    produce_request::TopicProduceData,
    produce_response::{
        LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse, TopicProduceResponse,
    },
};

use super::{Answer, Call, Outcome, leader, text};
use crate::{ErrorCode, batch::Batch, state::State};

impl Answer for ProduceRequest {
    type Response = ProduceResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<ProduceResponse> {
        let acks = self.acks;
        if !(-1..=1).contains(&acks) {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::INVALID_REQUIRED_ACKS));
        }
        if self.transactional_id.is_some() {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::INVALID_TXN_STATE));
        }
        let mut response = ProduceResponse::default();
        let mut has_failed = false;
        {
            let mut state = call.state();
            for topic in self.topic_data {
                let written = write_topic(&mut state, call, topic, acks, &mut response);
                let mut codes = written.partition_responses.iter();
                has_failed |= codes.any(|partition| partition.error_code != 0);
                response.responses.push(written);
            }
        }
        call.shared.changed.notify_waiters();
        match acks {
            0 if has_failed => Outcome::Close,
            0 => Outcome::Nothing,
            _ => Outcome::Reply(response),
        }
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ProduceResponse {
        let topics = self.topic_data.into_iter().map(|topic| {
            let partitions = topic.partition_data.iter();
            let refused = partitions.map(|partition| refused(partition.index, code));
            TopicProduceResponse::default()
                .with_partition_responses(refused.collect())
                .with_name(topic.name)
                .with_topic_id(topic.topic_id)
        });
        ProduceResponse::default().with_responses(topics.collect())
    }

    fn is_answered(&self) -> bool {
        self.acks != 0
    }
}

fn write_topic(
    state: &mut State,
    call: &Call<'_>,
    topic: TopicProduceData,
    acks: i16,
    response: &mut ProduceResponse,
) -> TopicProduceResponse {
    let name = state.resolve(&topic.name, topic.topic_id);
    let partitions = topic.partition_data.into_iter().map(|partition| {
        let written = name.as_ref().map_err(|code| *code).and_then(|name| {
            call.check_partition(name, partition.index)?;
            let records = partition.records.unwrap_or_default();
            write(state, call.node, (name, partition.index), records, acks)
        });
        let mut answer = match written {
            Ok((offset, start)) => PartitionProduceResponse::default()
                .with_index(partition.index)
                .with_base_offset(offset)
                .with_log_start_offset(start),
            Err(code) => refused(partition.index, code),
        };
        if answer.error_code == ErrorCode::NOT_LEADER_OR_FOLLOWER.code()
            && call.version >= LEADERS
            && let Ok(name) = &name
        {
            tell_leader(state, name, &mut answer, response);
        }
        answer
    });
    TopicProduceResponse::default()
        .with_partition_responses(partitions.collect())
        .with_name(topic.name)
        .with_topic_id(topic.topic_id)
}

/// Writes one batch; its first offset and that of the log.
fn write(
    state: &mut State,
    node: i32,
    (topic, partition): (&str, i32),
    records: Bytes,
    acks: i16,
) -> Result<(i64, i64), ErrorCode> {
    let min_in_sync = state.topic(topic)?.setting("min.insync.replicas");
    let found = state.partition(topic, partition)?;
    found.check_leader(node, -1)?;
    if acks == -1 && found.isr.len() < min_in_sync {
        return Err(ErrorCode::NOT_ENOUGH_REPLICAS);
    }
    let batch = Batch::parse(records)?;
    if batch.is_transactional() {
        return Err(ErrorCode::INVALID_TXN_STATE);
    }
    if batch.is_control() {
        return Err(ErrorCode::INVALID_RECORD);
    }
    let offset = state.append(topic, partition, &batch)?;
    Ok((offset, state.partition(topic, partition)?.log.start()))
}

fn refused(index: i32, code: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse::default()
        .with_index(index)
        .with_error_code(code.code())
        .with_base_offset(-1)
}

/// Tells where to go instead (KIP-951).
fn tell_leader(
    state: &State,
    topic: &str,
    answer: &mut PartitionProduceResponse,
    response: &mut ProduceResponse,
) {
    let Some((node, epoch, address)) = leader(state, topic, answer.index) else {
        return;
    };
    answer.current_leader = LeaderIdAndEpoch::default()
        .with_leader_id(node.into())
        .with_leader_epoch(epoch);
    let known = |endpoint: &NodeEndpoint| endpoint.node_id.0 == node;
    if !response.node_endpoints.iter().any(known) {
        response.node_endpoints.push(
            NodeEndpoint::default()
                .with_node_id(node.into())
                .with_host(text(address.ip().to_string()))
                .with_port(address.port().into()),
        );
    }
}

/// The first version that tells who leads.
const LEADERS: i16 = 10;
