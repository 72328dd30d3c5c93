//! ListTransactions (KIP-664), of the node that is asked.

use kafka_protocol::messages::{
    ListTransactionsRequest, ListTransactionsResponse, TransactionalId,
    list_transactions_response::TransactionState,
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, coordinator::Status};

impl Answer for ListTransactionsRequest {
    type Response = ListTransactionsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<ListTransactionsResponse> {
        let state = call.state();
        let now = state.clock.now();
        let all = state.transactions.all();
        let found = all.filter(|(name, producer)| {
            let (id, _) = producer.identity();
            let status = producer.status();
            let age = match status {
                Status::Ongoing { .. } => now.saturating_sub(producer.started()),
                Status::Complete(_) | Status::Empty => 0,
            };
            let (states, ids) = (&self.state_filters, &self.producer_id_filters);
            call.may(AclOperation::Describe, Resource::TransactionalId(name))
                && state.check_coordinator(name, call.node).is_ok()
                && (states.is_empty() || states.iter().any(|state| **state == *status.name()))
                && (ids.is_empty() || ids.iter().any(|wanted| wanted.0 == id))
                && (self.duration_filter < 0 || age > self.duration_filter)
        });
        let found = found.map(|(name, producer)| {
            TransactionState::default()
                .with_transactional_id(TransactionalId(text(name)))
                .with_producer_id(producer.identity().0.into())
                .with_transaction_state(text(producer.status().name()))
        });
        let found = found.collect();
        let filters = self.state_filters.iter();
        let unknown = filters.filter(|state| !STATES.contains(&state.as_str()));
        Outcome::Reply(
            ListTransactionsResponse::default()
                .with_unknown_state_filters(unknown.cloned().collect())
                .with_transaction_states(found),
        )
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ListTransactionsResponse {
        ListTransactionsResponse::default().with_error_code(code.code())
    }
}

/// All states that Kafka knows; a transaction is in those of a transition for no time here.
const STATES: &[&str] = &[
    "CompleteAbort",
    "CompleteCommit",
    "Dead",
    "Empty",
    "Ongoing",
    "PrepareAbort",
    "PrepareCommit",
    "PrepareEpochFence",
];
