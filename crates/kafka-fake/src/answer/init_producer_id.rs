//! InitProducerId (KIP-98).

use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse};

use super::{Answer, Call, Outcome};
use crate::ErrorCode;

impl Answer for InitProducerIdRequest {
    type Response = InitProducerIdResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<InitProducerIdResponse> {
        if self.transactional_id.is_some() {
            // There are no transactions; clients give up on this code instead of waiting.
            return Outcome::Reply(self.refuse(call.version, ErrorCode::UNSUPPORTED_VERSION));
        }
        let id = call.state().new_producer();
        Outcome::Reply(
            InitProducerIdResponse::default()
                .with_producer_id(id.into())
                .with_producer_epoch(0),
        )
    }

    fn refuse(self, _: i16, code: ErrorCode) -> InitProducerIdResponse {
        InitProducerIdResponse::default()
            .with_error_code(code.code())
            .with_producer_id((-1).into())
            .with_producer_epoch(-1)
    }
}
