//! What a tool promises of its arguments and results.

use std::collections::BTreeSet;

use jsonschema::Validator;
use rmcp::model::Tool;
use serde_json::{Value, json};

/// What a tool promises of its arguments and results.
pub(crate) struct Promises {
    name: String,
    input: Value,
    output: Value,
}

impl Promises {
    pub(crate) fn of(tool: &Tool) -> Self {
        Self {
            name: tool.name.to_string(),
            input: json!(tool.input_schema),
            output: json!(tool.output_schema.as_ref().expect("an output schema")),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a result can leave out rows: it has some, and says whether it did.
    pub(super) fn can_be_cut(&self) -> bool {
        let properties = self.output["properties"].as_object().expect("properties");
        let is_table = |property: &Value| property["items"].get("properties").is_some();
        properties.contains_key("truncated") && properties.values().any(is_table)
    }

    pub(super) fn assert_takes(&self, arguments: &Value) {
        assert_matches(&self.input, arguments, &self.name);
    }

    /// Asserts that a structure is what clients that check it accept.
    pub(crate) fn assert_kept(&self, structure: &Value) {
        assert_matches(&self.output, structure, &self.name);
    }

    /// Asserts that a result holds nothing that the schema does not name.
    pub(crate) fn assert_nothing_else(&self, structure: &Value) {
        assert_matches(&closed(self.output.clone()), structure, &self.name);
    }

    /// Asserts that the schemas are schemas, and whole in themselves.
    pub(super) fn assert_valid(&self) {
        for schema in [&self.input, &self.output] {
            assert!(jsonschema::draft202012::meta::is_valid(schema), "{schema}");
            let text = schema.to_string();
            for word in ["\"$ref\"", "\"$dynamicRef\"", "\"$id\"", "\"format\""] {
                assert!(!text.contains(word), "{word} in {schema}");
            }
        }
    }

    /// The fields that the schema names and none of the structures has, by their paths.
    pub(super) fn fields_missing_from<'a>(
        &self,
        structures: impl Iterator<Item = &'a Value>,
    ) -> BTreeSet<String> {
        let mut missing = BTreeSet::new();
        named(&self.output, "", &mut missing);
        for structure in structures {
            shown(structure, "", &mut missing);
        }
        missing
    }
}

/// Adds the paths of all properties.
fn named(schema: &Value, path: &str, paths: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}/{name}");
        named(property, &path, paths);
        named(&property["items"], &path, paths);
        paths.insert(path);
    }
}

/// Takes away the paths of all fields that are there.
fn shown(value: &Value, path: &str, missing: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| shown(item, path, missing)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let path = format!("{path}/{name}");
                shown(field, &path, missing);
                missing.remove(&path);
            }
        }
        _ => {}
    }
}

/// The schema with every object closed whose properties it names.
fn closed(mut schema: Value) -> Value {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for property in properties.values_mut() {
            *property = closed(property.take());
        }
        schema["additionalProperties"] = json!(false);
    }
    if let Some(items) = schema.get_mut("items") {
        *items = closed(items.take());
    }
    schema
}

#[track_caller]
fn assert_matches(schema: &Value, value: &Value, what: &str) {
    let validator: Validator = jsonschema::draft202012::new(schema).expect("a schema");
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:?} in {value}");
}

#[test]
fn a_result_that_breaks_a_promise_is_found() {
    let output = json!({
        "type": "object",
        "properties": {"rows": {"type": "array", "items": {
            "type": "object", "properties": {"lag": {"type": ["integer", "null"]}},
        }}},
    });
    let promises = Promises {
        name: "tool".to_owned(),
        input: json!({"type": "object"}),
        output,
    };
    let broken = |check: fn(&Promises, &Value), value: Value| {
        std::panic::catch_unwind(|| check(&promises, &value)).is_err()
    };
    assert!(!broken(
        Promises::assert_nothing_else,
        json!({"rows": [{"lag": null}]})
    ));
    assert!(broken(
        Promises::assert_kept,
        json!({"rows": [{"lag": "1"}]})
    ));
    assert!(broken(
        Promises::assert_nothing_else,
        json!({"rows": [{"lags": 1}]})
    ));
    assert!(broken(Promises::assert_nothing_else, json!({"row": []})));
    let missing = promises.fields_missing_from([json!({"rows": []})].iter());
    assert_eq!(missing, BTreeSet::from(["/rows/lag".to_owned()]));
}
