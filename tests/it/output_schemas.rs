//! What tools return is what their schemas say: each result, each failure, and each result that was
//! cut. Hermetic.

mod cases;
pub(crate) mod promises;
mod world;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use cases::{CASES, Expected};
use promises::Promises;
use world::{World, tools};

/// An answer of a tool to one of the cases.
struct Answer {
    tool: &'static str,
    expected: &'static Expected,
    structure: Value,
}

#[tokio::test]
async fn every_tool_has_a_case_for_every_way_that_it_can_answer() {
    let tools = tools().await;
    let listed: BTreeSet<_> = tools.iter().map(Promises::name).collect();
    let known: BTreeSet<_> = CASES.iter().map(|case| case.tool).collect();
    assert_eq!(
        listed, known,
        "tools without cases, or cases without a tool"
    );
    for tool in &tools {
        let has = |expected: fn(&Expected) -> bool| {
            let mut cases = CASES.iter().filter(|case| case.tool == tool.name());
            cases.any(|case| expected(&case.expected))
        };
        let name = tool.name();
        assert!(has(|it| matches!(it, Expected::Whole)), "{name}: a result");
        assert!(
            has(|it| matches!(it, Expected::Failure(_))),
            "{name}: a failure"
        );
        let is_cut = has(|it| matches!(it, Expected::Cut));
        assert_eq!(is_cut, tool.can_be_cut(), "{name}: a result that was cut");
    }
}

#[tokio::test]
async fn results_and_failures_hold_what_the_schemas_promise() {
    let tools = tools().await;
    let answers = World::build().await.answers().await;
    for Answer {
        tool,
        expected,
        structure,
    } in &answers
    {
        let promises = tools.iter().find(|promises| promises.name() == *tool);
        let promises = promises.expect("it is listed");
        promises.assert_kept(structure);
        match expected {
            Expected::Whole => {
                promises.assert_nothing_else(structure);
                assert_ne!(structure.get("truncated"), Some(&json!(true)), "{tool}");
            }
            Expected::Cut => {
                promises.assert_nothing_else(structure);
                assert_eq!(structure["truncated"], true, "{tool}: {structure}");
                assert!(
                    structure["omitted"].as_u64() > Some(0),
                    "{tool}: {structure}"
                );
                assert!(structure["hint"].is_string(), "{tool}: {structure}");
                assert!(structure.to_string().len() <= world::TIGHT, "{tool}");
            }
            Expected::Failure(code) => {
                assert_eq!(structure["code"], *code, "{tool}: {structure}");
                for field in ["message", "retriable", "kafka_error", "did_you_mean"] {
                    assert!(
                        structure.get(field).is_some(),
                        "{tool} fails without {field}"
                    );
                }
            }
        }
    }
}

// A field that no case shows is one that nobody has seen.
#[tokio::test]
async fn every_field_that_a_schema_names_is_in_some_result() {
    let answers = World::build().await.answers().await;
    let tools = tools().await;
    let missing: BTreeSet<(&str, String)> = tools
        .iter()
        .flat_map(|promises| {
            let results = answers.iter().filter(|answer| {
                answer.tool == promises.name() && !matches!(answer.expected, Expected::Failure(_))
            });
            let missing = promises.fields_missing_from(results.map(|answer| &answer.structure));
            missing.into_iter().map(|field| (promises.name(), field))
        })
        .collect();
    let excused = world::NEVER_SHOWN.iter();
    let excused = excused.map(|(tool, field)| (*tool, (*field).to_owned()));
    assert_eq!(missing, excused.collect());
}

#[tokio::test]
async fn schemas_are_valid_and_lead_nowhere_else() {
    for promises in tools().await {
        promises.assert_valid();
    }
}

// The schemas of arguments are promises too: what works is what they allow.
#[tokio::test]
async fn the_arguments_of_all_calls_that_succeed_are_such_as_the_schemas_allow() {
    let tools = tools().await;
    for case in CASES
        .iter()
        .filter(|case| !matches!(case.expected, Expected::Failure(_)))
    {
        let promises = tools.iter().find(|promises| promises.name() == case.tool);
        promises
            .expect("it is listed")
            .assert_takes(&case.arguments());
    }
}
