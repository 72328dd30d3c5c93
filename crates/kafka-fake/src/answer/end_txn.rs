//! EndTxn.

use kafka_protocol::messages::{EndTxnRequest, EndTxnResponse};

use super::{Answer, Call, Outcome, known_since};
use crate::{AclOperation, ErrorCode, authorizer::Resource, batch::Ending, coordinator::Identity};

impl Answer for EndTxnRequest {
    type Response = EndTxnResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(
            AclOperation::Write,
            Resource::TransactionalId(&self.transactional_id),
        )
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<EndTxnResponse> {
        match end(&self, call) {
            Ok((id, epoch)) => Outcome::Reply(
                EndTxnResponse::default()
                    .with_producer_id(id.into())
                    .with_producer_epoch(epoch),
            ),
            Err(code) => {
                let code = known_since(2, call.version, code);
                Outcome::Reply(self.refuse(call.version, code))
            }
        }
    }

    fn refuse(self, _: i16, code: ErrorCode) -> EndTxnResponse {
        EndTxnResponse::default()
            .with_error_code(code.code())
            .with_producer_id((-1).into())
            .with_producer_epoch(-1)
    }
}

/// Who the producer is from now on.
fn end(request: &EndTxnRequest, call: &Call<'_>) -> Result<Identity, ErrorCode> {
    let name = &request.transactional_id;
    if name.is_empty() {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let mut state = call.state();
    state.check_coordinator(name, call.node)?;
    let next = state.new_producer();
    let producer = state.transactions.find_mut(name)?;
    let ending = match request.committed {
        true => Ending::Commit,
        false => Ending::Abort,
    };
    let asking = (request.producer_id.0, request.producer_epoch);
    let ended = producer.end(asking, ending, call.version >= RENEWING, || next)?;
    let identity = producer.identity();
    if let Some(ended) = ended {
        state.announce([ended]);
        call.shared.changed.notify_waiters();
    }
    // Older versions have no room for it.
    Ok(match call.version {
        RENEWING.. => identity,
        _ => (-1, -1),
    })
}

/// The first version whose clients expect a new epoch (KIP-890).
const RENEWING: i16 = 5;
