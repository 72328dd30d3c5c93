//! DescribeTransactions (KIP-664).

use std::collections::BTreeMap;

use kafka_protocol::messages::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, TopicName, TransactionalId,
    describe_transactions_response::{TopicData, TransactionState},
};

use super::{Answer, Call, Outcome, text};
use crate::{
    AclOperation, ErrorCode, authorizer::Resource, coordinator::TransactionalProducer, state::State,
};

impl Answer for DescribeTransactionsRequest {
    type Response = DescribeTransactionsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeTransactionsResponse> {
        let state = call.state();
        let states =
            self.transactional_ids
                .into_iter()
                .map(|name| match find(&state, call, &name) {
                    Ok(producer) => describe(call, name, producer),
                    Err(code) => refused(name, code),
                });
        let response = DescribeTransactionsResponse::default();
        Outcome::Reply(response.with_transaction_states(states.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DescribeTransactionsResponse {
        let names = self.transactional_ids.into_iter();
        let states = names.map(|name| refused(name, code));
        DescribeTransactionsResponse::default().with_transaction_states(states.collect())
    }
}

fn find<'a>(
    state: &'a State,
    call: &Call<'_>,
    name: &TransactionalId,
) -> Result<&'a TransactionalProducer, ErrorCode> {
    call.authorize(AclOperation::Describe, Resource::TransactionalId(name))?;
    if name.is_empty() {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    state.check_coordinator(name, call.node)?;
    let producer = state.transactions.find(name);
    producer.ok_or(ErrorCode::TRANSACTIONAL_ID_NOT_FOUND)
}

/// A transaction, without the topics that the client may not see.
fn describe(
    call: &Call<'_>,
    name: TransactionalId,
    producer: &TransactionalProducer,
) -> TransactionState {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in producer.partitions() {
        if call.may(AclOperation::Describe, Resource::Topic(topic)) {
            topics.entry(topic).or_default().push(*partition);
        }
    }
    let topics = topics.into_iter().map(|(topic, partitions)| {
        TopicData::default()
            .with_topic(TopicName(text(topic)))
            .with_partitions(partitions)
    });
    let (id, epoch) = producer.identity();
    TransactionState::default()
        .with_transactional_id(name)
        .with_transaction_state(text(producer.status().name()))
        .with_transaction_timeout_ms(producer.timeout())
        .with_transaction_start_time_ms(producer.started())
        .with_producer_id(id.into())
        .with_producer_epoch(epoch)
        .with_topics(topics.collect())
}

fn refused(name: TransactionalId, code: ErrorCode) -> TransactionState {
    TransactionState::default()
        .with_transactional_id(name)
        .with_error_code(code.code())
}
