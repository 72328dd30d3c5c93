//! SaslHandshake.

use kafka_protocol::messages::{SaslHandshakeRequest, SaslHandshakeResponse};

use super::{Answer, Call, Outcome, text};
use crate::{ErrorCode, sasl};

impl Answer for SaslHandshakeRequest {
    type Response = SaslHandshakeResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<SaslHandshakeResponse> {
        let chosen = call.sasl().choose(&self.mechanism);
        let code = chosen.err().unwrap_or(ErrorCode::NONE);
        let response = self.refuse(call.version, code);
        Outcome::Reply(match code {
            ErrorCode::ILLEGAL_SASL_STATE => response,
            _ => response.with_mechanisms(sasl::mechanisms().map(text).collect()),
        })
    }

    fn refuse(self, _: i16, code: ErrorCode) -> SaslHandshakeResponse {
        SaslHandshakeResponse::default().with_error_code(code.code())
    }
}
