use rmcp::{ErrorData, model::ErrorCode};
use serde_json::json;

use super::*;

fn arguments(value: Value) -> JsonObject {
    let Value::Object(arguments) = value else {
        panic!("not an object")
    };
    arguments
}

#[test]
fn the_four_prompts_are_listed_and_one_takes_a_threshold() {
    let prompts = list();
    let names: Vec<_> = prompts.iter().map(|prompt| prompt.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "kafka_cluster_overview",
            "kafka_health_check",
            "kafka_under_replicated_partitions",
            "kafka_consumer_lag_report",
        ]
    );
    let arguments: Vec<_> = prompts
        .iter()
        .filter_map(|prompt| prompt.arguments.clone())
        .collect();
    assert_eq!(arguments.len(), 1);
    assert_eq!(
        (arguments[0][0].name.as_str(), arguments[0][0].required),
        ("threshold", Some(false))
    );
}

#[test]
fn a_threshold_is_a_string_a_number_or_left_out() {
    for (given, expected) in [
        (json!({}), 1_000),
        (json!({ "threshold": null }), 1_000),
        (json!({ "threshold": "" }), 1_000),
        (json!({ "threshold": "50" }), 50),
        (json!({ "threshold": 50 }), 50),
    ] {
        assert_eq!(
            threshold(&arguments(given.clone())).unwrap().get(),
            expected,
            "{given}"
        );
    }
    for given in [
        json!("many"),
        json!("-5"),
        json!(1.5),
        json!(true),
        json!([5]),
    ] {
        let error: ErrorData = threshold(&arguments(json!({ "threshold": given })))
            .unwrap_err()
            .into();
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{given}");
        assert!(
            error.message.contains("a whole number of records"),
            "{error:?}"
        );
    }
}

#[test]
fn an_unknown_argument_gets_a_did_you_mean() {
    let lag = find("kafka_consumer_lag_report").unwrap();
    let error: ErrorData = lag
        .check(&arguments(json!({ "treshold": "5" })))
        .unwrap_err()
        .into();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    assert_eq!(
        error.message,
        "unknown argument treshold: known are threshold"
    );
    assert_eq!(error.data.unwrap()["did_you_mean"], json!(["threshold"]));

    let health = find("kafka_health_check").unwrap();
    let error: ErrorData = health
        .check(&arguments(json!({ "x": "5" })))
        .unwrap_err()
        .into();
    assert_eq!(error.message, "unknown argument x: this prompt takes none");
}

#[test]
fn an_unknown_prompt_gets_a_did_you_mean_and_is_counted_as_unknown() {
    let error: ErrorData = find("kafka_helth_check").unwrap_err().into();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    assert!(
        error.message.contains("kafka_cluster_overview, "),
        "{error:?}"
    );
    assert_eq!(
        error.data.unwrap()["did_you_mean"][0],
        json!("kafka_health_check")
    );
    assert_eq!(metric_name("kafka_helth_check"), "unknown");
    assert_eq!(metric_name("kafka_health_check"), "kafka_health_check");
}
