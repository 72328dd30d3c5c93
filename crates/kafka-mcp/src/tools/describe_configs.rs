//! The settings of a topic or a broker.

use std::collections::BTreeSet;

use kafka_tools::{ConfigEntry, ConfigQuery, ConfigResource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Tool;
use crate::{
    call::Call,
    failure::{Code, Failure},
    moment,
    page::{Page, Walk},
    text,
    view::View,
};

pub(super) struct DescribeConfigs;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    resource_type: ResourceType,
    /// A topic's name, or a broker's id.
    #[schemars(schema_with = "text_or_number")]
    resource_name: Value,
    #[serde(default)]
    #[schemars(length(max = 200))]
    config_keys: Vec<String>,
    #[serde(default)]
    non_default_only: bool,
    cursor: Option<String>,
}

impl Arguments {
    /// One key of a topic.
    pub(super) fn one_of_topic(name: String, key: String) -> Self {
        Self {
            resource_type: ResourceType::Topic,
            resource_name: Value::String(name),
            config_keys: vec![key],
            non_default_only: false,
            cursor: None,
        }
    }
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ResourceType {
    Topic,
    Broker,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    // One of those of the arguments.
    #[schemars(with = "String")]
    resource_type: ResourceType,
    resource_name: String,
    configs: Vec<Row>,
    /// Keys that were asked for and do not exist there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_keys: Vec<String>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    is_default: bool,
    is_read_only: bool,
    is_sensitive: bool,
    source: &'static str,
}

/// One setting by itself.
#[derive(Serialize)]
pub(super) struct Setting {
    as_of: String,
    resource_type: ResourceType,
    resource_name: String,
    #[serde(flatten)]
    row: Row,
}

impl Output {
    /// The setting of a description that asked for `key` alone.
    pub(super) fn only_setting(self, key: &str) -> Result<Setting, Failure> {
        match self.configs.into_iter().next() {
            Some(row) => Ok(Setting {
                as_of: self.as_of,
                resource_type: self.resource_type,
                resource_name: self.resource_name,
                row,
            }),
            None => Err(Failure::unknown_config_key(&self.resource_name, key)),
        }
    }
}

impl Tool for DescribeConfigs {
    const NAME: &'static str = "describe_configs";
    const TITLE: &'static str = "Describe configs";
    const DESCRIPTION: &'static str = "\
Shows the settings of a topic or a broker, by key, with where each value comes from. Sensitive \
values are left out. A broker has hundreds: use config_keys or non_default_only.";

    type Arguments = Arguments;
    type Output = Output;

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Output, Failure> {
        let Arguments {
            resource_type,
            config_keys,
            non_default_only,
            cursor,
            ..
        } = arguments;
        let view = call.view();
        let name = match arguments.resource_name {
            Value::String(name) => name,
            number => number.to_string(),
        };
        let resource = resource(view, resource_type, &name)?;
        if let ConfigResource::Topic(topic) = &resource {
            call.about(topic);
        }
        let mut query = ConfigQuery::new(resource);
        query.keys.clone_from(&config_keys);
        let mut entries = view.client().describe_configs(query).await?;

        let is_unknown = |key: &&String| !entries.iter().any(|entry| entry.name == **key);
        let unknown_keys: Vec<_> = config_keys
            .iter()
            .filter(is_unknown)
            .map(|key| text::excerpt(key))
            .collect();
        entries.retain(|entry| !(non_default_only && entry.is_default()));
        let keys: BTreeSet<_> = config_keys.iter().collect();
        let walk = Walk {
            cursors: call.cursors(
                Self::NAME,
                &[
                    ("resource_type", json!(resource_type)),
                    ("resource_name", json!(name)),
                    ("config_keys", json!(keys)),
                    ("non_default_only", json!(non_default_only)),
                ],
            ),
            cursor: cursor.as_deref(),
            limit: None,
            narrow: Some("config_keys or non_default_only"),
        };
        let mut budget = call.budget(!config_keys.is_empty());
        budget.take(&unknown_keys);
        let (configs, page) =
            walk.page(&mut budget, entries, |entry| entry.name.clone(), Row::from)?;
        Ok(Output {
            as_of: moment::stamp(view.now()),
            resource_type,
            resource_name: name,
            configs,
            unknown_keys,
            page,
        })
    }
}

impl From<ConfigEntry> for Row {
    fn from(entry: ConfigEntry) -> Self {
        Self {
            value: entry.value.as_deref().map(shown),
            is_default: entry.is_default(),
            is_read_only: entry.is_read_only,
            is_sensitive: entry.is_sensitive,
            source: entry.source.as_str(),
            name: entry.name,
        }
    }
}

/// Lists of replicas that are throttled have no end.
fn shown(value: &str) -> String {
    let cut = text::truncate(value, VALUE_BYTES);
    let visible = text::visible(cut);
    match value.len() {
        length if length > cut.len() => format!("{visible}... ({length} bytes)"),
        _ => visible.into_owned(),
    }
}

const VALUE_BYTES: usize = 2_048;

fn resource(view: View<'_>, kind: ResourceType, name: &str) -> Result<ConfigResource, Failure> {
    match kind {
        ResourceType::Topic => view.topic("resource_name", name).map(ConfigResource::Topic),
        ResourceType::Broker => match name.trim().parse() {
            Ok(id) => Ok(ConfigResource::Broker(id)),
            Err(_) => Err(Failure::new(
                Code::UnknownConfigResource,
                format!(
                    "there is no broker {}: a broker is named by its id",
                    text::excerpt(name)
                ),
            )
            .hint("list_brokers shows the ids")),
        },
    }
}

fn text_or_number(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": ["string", "integer"] })
}
