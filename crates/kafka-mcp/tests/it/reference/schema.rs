//! The fields of a schema, in the order of the schema, each with its path.

use serde_json::Value;

pub(super) struct Field {
    /// `messages[].key`.
    pub(super) path: String,
    /// In words.
    pub(super) kind: String,
    pub(super) is_required: bool,
    pub(super) default: Option<Value>,
    pub(super) description: Option<String>,
}

pub(super) fn fields(schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    add("", schema, &mut found);
    found
}

fn add(place: &str, schema: &Value, found: &mut Vec<Field>) {
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|n| n == name));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{place}{name}");
        found.push(Field {
            kind: kind(property),
            is_required: is_required(name),
            // No list is what a list that is left out is.
            default: property
                .get("default")
                .filter(|d| **d != Value::Array(Vec::new()))
                .cloned(),
            description: property["description"].as_str().map(str::to_owned),
            path: path.clone(),
        });
        add(&format!("{path}."), property, found);
        add(&format!("{path}[]."), &property["items"], found);
    }
}

fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().filter_map(Value::as_str);
        return words
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        single => Vec::from_iter(single.as_str()),
    };
    let types = types.into_iter().map(|name| match name {
        "array" => list(schema),
        "integer" => format!("integer{}", range(&schema["minimum"], &schema["maximum"])),
        other => other.to_owned(),
    });
    types.collect::<Vec<_>>().join(" or ")
}

fn list(schema: &Value) -> String {
    let most = schema["maxItems"].as_u64();
    let most = most.map(|most| format!(", at most {most}"));
    format!(
        "list of {}{}",
        kind(&schema["items"]),
        most.unwrap_or_default()
    )
}

fn range(least: &Value, most: &Value) -> String {
    match (least.as_i64(), most.as_i64()) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", from {least}"),
        (None, Some(most)) => format!(", up to {most}"),
        (None, None) => String::new(),
    }
}
