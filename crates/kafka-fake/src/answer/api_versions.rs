//! ApiVersions.

use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, api_versions_response::ApiVersion,
};

use super::{Answer, Call, Outcome};
use crate::{Api, ErrorCode};

impl Answer for ApiVersionsRequest {
    type Response = ApiVersionsResponse;

    async fn answer(self, _: &Call<'_>) -> Outcome<ApiVersionsResponse> {
        let keys = Api::ALL.iter().copied().map(entry).collect();
        Outcome::Reply(ApiVersionsResponse::default().with_api_keys(keys))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ApiVersionsResponse {
        ApiVersionsResponse::default().with_error_code(code.code())
    }
}

/// The answer, in version 0, to a version that is not known; it tells which ones are (KIP-511).
pub(super) fn unsupported() -> ApiVersionsResponse {
    ApiVersionsResponse::default()
        .with_error_code(ErrorCode::UNSUPPORTED_VERSION.code())
        .with_api_keys(vec![entry(Api::ApiVersions)])
}

fn entry(api: Api) -> ApiVersion {
    ApiVersion::default()
        .with_api_key(api.key())
        .with_min_version(*api.versions().start())
        .with_max_version(*api.versions().end())
}
