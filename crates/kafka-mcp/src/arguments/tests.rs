use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::schema;

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Example {
    #[schemars(length(min = 1, max = 3))]
    topics: Vec<String>,
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 1000))]
    max_messages: u32,
    #[serde(default)]
    verbose: bool,
    mode: Option<Mode>,
    #[serde(default)]
    headers: Vec<Header>,
    #[schemars(extend("x-null" = true))]
    #[serde(default, deserialize_with = "present")]
    value: Option<Option<String>>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Earliest,
    Latest,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Header {
    key: String,
    value: String,
}

fn ten() -> u32 {
    10
}

fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(d).map(Some)
}

fn parse_example(arguments: Value) -> Result<Example, Failure> {
    let Value::Object(arguments) = arguments else {
        panic!("not an object")
    };
    parse(&schema::of_arguments::<Example>(), arguments)
}

#[track_caller]
fn accepted(arguments: Value) -> Example {
    parse_example(arguments).unwrap()
}

#[track_caller]
fn refused(arguments: Value, code: Code, message: &str) {
    let failure = parse_example(arguments).unwrap_err();
    assert_eq!(failure.code(), code, "{failure:?}");
    assert_eq!(failure.message(), message);
}

#[test]
fn values_written_as_another_type_are_understood() {
    let plain = accepted(json!({"topics": ["a"], "max_messages": 5, "verbose": true}));
    assert_eq!(
        accepted(json!({"topics": "a", "max_messages": "5", "verbose": "True"})),
        plain
    );
    assert_eq!(
        accepted(json!({"topics": "[\"a\"]", "max_messages": 5.0, "verbose": true})),
        plain
    );
    assert_eq!(
        accepted(json!({"topic": "a", "limit": " 5 ", "verbose": "true"})),
        plain
    );
    assert_eq!(
        accepted(json!({"topics": "a", "mode": "EARLIEST"})).mode,
        Some(Mode::Earliest)
    );
}

#[test]
fn null_is_absence_except_where_it_has_a_meaning() {
    assert_eq!(
        accepted(json!({"topics": "a", "max_messages": null})).max_messages,
        10
    );
    assert_eq!(accepted(json!({"topics": "a"})).value, None);
    assert_eq!(
        accepted(json!({"topics": "a", "value": null})).value,
        Some(None)
    );
    let value = accepted(json!({"topics": "a", "value": "5"})).value;
    assert_eq!(value, Some(Some("5".to_owned())));
}

#[test]
fn lists_and_objects_are_read_item_by_item() {
    let header = Header {
        key: "k".to_owned(),
        value: "v".to_owned(),
    };
    let example = accepted(json!({"topics": "a", "headers": {"key": "k", "value": "v"}}));
    assert_eq!(example.headers, [header]);
    refused(
        json!({"topics": "a", "headers": [{"key": "k", "value": "v"}, {"key": 1, "value": "v"}]}),
        Code::InvalidArgument,
        "invalid headers[1].key 1: expected a string",
    );
    refused(
        json!({"topics": "a", "headers": [{"key": "k"}]}),
        Code::InvalidArgument,
        "headers[0].value is missing: expected a string",
    );
}

#[test]
fn what_is_wrong_in_place_of_a_list_has_the_name_of_the_list() {
    for (value, shown) in [(json!(5), "5"), (json!(true), "true")] {
        refused(
            json!({"topics": value}),
            Code::InvalidArgument,
            &format!("invalid topics {shown}: expected a list of 1 to 3 items"),
        );
    }
    refused(
        json!({"topics": ["a", 5]}),
        Code::InvalidArgument,
        "invalid topics[1] 5: expected a string",
    );
    refused(
        json!({"topics": "a", "headers": {"key": "k"}}),
        Code::InvalidArgument,
        "headers.value is missing: expected a string",
    );
}

#[test]
fn bounds_name_the_argument_the_value_and_what_is_allowed() {
    let expected = "expected a whole number from 1 to 1000";
    for (value, shown) in [
        (json!(0), "0"),
        (json!(-3), "-3"),
        (json!(1e12), "1000000000000"),
        (json!("1000001"), "1000001"),
        (json!(2.5), "2.5"),
        (json!("many"), "\"many\""),
        (json!(u64::MAX), "18446744073709551615"),
        (json!([1]), "[1]"),
    ] {
        refused(
            json!({"topics": "a", "max_messages": value}),
            Code::InvalidArgument,
            &format!("invalid max_messages {shown}: {expected}"),
        );
    }
    refused(
        json!({"topics": []}),
        Code::InvalidArgument,
        "invalid topics, 0 items: expected a list of 1 to 3 items",
    );
}

#[test]
fn unknown_arguments_are_refused_with_the_nearest_names() {
    let failure = parse_example(json!({"topics": "a", "max_mesages": 5})).unwrap_err();
    assert_eq!(failure.code(), Code::UnknownArgument);
    assert_eq!(failure.did_you_mean(), ["max_messages"]);
    let known = "headers, max_messages, mode, topics, value, verbose";
    assert_eq!(
        failure.message(),
        format!("unknown argument max_mesages: known are {known}")
    );
    let failure = parse_example(json!({"topics": "a", "mode": "earlist"})).unwrap_err();
    assert_eq!(failure.did_you_mean(), ["earliest"]);
    assert_eq!(
        failure.message(),
        "invalid mode \"earlist\": expected one of earliest, latest"
    );
}

#[test]
fn missing_and_doubled_arguments_are_refused() {
    refused(
        json!({}),
        Code::InvalidArgument,
        "topics is missing: expected a list of 1 to 3 items",
    );
    refused(
        json!({"topics": null}),
        Code::InvalidArgument,
        "topics is missing: expected a list of 1 to 3 items",
    );
    refused(
        json!({"topic": "a", "topics": "b"}),
        Code::InvalidArgument,
        "topics is given twice, once as topics",
    );
}

#[test]
fn hostile_names_and_values_are_shortened_and_shown_safely() {
    let failure = parse_example(json!({"topics": "a", "\u{202e}": 1})).unwrap_err();
    assert!(failure.message().contains("\\u{202e}"), "{failure:?}");
    let failure = parse_example(json!({"topics": "a", "mode": "x".repeat(9999)})).unwrap_err();
    assert!(failure.message().len() < 300, "{failure:?}");
}
