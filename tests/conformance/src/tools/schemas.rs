//! What the tools take.

use std::sync::Arc;

use rmcp::model::{JsonObject, object};
use serde_json::{Value, json};

/// What a tool takes.
pub(super) fn of(name: &str) -> Arc<JsonObject> {
    let text = json!({ "type": "string" });
    let schema = match name {
        "json_schema_2020_12_tool" => rich(),
        "test_custom_header" => {
            let region = json!({ "type": "string", "x-mcp-header": "Region" });
            arguments(json!({ "region": region }), &["region"])
        }
        "test_sampling" => arguments(json!({ "prompt": text }), &["prompt"]),
        "test_elicitation" => arguments(json!({ "message": text }), &["message"]),
        "greet" => arguments(json!({ "name": text }), &["name"]),
        "confirm_delete" => arguments(json!({ "filename": text }), &["filename"]),
        "slow_compute" => {
            let seconds = json!({ "type": "integer", "minimum": 0 });
            arguments(json!({ "seconds": seconds, "label": text }), &[])
        }
        _ => arguments(json!({}), &[]),
    };
    Arc::new(object(schema))
}

fn arguments(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

/// A schema with the keywords that must not be lost on the way: references and anchors, one of
/// several, and what depends on something else (SEP-1613, SEP-2106).
fn rich() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": text, "city": text },
            },
        },
        "type": "object",
        "properties": {
            "name": text,
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": text,
            "email": text,
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": {
            "properties": { "contactMethod": { "const": "phone" } },
            "required": ["contactMethod"],
        },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}
