//! A producer with transactions, request by request.

use bytes::Bytes;
use kafka_protocol::{
    messages::{
        AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
        DescribeTransactionsRequest, EndTxnRequest, GroupId, InitProducerIdRequest,
        ProduceResponse, TopicName, TransactionalId, TxnOffsetCommitRequest,
        TxnOffsetCommitResponse,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
        describe_transactions_response::TransactionState,
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
    },
    protocol::Request,
};
use tokio::time::{Duration, sleep};

use crate::{
    batch::{BatchRecipe, now},
    requests::{addressed, produce},
    subject::unique,
    wire::{Wire, metadata},
};

/// What a producer knows of itself.
#[derive(Clone, Debug)]
pub(crate) struct Transactional {
    pub(crate) name: TransactionalId,
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

impl Transactional {
    /// A producer that nobody has seen, with an id.
    pub(crate) async fn begin(wire: &mut Wire) -> Self {
        let mut producer = Self::unknown();
        assert_eq!(producer.init(wire).await, 0);
        producer
    }

    pub(crate) fn unknown() -> Self {
        Self {
            name: TransactionalId(unique("kafka-fake-test").0),
            id: 5_000_000,
            epoch: 0,
        }
    }

    /// Asks for an id and an epoch; the code.
    pub(crate) async fn init(&mut self, wire: &mut Wire) -> i16 {
        let request = self.init_request();
        let answer = settled(wire, &request, 4, |answer| answer.error_code).await;
        self.id = answer.producer_id.0;
        self.epoch = answer.producer_epoch;
        answer.error_code
    }

    pub(crate) fn init_request(&self) -> InitProducerIdRequest {
        InitProducerIdRequest::default()
            .with_transactional_id(Some(self.name.clone()))
            .with_transaction_timeout_ms(60_000)
    }

    /// Adds partition 0 of a topic; the code.
    pub(crate) async fn add(&self, wire: &mut Wire, topic: &TopicName, version: i16) -> i16 {
        let request = self.add_request(topic);
        let code = |answer: &AddPartitionsToTxnResponse| {
            let topic = &answer.results_by_topic_v3_and_below[0];
            topic.results_by_partition[0].partition_error_code
        };
        code(&settled(wire, &request, version, code).await)
    }

    pub(crate) fn add_request(&self, topic: &TopicName) -> AddPartitionsToTxnRequest {
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(topic.clone())
            .with_partitions(vec![0]);
        AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(self.name.clone())
            .with_v3_and_below_producer_id(self.id.into())
            .with_v3_and_below_producer_epoch(self.epoch)
            .with_v3_and_below_topics(vec![topic])
    }

    /// A batch of two records.
    pub(crate) fn batch(&self, sequence: i32) -> Bytes {
        BatchRecipe {
            producer: (self.id, self.epoch, sequence),
            transactional: true,
            times: vec![now(); 2],
            ..BatchRecipe::plain(2)
        }
        .encode()
    }

    /// Writes two records to partition 0; code and first offset.
    pub(crate) async fn write(
        &self,
        wire: &mut Wire,
        topic: &TopicName,
        sequence: i32,
        version: i16,
    ) -> (i16, i64) {
        let id = wire.ask(&metadata(&[topic]), 12).await.topics[0].topic_id;
        let request = produce(topic, self.batch(sequence));
        let request = request.with_transactional_id(Some(self.name.clone()));
        let request = addressed(request, id, version);
        let written = |answer: &ProduceResponse| {
            let written = &answer.responses[0].partition_responses[0];
            (written.error_code, written.base_offset)
        };
        written(&settled(wire, &request, version, |answer| written(answer).0).await)
    }

    /// Ends the transaction; the code. From version 5 on there is a new epoch.
    pub(crate) async fn end(&mut self, wire: &mut Wire, commit: bool, version: i16) -> i16 {
        let request = self.end_request(commit);
        let answer = settled(wire, &request, version, |answer| answer.error_code).await;
        if answer.error_code == 0 && version >= 5 {
            self.id = answer.producer_id.0;
            self.epoch = answer.producer_epoch;
        }
        answer.error_code
    }

    pub(crate) fn end_request(&self, commit: bool) -> EndTxnRequest {
        EndTxnRequest::default()
            .with_transactional_id(self.name.clone())
            .with_producer_id(self.id.into())
            .with_producer_epoch(self.epoch)
            .with_committed(commit)
    }

    /// Adds a group; the code.
    pub(crate) async fn add_offsets(&self, wire: &mut Wire, group: &GroupId, version: i16) -> i16 {
        let request = AddOffsetsToTxnRequest::default()
            .with_transactional_id(self.name.clone())
            .with_producer_id(self.id.into())
            .with_producer_epoch(self.epoch)
            .with_group_id(group.clone());
        let answer = settled(wire, &request, version, |answer| answer.error_code).await;
        answer.error_code
    }

    /// Commits an offset of partition 0 within the transaction; the code.
    pub(crate) async fn commit_offset(
        &self,
        wire: &mut Wire,
        group: &GroupId,
        topic: &TopicName,
        offset: i64,
        version: i16,
    ) -> i16 {
        let request = self.offset_request(group, topic, offset);
        Self::send_offset(wire, &request, version).await
    }

    /// Commits an offset of partition 0; who does it is not said.
    pub(crate) fn offset_request(
        &self,
        group: &GroupId,
        topic: &TopicName,
        offset: i64,
    ) -> TxnOffsetCommitRequest {
        let partition = TxnOffsetCommitRequestPartition::default()
            .with_committed_offset(offset)
            .with_committed_metadata(Some(Default::default()));
        let topic = TxnOffsetCommitRequestTopic::default()
            .with_name(topic.clone())
            .with_partitions(vec![partition]);
        TxnOffsetCommitRequest::default()
            .with_transactional_id(self.name.clone())
            .with_producer_id(self.id.into())
            .with_producer_epoch(self.epoch)
            .with_group_id(group.clone())
            .with_topics(vec![topic])
    }

    /// The code for the only partition of a request.
    pub(crate) async fn send_offset(
        wire: &mut Wire,
        request: &TxnOffsetCommitRequest,
        version: i16,
    ) -> i16 {
        let code = |answer: &TxnOffsetCommitResponse| answer.topics[0].partitions[0].error_code;
        code(&settled(wire, request, version, code).await)
    }

    /// State, epoch, and how many topics.
    pub(crate) async fn describe(&self, wire: &mut Wire) -> (String, i16, usize) {
        let found = self.described(wire).await;
        let state = found.transaction_state.to_string();
        (state, found.producer_epoch, found.topics.len())
    }

    /// All that there is to tell, when no transaction is about to end.
    pub(crate) async fn described(&self, wire: &mut Wire) -> TransactionState {
        let request =
            DescribeTransactionsRequest::default().with_transactional_ids(vec![self.name.clone()]);
        for _ in 0..500 {
            let found = wire.ask(&request, 0).await.transaction_states.remove(0);
            if !found.transaction_state.starts_with("Prepare") {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{}: the transaction does not end", self.name.0)
    }
}

/// Asks again while the transaction before is being ended, and while a new cluster does not have
/// its coordinators yet.
async fn settled<R: Request + std::fmt::Debug>(
    wire: &mut Wire,
    request: &R,
    version: i16,
    code: impl Fn(&R::Response) -> i16,
) -> R::Response {
    for _ in 0..500 {
        let answer = wire.ask(request, version).await;
        if ![CONCURRENT_TRANSACTIONS, NOT_COORDINATOR].contains(&code(&answer)) {
            return answer;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{request:?} is not answered for good")
}

const CONCURRENT_TRANSACTIONS: i16 = 51;
const NOT_COORDINATOR: i16 = 16;
