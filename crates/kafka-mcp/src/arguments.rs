//! Arguments of a call: forgiving in how a value is written, strict in what it means.
//!
//! Models write `"5"` for 5, a bare string for a list of one, and `topic` for `topic_name`. All of
//! that is understood, by the argument's schema alone. Everything else is refused with the
//! argument, its value and what is allowed, before serde sees it.

use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    failure::{Code, Failure},
    nearest::nearest,
    text,
};

/// Reads the arguments of a call by their schema.
pub(crate) fn parse<T: DeserializeOwned>(
    schema: &JsonObject,
    given: JsonObject,
) -> Result<T, Failure> {
    let arguments = object("", schema, given)?;
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        Failure::new(
            Code::InvalidArgument,
            format!("the arguments do not fit: {error}"),
        )
    })
}

fn object(path: &str, schema: &JsonObject, given: JsonObject) -> Result<JsonObject, Failure> {
    let no_properties = JsonObject::new();
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&no_properties);
    let mut arguments = JsonObject::new();
    for (name, value) in given {
        let Some((known, property)) = resolve(properties, &name) else {
            return Err(unknown(path, &name, properties));
        };
        let place = join(path, known);
        if value.is_null() && !accepts(property, "null") {
            continue;
        }
        if arguments.contains_key(known) {
            let message = format!("{place} is given twice, once as {}", text::excerpt(&name));
            return Err(Failure::new(Code::InvalidArgument, message));
        }
        arguments.insert(known.clone(), read(&place, property, value)?);
    }
    for name in strings(schema.get("required")) {
        if !arguments.contains_key(name) {
            let place = join(path, name);
            let expected = properties
                .get(name)
                .and_then(Value::as_object)
                .map(expectation);
            let expected = expected.unwrap_or_default();
            return Err(Failure::new(
                Code::InvalidArgument,
                format!("{place} is missing: {expected}"),
            ));
        }
    }
    Ok(arguments)
}

fn read(path: &str, schema: &JsonObject, value: Value) -> Result<Value, Failure> {
    read_in_place_of(schema, path, schema, value)
}

/// Reads a value by `schema`; who gives one that does not fit is told what `wanted` allows.
fn read_in_place_of(
    wanted: &JsonObject,
    path: &str,
    schema: &JsonObject,
    value: Value,
) -> Result<Value, Failure> {
    let value = coerce(schema, value);
    if let Some(item) = item_of_one(schema, &value) {
        // The caller wrote no list, so that there is no place in one to name.
        return read_in_place_of(wanted, path, item, value).map(|item| json!([item]));
    }
    let refuse = || Failure::invalid(path, &value, &expectation(wanted));
    let is_accepted = match &value {
        Value::Array(_) => accepts(schema, "array"),
        Value::Bool(_) => accepts(schema, "boolean"),
        Value::Null => accepts(schema, "null"),
        Value::Number(number) => {
            accepts(schema, "integer") && number.as_i64().is_some_and(|n| in_range(schema, n))
        }
        Value::Object(_) => accepts(schema, "object"),
        Value::String(text) => {
            let words: Vec<_> = strings(schema.get("enum")).collect();
            accepts(schema, "string") && (words.is_empty() || words.contains(&text.as_str()))
        }
    };
    if !is_accepted {
        let suggestions = value
            .as_str()
            .map(|text| nearest(text, strings(schema.get("enum"))));
        return Err(refuse().suggest(suggestions.unwrap_or_default()));
    }
    match value {
        Value::Array(items) => list(path, schema, items),
        Value::Object(fields) => object(path, schema, fields).map(Value::Object),
        scalar => Ok(scalar),
    }
}

fn list(path: &str, schema: &JsonObject, items: Vec<Value>) -> Result<Value, Failure> {
    let len = items.len();
    let bound = |key| {
        let bound = schema.get(key).and_then(Value::as_u64)?;
        usize::try_from(bound).ok()
    };
    if bound("minItems").is_some_and(|min| len < min) || bound("maxItems").is_some_and(|m| len > m)
    {
        let message = format!("invalid {path}, {len} items: {}", expectation(schema));
        return Err(Failure::new(Code::InvalidArgument, message));
    }
    let Some(item_schema) = schema.get("items").and_then(Value::as_object) else {
        return Ok(Value::Array(items));
    };
    let items = items.into_iter().enumerate();
    items
        .map(|(i, item)| read(&format!("{path}[{i}]"), item_schema, item))
        .collect()
}

/// The schema of the items, where a list is expected and `value` is one item of it.
fn item_of_one<'s>(schema: &'s JsonObject, value: &Value) -> Option<&'s JsonObject> {
    let own_type = match value {
        Value::Array(_) | Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::Object(_) => "object",
        Value::String(_) => "string",
    };
    let is_item = accepts(schema, "array") && !accepts(schema, own_type);
    schema.get("items")?.as_object().filter(|_| is_item)
}

/// Understands a value that is written as another type than the schema's.
fn coerce(schema: &JsonObject, value: Value) -> Value {
    let wants = |name| accepts(schema, name);
    match value {
        Value::String(text) if wants("string") => {
            let lower = text.to_lowercase();
            if strings(schema.get("enum")).any(|word| word == lower) {
                json!(lower)
            } else {
                json!(text)
            }
        }
        Value::String(text) if wants("integer") => text
            .trim()
            .parse::<i64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
        Value::String(text) if wants("boolean") => match text.trim().to_lowercase().as_str() {
            "true" => json!(true),
            "false" => json!(false),
            _ => json!(text),
        },
        Value::String(text) if wants("array") || wants("object") => {
            match serde_json::from_str::<Value>(&text) {
                Ok(list @ Value::Array(_)) if wants("array") => list,
                Ok(fields @ Value::Object(_)) if wants("object") => fields,
                _ => json!(text),
            }
        }
        Value::Number(number) if wants("integer") => {
            whole(&number).map_or(json!(number), Value::from)
        }
        other => other,
    }
}

/// A number without a fraction, also if it is written as `5.0` or `1e3`.
fn whole(number: &serde_json::Number) -> Option<i64> {
    let from_float = |float: f64| {
        let text = format!("{float:.0}");
        (float.fract() == 0.0).then(|| text.parse().ok()).flatten()
    };
    number
        .as_i64()
        .or_else(|| number.as_f64().and_then(from_float))
}

fn in_range(schema: &JsonObject, number: i64) -> bool {
    let bound = |key| schema.get(key).and_then(Value::as_i64);
    bound("minimum").is_none_or(|min| number >= min)
        && bound("maximum").is_none_or(|max| number <= max)
}

/// Finds an argument by its name, or by another word for the same thing.
fn resolve<'s>(properties: &'s JsonObject, name: &str) -> Option<(&'s String, &'s JsonObject)> {
    let find = |name: &str| {
        let (known, property) = properties.get_key_value(name)?;
        Some((known, property.as_object()?))
    };
    let synonyms = SYNONYMS
        .iter()
        .filter(|words| words.contains(&name))
        .copied()
        .flatten();
    find(name).or_else(|| synonyms.copied().find_map(find))
}

fn unknown(path: &str, name: &str, properties: &JsonObject) -> Failure {
    let known: Vec<_> = properties.keys().map(String::as_str).collect();
    let allowed = match known.as_slice() {
        [] => "there are none here".to_owned(),
        known => format!("known are {}", known.join(", ")),
    };
    let place = join(path, &text::excerpt(name));
    Failure::new(
        Code::UnknownArgument,
        format!("unknown argument {place}: {allowed}"),
    )
    .suggest(nearest(name, known))
}

/// What a schema allows, in words.
fn expectation(schema: &JsonObject) -> String {
    let words: Vec<_> = strings(schema.get("enum")).collect();
    if !words.is_empty() {
        return format!("expected one of {}", words.join(", "));
    }
    let described = types(schema).map(|name| match name {
        "array" => format!("a list of {}", bounds(schema, "minItems", "maxItems")),
        "boolean" => "true or false".to_owned(),
        "integer" => format!("a whole number{}", range(schema)),
        "object" => "an object".to_owned(),
        "string" => "a string".to_owned(),
        other => other.to_owned(),
    });
    format!("expected {}", described.collect::<Vec<_>>().join(" or "))
}

fn range(schema: &JsonObject) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(min), Some(max)) => format!(" from {min} to {max}"),
        (Some(min), None) => format!(" from {min} on"),
        (None, Some(max)) => format!(" up to {max}"),
        (None, None) => String::new(),
    }
}

fn bounds(schema: &JsonObject, min: &str, max: &str) -> String {
    match (schema.get(min), schema.get(max)) {
        (Some(min), Some(max)) => format!("{min} to {max} items"),
        (None, Some(max)) => format!("at most {max} items"),
        (Some(min), None) => format!("at least {min} items"),
        (None, None) => "items".to_owned(),
    }
}

fn accepts(schema: &JsonObject, name: &str) -> bool {
    types(schema).any(|known| known == name)
}

fn types(schema: &JsonObject) -> impl Iterator<Item = &str> {
    let single = schema.get("type").and_then(Value::as_str);
    single.into_iter().chain(strings(schema.get("type")))
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// Words for the same thing; a tool knows at most one of each row.
const SYNONYMS: [&[&str]; 3] = [
    &["topic", "topic_name", "topics"],
    &["group_id", "group", "group_name"],
    &["max_messages", "limit"],
];

#[cfg(test)]
mod tests;
