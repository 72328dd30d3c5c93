use std::collections::BTreeSet;

use serde_json::json;

use super::*;

fn definitions() -> Vec<model::Tool> {
    Toolbox::new().visible_to(&Caller::local(), &Access::default())
}

#[test]
fn the_list_fits_into_five_thousand_tokens() {
    let list = json!({ "tools": definitions() }).to_string();
    assert!(list.len() / 4 <= 5_000, "{} tokens", list.len() / 4);
}

#[test]
fn every_tool_is_described_and_annotated() {
    for tool in definitions() {
        let name = &tool.name;
        let hints = tool.annotations.unwrap();
        assert!(tool.title.is_some() && hints.title.is_some(), "{name}");
        let is_write = name == "produce_message";
        assert_eq!(hints.read_only_hint, Some(!is_write), "{name}");
        assert_eq!(hints.destructive_hint, Some(is_write), "{name}");
        assert_eq!(hints.idempotent_hint, Some(!is_write), "{name}");
        let is_open = ["consume_messages", "produce_message"].contains(&&**name);
        assert_eq!(hints.open_world_hint, Some(is_open), "{name}");
        assert!(
            tool.description.is_some_and(|text| text.len() > 60),
            "{name}"
        );
    }
}

#[test]
fn tools_are_named_in_snake_case() {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    for tool in definitions() {
        assert!(tool.name.split('_').all(is_word), "{}", tool.name);
        assert!(tool.name.len() <= 40, "{}", tool.name);
    }
}

/// The first sentence is what a model chooses by, and all of it is in every conversation.
#[test]
fn descriptions_begin_with_what_a_tool_does_and_give_no_orders() {
    for tool in definitions() {
        let (name, text) = (&tool.name, tool.description.unwrap());
        let (first, _) = text.split_once(". ").unwrap_or((&text, ""));
        let verb = first.split(' ').next().unwrap();
        assert!(verb.ends_with('s'), "{name} {verb}: a verb comes first");
        assert!(first.len() <= 160, "{name}: {first}");
        assert!(text.len() <= 400 && text.is_ascii(), "{name}");
        assert!(text.ends_with('.') && !text.contains('\n'), "{name}");
        let words = text.to_lowercase();
        let words: Vec<_> = words.split(|c: char| !c.is_alphabetic()).collect();
        for order in [
            "you",
            "your",
            "must",
            "always",
            "never",
            "please",
            "important",
        ] {
            assert!(!words.contains(&order), "{name} says {order}");
        }
    }
}

/// One word per idea, in every tool: a new one is to be a decision.
#[test]
fn arguments_are_called_the_same_everywhere() {
    const WORDS: [&str; 32] = [
        "config_keys",
        "cursor",
        "group_id",
        "headers",
        "include_internal",
        "include_lag",
        "include_offsets",
        "isolation_level",
        "key",
        "key_encoding",
        "limit",
        "max_bytes",
        "max_messages",
        "max_value_bytes",
        "messages",
        "name_contains",
        "non_default_only",
        "offset",
        "partition",
        "partitions",
        "position",
        "resource_name",
        "resource_type",
        "threshold",
        "timeout_ms",
        "timestamp",
        "topic",
        // From before there was a rule, and understood as topic too.
        "topic_name",
        "topics",
        "value",
        "value_encoding",
        "wait_ms",
    ];
    let mut used = BTreeSet::new();
    for tool in definitions() {
        used.extend(
            tool.input_schema["properties"]
                .as_object()
                .unwrap()
                .keys()
                .cloned(),
        );
    }
    assert!(used.iter().eq(WORDS.iter()), "{used:?}");
}

#[test]
fn schemas_use_only_words_that_every_validator_knows() {
    for tool in definitions() {
        let input = Value::Object((*tool.input_schema).clone());
        let output = Value::Object((*tool.output_schema.unwrap()).clone());
        for schema in [&input, &output] {
            assert_eq!(schema["type"], "object", "{}", tool.name);
            check_words(schema);
        }
        assert_eq!(input["additionalProperties"], false, "{}", tool.name);
    }
}

#[track_caller]
fn check_words(schema: &Value) {
    const WORDS: [&str; 12] = [
        "additionalProperties",
        "default",
        "description",
        "enum",
        "items",
        "maxItems",
        "maximum",
        "minItems",
        "minimum",
        "properties",
        "required",
        "type",
    ];
    for (word, value) in schema.as_object().unwrap() {
        assert!(WORDS.contains(&word.as_str()), "{word} in {schema}");
        match word.as_str() {
            "items" => check_words(value),
            "properties" => value.as_object().unwrap().values().for_each(check_words),
            _ => {}
        }
    }
}

/// Otherwise serde would name a Rust type in its refusal.
#[test]
fn integers_are_bounded_where_they_are_not_of_64_bits() {
    let unbounded = ["offset", "threshold", "timestamp", "resource_name"];
    for tool in definitions() {
        for (name, property) in tool.input_schema["properties"].as_object().unwrap() {
            let is_integer =
                property["type"] == "integer" || property["items"]["type"] == "integer";
            let bounded = property.get("maximum").or(property["items"].get("maximum"));
            if is_integer && !unbounded.contains(&name.as_str()) {
                assert!(bounded.is_some(), "{name} of {}", tool.name);
            }
        }
    }
}

#[test]
fn the_grants_cover_every_tool_and_only_produce_message_writes() {
    let grants: Vec<_> = tool_grants().collect();
    let names: BTreeSet<_> = grants.iter().map(|(name, _)| *name).collect();
    assert_eq!((grants.len(), names.len()), (13, 13));
    for (name, grant) in grants {
        let expected = if name == "produce_message" {
            Grant::Write
        } else {
            Grant::Read
        };
        assert_eq!(grant, expected, "{name}");
    }
}

#[test]
fn callers_see_the_tools_that_they_may_call() {
    let toolbox = Toolbox::new();
    let count = |grants: Vec<Grant>, access: &Access| {
        toolbox
            .visible_to(&Caller::new("someone", grants), access)
            .len()
    };
    let open = Access::default();
    let read_only = Access {
        read_only: true,
        ..Access::default()
    };
    assert_eq!(count(vec![Grant::Read, Grant::Write], &open), 13);
    assert_eq!(count(vec![Grant::Read], &open), 12);
    assert_eq!(count(vec![Grant::Write], &open), 1);
    assert_eq!(count(vec![], &open), 0);
    assert_eq!(count(vec![Grant::Read, Grant::Write], &read_only), 12);
}

/// Some clients hold the structure of a failure against the output schema too.
#[test]
fn a_failure_contradicts_no_output_schema() {
    let failure = Failure::new(Code::UnknownTool, "message").structured();
    for tool in definitions() {
        let schema = tool.output_schema.unwrap();
        for name in failure.as_object().unwrap().keys() {
            assert!(
                schema["properties"].get(name).is_none(),
                "{name} of {}",
                tool.name
            );
        }
    }
}
