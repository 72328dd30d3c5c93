//! IncrementalAlterConfigs (KIP-339), of topics.

use std::collections::BTreeSet;

use kafka_protocol::messages::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    incremental_alter_configs_response::AlterConfigsResourceResponse,
};

use super::{Answer, Call, Outcome, text};
use crate::{
    ErrorCode,
    config_change::{self, ConfigChange},
    state::State,
};

impl Answer for IncrementalAlterConfigsRequest {
    type Response = IncrementalAlterConfigsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<IncrementalAlterConfigsResponse> {
        let mut seen = BTreeSet::new();
        let keys = self.resources.iter().map(key);
        let twice: BTreeSet<_> = keys.filter(|key| !seen.insert(key.clone())).collect();
        let mut state = call.state();
        let responses = self.resources.into_iter().map(|resource| {
            let outcome = if twice.contains(&key(&resource)) {
                let reason = "the resource is in the request more than once";
                Err((ErrorCode::INVALID_REQUEST, reason.to_owned()))
            } else {
                alter(&mut state, &resource, self.validate_only)
            };
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

fn key(resource: &AlterConfigsResource) -> (i8, String) {
    (resource.resource_type, resource.resource_name.to_string())
}

fn alter(
    state: &mut State,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), (ErrorCode, String)> {
    if resource.resource_type != TOPIC {
        let reason = "only the settings of topics can be changed".to_owned();
        return Err((ErrorCode::INVALID_REQUEST, reason));
    }
    let name = &resource.resource_name;
    let topic = state.topic_mut(name);
    let topic = topic.map_err(|code| (code, format!("there is no topic {name}")))?;
    let changes: Vec<_> = resource
        .configs
        .iter()
        .map(|config| Ok((config.name.to_string(), change(config)?)))
        .collect::<Result<_, _>>()?;
    let after = config_change::apply(&topic.configs, &changes)?;
    if !validate_only {
        topic.configs = after;
    }
    Ok(())
}

fn change(config: &AlterableConfig) -> Result<ConfigChange, (ErrorCode, String)> {
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
    outcome: Result<(), (ErrorCode, String)>,
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

/// The number of topics in Kafka's `ConfigResource.Type`.
const TOPIC: i8 = 2;
