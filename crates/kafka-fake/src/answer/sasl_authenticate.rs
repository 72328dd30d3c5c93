//! SaslAuthenticate.

use kafka_protocol::messages::{SaslAuthenticateRequest, SaslAuthenticateResponse};

use super::{Answer, Call, Outcome, text};
use crate::ErrorCode;

impl Answer for SaslAuthenticateRequest {
    type Response = SaslAuthenticateResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<SaslAuthenticateResponse> {
        let outcome = call.sasl().step(&self.auth_bytes, &call.shared.users);
        let response = SaslAuthenticateResponse::default();
        Outcome::Reply(match outcome {
            Ok(answer) => response.with_auth_bytes(answer.into()),
            Err((code, reason)) => response
                .with_error_code(code.code())
                .with_error_message(Some(text(reason))),
        })
    }

    fn refuse(self, _: i16, code: ErrorCode) -> SaslAuthenticateResponse {
        SaslAuthenticateResponse::default()
            .with_error_code(code.code())
            .with_error_message(Some(text(code.to_string())))
    }
}
