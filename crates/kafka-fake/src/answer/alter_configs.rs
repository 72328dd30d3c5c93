//! AlterConfigs, of topics: all their settings at once, in the way of before KIP-339.

use std::collections::BTreeMap;

use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse,
    alter_configs_request::{AlterConfigsResource, AlterableConfig},
    alter_configs_response::AlterConfigsResourceResponse,
};

use super::{
    Answer, Call, Outcome,
    config_resource::{self, Key, Refusal},
    text,
};
use crate::{
    ErrorCode,
    config_change::{self, ConfigChange},
};

impl Answer for AlterConfigsRequest {
    type Response = AlterConfigsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<AlterConfigsResponse> {
        let repeated = config_resource::repeated(self.resources.iter().map(key));
        let mut state = call.state();
        let responses = self.resources.into_iter().map(|resource| {
            let outcome = config_resource::alter(
                call,
                &mut state,
                &key(&resource),
                &repeated,
                self.validate_only,
                // What is not in the request has its default again.
                |_| config_change::apply(&BTreeMap::new(), &changes(&resource.configs)?),
            );
            result(resource, outcome)
        });
        Outcome::Reply(AlterConfigsResponse::default().with_responses(responses.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> AlterConfigsResponse {
        let resources = self.resources.into_iter();
        let refused = resources.map(|resource| result(resource, Err((code, code.to_string()))));
        AlterConfigsResponse::default().with_responses(refused.collect())
    }
}

fn key(resource: &AlterConfigsResource) -> Key {
    (resource.resource_type, resource.resource_name.to_string())
}

fn changes(configs: &[AlterableConfig]) -> Result<Vec<(String, ConfigChange)>, Refusal> {
    let change = |config: &AlterableConfig| match &config.value {
        Some(value) => Ok((
            config.name.to_string(),
            ConfigChange::Set(value.to_string()),
        )),
        None => {
            let reason = format!("{} has no value", config.name);
            Err((ErrorCode::INVALID_REQUEST, reason))
        }
    };
    configs.iter().map(change).collect()
}

fn result(
    resource: AlterConfigsResource,
    outcome: Result<(), Refusal>,
) -> AlterConfigsResourceResponse {
    let result = AlterConfigsResourceResponse::default()
        .with_resource_type(resource.resource_type)
        .with_resource_name(resource.resource_name);
    match outcome {
        Ok(()) => result,
        Err((code, reason)) => result
            .with_error_code(code.code())
            .with_error_message(Some(text(reason))),
    }
}
