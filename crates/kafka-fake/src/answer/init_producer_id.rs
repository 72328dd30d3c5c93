//! InitProducerId (KIP-98, KIP-360).

use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse};

use super::{Answer, Call, Outcome, known_since};
use crate::{
    AclOperation, ErrorCode, ResourceType,
    authorizer::Resource,
    coordinator::{Identity, Initialized},
};

impl Answer for InitProducerIdRequest {
    type Response = InitProducerIdResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        match &self.transactional_id {
            Some(id) => call.authorize(AclOperation::Write, Resource::TransactionalId(id)),
            // KIP-679: who may write to any topic may do so idempotently.
            None if call.may_to_any(AclOperation::Write, ResourceType::Topic) => Ok(()),
            None => call.authorize(AclOperation::IdempotentWrite, Resource::Cluster),
        }
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<InitProducerIdResponse> {
        match initialize(&self, call) {
            Ok((id, epoch)) => Outcome::Reply(
                InitProducerIdResponse::default()
                    .with_producer_id(id.into())
                    .with_producer_epoch(epoch),
            ),
            Err(code) => {
                let code = known_since(4, call.version, code);
                Outcome::Reply(self.refuse(call.version, code))
            }
        }
    }

    fn refuse(self, _: i16, code: ErrorCode) -> InitProducerIdResponse {
        InitProducerIdResponse::default()
            .with_error_code(code.code())
            .with_producer_id((-1).into())
            .with_producer_epoch(-1)
    }
}

fn initialize(request: &InitProducerIdRequest, call: &Call<'_>) -> Result<Identity, ErrorCode> {
    let was = match (request.producer_id.0, request.producer_epoch) {
        (-1, -1) => None,
        (-1, _) | (_, -1) => return Err(ErrorCode::INVALID_REQUEST),
        was => Some(was),
    };
    let mut state = call.state();
    let Some(name) = &request.transactional_id else {
        return Ok((state.new_producer(), 0));
    };
    if name.is_empty() {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let timeout = request.transaction_timeout_ms;
    if !(1..=MAX_TIMEOUT).contains(&timeout) {
        return Err(ErrorCode::INVALID_TRANSACTION_TIMEOUT);
    }
    state.check_coordinator(name, call.node)?;
    // One for a new producer, and one for a producer whose epochs are used up.
    let (first, next) = (state.new_producer(), state.new_producer());
    let producer = state.transactions.find_or_create(name, || first)?;
    match producer.initialize(was, timeout, || next)? {
        Initialized::Ready(identity) => Ok(identity),
        Initialized::Fenced(ended) => {
            state.announce([ended]);
            call.shared.changed.notify_waiters();
            Err(ErrorCode::CONCURRENT_TRANSACTIONS)
        }
    }
}

/// The default of `transaction.max.timeout.ms`.
const MAX_TIMEOUT: i32 = 900_000;
