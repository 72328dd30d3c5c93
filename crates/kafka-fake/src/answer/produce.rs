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
use crate::{AclOperation, ErrorCode, authorizer::Resource, batch::Batch, state::State};

impl Answer for ProduceRequest {
    type Response = ProduceResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        match &self.transactional_id {
            _ if !has_transactions(self) => Ok(()),
            Some(id) => call.authorize(AclOperation::Write, Resource::TransactionalId(id)),
            None => Err(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
        }
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<ProduceResponse> {
        let acks = self.acks;
        if !(-1..=1).contains(&acks) {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::INVALID_REQUIRED_ACKS));
        }
        let writer = Writer {
            node: call.node,
            version: call.version,
            acks,
            transactional_id: self.transactional_id.as_ref().map(|id| id.to_string()),
        };
        let mut response = ProduceResponse::default();
        let mut has_failed = false;
        {
            let mut state = call.state();
            for topic in self.topic_data {
                let written = writer.write_topic(call, &mut state, topic, &mut response);
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

/// Whether there is anything that only a producer with a transactional id may write.
fn has_transactions(request: &ProduceRequest) -> bool {
    let partitions = request.topic_data.iter();
    let mut partitions = partitions.flat_map(|topic| &topic.partition_data);
    partitions.any(|partition| {
        let records = partition.records.as_deref().unwrap_or_default();
        Batch::claims_transaction(records)
    })
}

/// Who writes, and how.
struct Writer {
    node: i32,
    version: i16,
    acks: i16,
    transactional_id: Option<String>,
}

impl Writer {
    fn write_topic(
        &self,
        call: &Call<'_>,
        state: &mut State,
        topic: TopicProduceData,
        response: &mut ProduceResponse,
    ) -> TopicProduceResponse {
        let name = state.resolve(&topic.name, topic.topic_id);
        let partitions = topic.partition_data.into_iter().map(|partition| {
            let written = name.as_ref().map_err(|code| *code).and_then(|name| {
                call.authorize(AclOperation::Write, Resource::Topic(name))?;
                call.check_partition(name, partition.index)?;
                let records = partition.records.unwrap_or_default();
                self.write(state, (name, partition.index), records)
            });
            let mut answer = match written {
                Ok(written) => written.with_index(partition.index),
                Err(code) => refused(partition.index, code),
            };
            if answer.error_code == ErrorCode::NOT_LEADER_OR_FOLLOWER.code()
                && self.version >= LEADERS
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

    /// Writes one batch; where, and when if the topic stamps its records.
    fn write(
        &self,
        state: &mut State,
        (topic, partition): (&str, i32),
        records: Bytes,
    ) -> Result<PartitionProduceResponse, ErrorCode> {
        let min_in_sync = state.topic(topic)?.setting("min.insync.replicas");
        let found = state.partition(topic, partition)?;
        found.check_leader(self.node, -1)?;
        if self.acks == -1 && found.isr.len() < min_in_sync {
            return Err(ErrorCode::NOT_ENOUGH_REPLICAS);
        }
        let batch = Batch::parse(records)?;
        if batch.is_control() {
            return Err(ErrorCode::INVALID_RECORD);
        }
        if batch.is_transactional() {
            self.enter_transaction(state, (topic, partition), &batch)?;
        }
        let found = state.topic(topic)?;
        let after = found.setting("message.timestamp.after.max.ms");
        let latest = state
            .clock
            .now()
            .saturating_add(i64::try_from(after).unwrap_or(i64::MAX));
        if !found.stamps() && batch.max_timestamp > latest {
            return Err(ErrorCode::INVALID_TIMESTAMP);
        }
        let (offset, stamp) = state.append(topic, partition, &batch)?;
        let start = state.partition(topic, partition)?.log.start();
        Ok(PartitionProduceResponse::default()
            .with_base_offset(offset)
            .with_log_append_time_ms(stamp.unwrap_or(-1))
            .with_log_start_offset(start))
    }

    fn enter_transaction(
        &self,
        state: &mut State,
        (topic, partition): (&str, i32),
        batch: &Batch,
    ) -> Result<(), ErrorCode> {
        let name = self.transactional_id.as_deref().unwrap_or_default();
        let producer = (batch.producer_id, batch.producer_epoch);
        let partition = (topic.to_owned(), partition);
        let entered = state.enter_transaction(name, producer, partition, self.version >= ADDING);
        entered.map_err(|code| match code {
            ErrorCode::PRODUCER_FENCED => ErrorCode::INVALID_PRODUCER_EPOCH,
            ErrorCode::TRANSACTION_ABORTABLE if self.version < ABORTABLE => {
                ErrorCode::INVALID_TXN_STATE
            }
            other => other,
        })
    }
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

/// The first version whose clients know `TRANSACTION_ABORTABLE`, and the first that needs no
/// AddPartitionsToTxn before (KIP-890).
const ABORTABLE: i16 = 11;
const ADDING: i16 = 12;

/// The first version that tells who leads.
const LEADERS: i16 = 10;
