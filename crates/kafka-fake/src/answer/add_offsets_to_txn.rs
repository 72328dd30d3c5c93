//! AddOffsetsToTxn.

use kafka_protocol::messages::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};

use super::{Answer, Call, Outcome, known_since};
use crate::{AclOperation, ErrorCode, authorizer::Resource, groups};

impl Answer for AddOffsetsToTxnRequest {
    type Response = AddOffsetsToTxnResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(
            AclOperation::Write,
            Resource::TransactionalId(&self.transactional_id),
        )?;
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<AddOffsetsToTxnResponse> {
        let producer = (self.producer_id.0, self.producer_epoch);
        let offsets = groups::partition(&self.group_id);
        let mut state = call.state();
        let added =
            state.add_to_transaction(call.node, &self.transactional_id, producer, [offsets]);
        let code = known_since(2, call.version, added.err().unwrap_or(ErrorCode::NONE));
        Outcome::Reply(AddOffsetsToTxnResponse::default().with_error_code(code.code()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> AddOffsetsToTxnResponse {
        AddOffsetsToTxnResponse::default().with_error_code(code.code())
    }
}
