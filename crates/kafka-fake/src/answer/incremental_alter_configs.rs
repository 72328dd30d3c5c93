//! IncrementalAlterConfigs (KIP-339), of topics.

use kafka_protocol::messages::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    incremental_alter_configs_response::AlterConfigsResourceResponse,
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

impl Answer for IncrementalAlterConfigsRequest {
    type Response = IncrementalAlterConfigsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<IncrementalAlterConfigsResponse> {
        let repeated = config_resource::repeated(self.resources.iter().map(key));
        let mut state = call.state();
        let responses = self.resources.into_iter().map(|resource| {
            let outcome = config_resource::alter(
                call,
                &mut state,
                &key(&resource),
                &repeated,
                self.validate_only,
                |set| config_change::apply(set, &changes(&resource.configs)?),
            );
            result(resource, outcome)
        });
        let response = IncrementalAlterConfigsResponse::default();
        Outcome::Reply(response.with_responses(responses.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> IncrementalAlterConfigsResponse {
        let resources = self.resources.into_iter();
        let refused = resources.map(|resource| result(resource, Err((code, code.to_string()))));
        IncrementalAlterConfigsResponse::default().with_responses(refused.collect())
    }
}

fn key(resource: &AlterConfigsResource) -> Key {
    (resource.resource_type, resource.resource_name.to_string())
}

fn changes(configs: &[AlterableConfig]) -> Result<Vec<(String, ConfigChange)>, Refusal> {
    let changes = configs.iter();
    changes
        .map(|config| Ok((config.name.to_string(), change(config)?)))
        .collect()
}

fn change(config: &AlterableConfig) -> Result<ConfigChange, Refusal> {
    let invalid = |reason: String| (ErrorCode::INVALID_REQUEST, reason);
    let value = || {
        let value = config.value.as_ref().map(|value| value.to_string());
        value.ok_or_else(|| invalid(format!("{} has no value", config.name)))
    };
    match config.config_operation {
        0 => Ok(ConfigChange::Set(value()?)),
        1 => Ok(ConfigChange::Reset),
        2 => Ok(ConfigChange::Append(value()?)),
        3 => Ok(ConfigChange::Subtract(value()?)),
        other => {
            let reason = format!("there is no operation {other}");
            Err((ErrorCode::UNKNOWN_SERVER_ERROR, reason))
        }
    }
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
