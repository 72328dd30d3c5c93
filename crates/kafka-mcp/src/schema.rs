//! JSON schemas, as short as models and validators like them.

use std::sync::Arc;

use rmcp::model::JsonObject;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

/// The schema of a tool's arguments: closed objects, no references, and no `null` for an argument
/// that can be left out, unless null means something else there (see [`KEEP_NULL`]).
pub(crate) fn of_arguments<T: JsonSchema>() -> Arc<JsonObject> {
    let mut schema = generate::<T>(SchemaSettings::draft2020_12().for_deserialize());
    tidy(&mut schema, &mut close);
    finish(schema)
}

/// The schema of a tool's result.
///
/// No property is required. MCP wants whatever has a structure to hold what the schema says, and
/// failures have one; there are clients that check it and throw the failure away if it does not fit.
/// Within rows nothing is required either: it would take 300 tokens of the list, in each
/// conversation, to say what tests see to.
pub(crate) fn of_result<T: JsonSchema>() -> Arc<JsonObject> {
    let mut schema = generate::<T>(SchemaSettings::draft2020_12().for_serialize());
    tidy(&mut schema, &mut open);
    finish(schema)
}

/// Marks an argument for which `null` is a value of its own: `#[schemars(extend("x-null" = true))]`.
const KEEP_NULL: &str = "x-null";

fn generate<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

fn finish(schema: Value) -> Arc<JsonObject> {
    let Value::Object(mut schema) = schema else {
        return Arc::default();
    };
    // The tool has a description of its own.
    schema.remove("description");
    schema.entry("type").or_insert_with(|| json!("object"));
    schema.entry("properties").or_insert_with(|| json!({}));
    Arc::new(schema)
}

/// Applies `change` to every schema within `schema`, inside out, and drops what says nothing: the
/// names of our types, and the width of an integer, which some validators warn about.
fn tidy(schema: &mut Value, change: &mut dyn FnMut(&mut JsonObject)) {
    let Some(node) = schema.as_object_mut() else {
        return;
    };
    if let Some(properties) = node.get_mut("properties").and_then(Value::as_object_mut) {
        properties
            .values_mut()
            .for_each(|property| tidy(property, change));
    }
    for key in ["items", "additionalProperties"] {
        node.entry(key).and_modify(|inner| tidy(inner, change));
    }
    for key in ["anyOf", "oneOf"] {
        let variants = node.get_mut(key).and_then(Value::as_array_mut);
        variants
            .into_iter()
            .flatten()
            .for_each(|variant| tidy(variant, change));
    }
    node.remove("title");
    let format = node.remove("format");
    let is_unsigned = format
        .as_ref()
        .and_then(Value::as_str)
        .is_some_and(|f| f.starts_with("uint"));
    if is_unsigned && node.get("minimum") == Some(&json!(0)) {
        node.remove("minimum");
    }
    change(node);
}

fn close(node: &mut JsonObject) {
    drop_nulls(node);
    if node.get("type") == Some(&json!("object")) {
        node.insert("additionalProperties".to_owned(), json!(false));
    }
}

fn open(node: &mut JsonObject) {
    drop_nulls(node);
    for key in ["required", "description", "minimum", "maximum"] {
        node.remove(key);
    }
}

/// Drops `null` from the properties that can be left out: that is how they are empty.
fn drop_nulls(node: &mut JsonObject) {
    let required = node.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| {
        required
            .as_array()
            .is_some_and(|r| r.contains(&json!(name)))
    };
    let properties = node.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        let Some(property) = property.as_object_mut() else {
            continue;
        };
        if property.get("default") == Some(&Value::Null) {
            property.remove("default");
        }
        if property.remove(KEEP_NULL).is_none() && !is_required(name) {
            drop_null(property);
        }
    }
}

fn drop_null(property: &mut JsonObject) {
    if let Some(values) = property.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Example {
        /// How many.
        #[serde(default)]
        #[schemars(range(min = 1, max = 5))]
        count: Option<u32>,
        #[schemars(extend("x-null" = true))]
        value: Option<String>,
        mode: Option<Mode>,
        #[serde(default)]
        nested: Vec<Nested>,
        title: String,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        Fast,
        Slow,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Nested {
        size: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        rack: Option<String>,
        lag: Option<i64>,
    }

    #[test]
    fn argument_schemas_are_closed_short_and_without_null() {
        let schema = Value::Object((*of_arguments::<Example>()).clone());
        let expected = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["title"],
            "properties": {
                "count": {"type": "integer", "minimum": 1, "maximum": 5, "description": "How many."},
                "value": {"type": ["string", "null"]},
                "mode": {"type": "string", "enum": ["fast", "slow"]},
                "nested": {"type": "array", "default": [], "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["size"],
                    "properties": {
                        "size": {"type": "integer"},
                        "rack": {"type": "string"},
                        "lag": {"type": "integer"},
                    },
                }},
                "title": {"type": "string"},
            },
        });
        assert_eq!(schema, expected, "{schema:#}");
    }

    #[test]
    fn result_schemas_require_nothing_and_know_what_can_be_null() {
        let schema = Value::Object((*of_result::<Nested>()).clone());
        let expected = json!({
            "type": "object",
            "properties": {
                "size": {"type": "integer"},
                "rack": {"type": "string"},
                "lag": {"type": ["integer", "null"]},
            },
        });
        assert_eq!(schema, expected, "{schema:#}");
    }
}
