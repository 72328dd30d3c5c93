use serde_json::{Value, json};

use super::*;

fn schema() -> Value {
    let schema = crate::schema::of_result::<Snapshot>();
    Value::Object((*schema).clone())
}

/// Every model gets the schemas of all tools, this one's too where a host knows nothing of views.
#[test]
fn the_schema_names_the_parts_and_nothing_within_them() {
    assert_eq!(
        schema(),
        json!({
            "type": "object",
            "properties": {
                "as_of": {"type": "string"},
                "cluster": {"type": "object"},
                "lag": {"type": ["object", "null"]},
                "omitted": {"type": "integer"},
                "complete": {"type": "boolean"},
                "partial_errors": {"type": "array", "items": {"type": "object"}},
            },
        })
    );
}
