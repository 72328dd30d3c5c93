//! ApiVersions.

use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse,
    api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey},
};

use super::{Answer, Call, Outcome, text};
use crate::{Api, ErrorCode};

impl Answer for ApiVersionsRequest {
    type Response = ApiVersionsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<ApiVersionsResponse> {
        let keys = Api::ALL.iter().copied().map(entry).collect();
        let response = ApiVersionsResponse::default().with_api_keys(keys);
        if call.version < FEATURES {
            return Outcome::Reply(response);
        }
        let finalized = FEATURES_ON.iter().map(|(name, level)| {
            FinalizedFeatureKey::default()
                .with_name(text(*name))
                .with_min_version_level(*level)
                .with_max_version_level(*level)
        });
        let supported = FEATURES_ON.iter().map(|(name, level)| {
            SupportedFeatureKey::default()
                .with_name(text(*name))
                .with_max_version(*level)
        });
        let mut response = response
            .with_finalized_features_epoch(1)
            .with_finalized_features(finalized.collect());
        if call.version >= FEATURES_FROM_0 {
            response.supported_features = supported.collect();
        }
        Outcome::Reply(response)
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

/// The features that clients look for (KIP-584). Groups are those of KIP-848 too, transactions those
/// of KIP-890.
const FEATURES_ON: &[(&str, i16)] = &[("group.version", 1), ("transaction.version", 2)];

/// The first version that tells of features, and the first that tells of those that begin at 0.
const FEATURES: i16 = 3;
const FEATURES_FROM_0: i16 = 4;
