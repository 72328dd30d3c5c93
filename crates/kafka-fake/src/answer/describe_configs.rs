//! DescribeConfigs.

use std::collections::BTreeMap;

use kafka_protocol::messages::{
    DescribeConfigsRequest, DescribeConfigsResponse,
    describe_configs_request::DescribeConfigsResource,
    describe_configs_response::{
        DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
    },
};

use super::{
    Answer, Call, Outcome,
    config_resource::{self, BROKER, Refusal, TOPIC},
    text,
};
use crate::{
    AclOperation, ErrorCode, broker_config,
    state::State,
    topic::refuse_name,
    topic_config::{self, Kind, SOURCE_DEFAULT, SOURCE_TOPIC},
};

impl Answer for DescribeConfigsRequest {
    type Response = DescribeConfigsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeConfigsResponse> {
        let state = call.state();
        let synonyms = self.include_synonyms;
        let results = self.resources.into_iter().map(|resource| {
            let (kind, name) = (resource.resource_type, &resource.resource_name);
            let authorized =
                config_resource::authorize(call, AclOperation::DescribeConfigs, kind, name);
            let found = authorized.and_then(|()| match kind {
                TOPIC => topic(&state, &resource),
                BROKER => broker(&state, call.node, &resource),
                _ => Err((
                    ErrorCode::INVALID_REQUEST,
                    "only topics and brokers are known".to_owned(),
                )),
            });
            let entries = match found {
                Ok(entries) => entries,
                Err((code, reason)) => return refused(resource, code, reason),
            };
            let entries = entries
                .into_iter()
                .filter(|entry| {
                    let keys = resource.configuration_keys.as_ref();
                    keys.is_none_or(|keys| keys.contains(&entry.name))
                })
                .map(|mut entry| {
                    if !synonyms {
                        entry.synonyms.clear();
                    }
                    if call.version < KINDS {
                        entry.config_type = 0;
                    }
                    entry
                });
            DescribeConfigsResult::default()
                .with_resource_type(resource.resource_type)
                .with_configs(entries.collect())
                .with_resource_name(resource.resource_name)
        });
        Outcome::Reply(DescribeConfigsResponse::default().with_results(results.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DescribeConfigsResponse {
        let resources = self.resources.into_iter();
        let results = resources.map(|resource| refused(resource, code, code.to_string()));
        DescribeConfigsResponse::default().with_results(results.collect())
    }
}

type Entries = Result<Vec<DescribeConfigsResourceResult>, Refusal>;

fn topic(state: &State, resource: &DescribeConfigsResource) -> Entries {
    let name = &resource.resource_name;
    if let Some(reason) = refuse_name(name) {
        return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, reason));
    }
    let topic = state.topic(name);
    let topic = topic.map_err(|code| (code, format!("there is no topic {name}")))?;
    Ok(topic_config::ALL
        .iter()
        .map(|config| topic_entry(config, &topic.configs))
        .collect())
}

fn topic_entry(
    config: &topic_config::TopicConfig,
    set: &BTreeMap<String, String>,
) -> DescribeConfigsResourceResult {
    let set = set.get(config.name).map(String::as_str);
    let default = config
        .broker
        .map(|name| (name, config.default, SOURCE_DEFAULT));
    let synonyms = set
        .map(|value| (config.name, value, SOURCE_TOPIC))
        .into_iter()
        .chain(default);
    let source = if set.is_some() {
        SOURCE_TOPIC
    } else {
        SOURCE_DEFAULT
    };
    entry(
        config.name,
        set.unwrap_or(config.default),
        source,
        config.kind,
    )
    .with_synonyms(synonyms.map(synonym).collect())
}

fn broker(state: &State, node: i32, resource: &DescribeConfigsResource) -> Entries {
    let name = &resource.resource_name;
    if name.is_empty() {
        // The defaults of all brokers that were changed while they ran: none.
        return Ok(Vec::new());
    }
    let address = state.brokers.get(&node).map(|broker| broker.address);
    let Some(address) = address.filter(|_| name.parse() == Ok(node)) else {
        let reason = format!("unexpected broker id, expected {node}, but received {name}");
        return Err((ErrorCode::INVALID_REQUEST, reason));
    };
    let own = broker_config::own(node, address).map(|(name, value, kind)| {
        entry(name, &value, SOURCE_STATIC, kind)
            .with_read_only(broker_config::is_read_only(name))
            .with_synonyms(vec![synonym((name, &value, SOURCE_STATIC))])
    });
    let defaults = broker_config::defaults().map(|(name, value, kind)| {
        entry(name, value, SOURCE_DEFAULT, kind)
            .with_read_only(broker_config::is_read_only(name))
            .with_synonyms(vec![synonym((name, value, SOURCE_DEFAULT))])
    });
    Ok(own.into_iter().chain(defaults).collect())
}

fn entry(name: &str, value: &str, source: i8, kind: Kind) -> DescribeConfigsResourceResult {
    DescribeConfigsResourceResult::default()
        .with_name(text(name))
        .with_value(Some(text(value)))
        .with_config_source(source)
        .with_config_type(kind as i8)
}

fn synonym((name, value, source): (&str, &str, i8)) -> DescribeConfigsSynonym {
    DescribeConfigsSynonym::default()
        .with_name(text(name))
        .with_value(Some(text(value)))
        .with_source(source)
}

fn refused(
    resource: DescribeConfigsResource,
    code: ErrorCode,
    reason: String,
) -> DescribeConfigsResult {
    DescribeConfigsResult::default()
        .with_error_code(code.code())
        .with_error_message(Some(text(reason)))
        .with_resource_type(resource.resource_type)
        .with_resource_name(resource.resource_name)
}

/// A value of the broker's configuration file.
const SOURCE_STATIC: i8 = 4;

/// The first version that tells what values look like (KIP-569).
const KINDS: i16 = 3;
