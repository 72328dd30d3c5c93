//! `docs/reference.md`: what the lists of the contract say, for people, with what they leave out to
//! be short. `UPDATE_REFERENCE=1 cargo test -p kafka-mcp reference` writes it anew.

mod codes;
mod meanings;
mod schema;

use std::{collections::BTreeSet, fmt::Write as _, fs};

use kafka_mcp::tool_grants;
use serde_json::Value;

use self::{
    codes::{CODES, Retry},
    schema::Field,
};

#[test]
fn the_reference_is_the_committed_contract() {
    let contract: Value = serde_json::from_str(include_str!("contract.json")).unwrap();
    let reference = reference(&contract);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference.md");
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(path, &reference).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap();
    for (line, (expected, found)) in reference.lines().zip(committed.lines()).enumerate() {
        assert_eq!(
            expected,
            found,
            "line {} of docs/reference.md; UPDATE_REFERENCE=1 writes it",
            line + 1
        );
    }
    assert_eq!(reference, committed, "UPDATE_REFERENCE=1 writes it");
}

#[test]
fn every_code_is_explained_once() {
    let explained: Vec<_> = CODES.iter().map(|row| row.code).collect();
    // `Self::AccessDenied => "access_denied",`
    let source = include_str!("../../src/failure/code.rs");
    let words = source.lines().filter_map(|line| line.split_once("=> \""));
    let words = words.map(|(_, rest)| rest.trim_end_matches("\","));
    assert_eq!(explained, words.collect::<Vec<_>>());
}

#[test]
fn no_meaning_is_left_of_a_field_that_has_gone() {
    let contract: Value = serde_json::from_str(include_str!("contract.json")).unwrap();
    let mut used = BTreeSet::new();
    for tool in list(&contract["tools"]) {
        for side in ["inputSchema", "outputSchema"] {
            for field in schema::fields(&tool[side]) {
                let meaning = meanings::find(text(&tool["name"]), side, &field.path);
                used.extend(meaning.map(std::ptr::from_ref));
            }
        }
    }
    for meaning in meanings::all() {
        let is_used = used.contains(&std::ptr::from_ref(meaning));
        assert!(is_used, "nothing is {meaning:?}");
    }
}

fn reference(contract: &Value) -> String {
    let mut page = String::from(INTRODUCTION);
    for tool in list(&contract["tools"]) {
        add_tool(&mut page, tool);
    }
    page.push_str(ABOUT_RESOURCES);
    for (list_name, address) in [("resources", "uri"), ("resource_templates", "uriTemplate")] {
        for resource in list(&contract[list_name]) {
            let (address, about) = (text(&resource[address]), text(&resource["description"]));
            let _ = writeln!(page, "| `{address}` | {about} |");
        }
    }
    page.push_str(ABOUT_PROMPTS);
    for prompt in list(&contract["prompts"]) {
        let (name, about) = (text(&prompt["name"]), text(&prompt["description"]));
        let arguments = prompt["arguments"].as_array();
        let arguments = arguments.into_iter().flatten().map(|argument| {
            let about = text(&argument["description"]);
            format!("`{}`: {about}", text(&argument["name"]))
        });
        let arguments = arguments.collect::<Vec<_>>().join(" ");
        let _ = writeln!(page, "| `{name}` | {about} | {arguments} |");
    }
    page.push_str(ABOUT_FAILURES);
    for row in CODES {
        let retry = match row.retry {
            Retry::Never => "no".to_owned(),
            Retry::Later => "later".to_owned(),
            Retry::After(what) => what.to_owned(),
        };
        let _ = writeln!(page, "| `{}` | {} | {retry} |", row.code, row.meaning);
    }
    page
}

fn add_tool(page: &mut String, tool: &Value) {
    let name = text(&tool["name"]);
    let (_, grant) = tool_grants().find(|(known, _)| *known == name).unwrap();
    let _ = writeln!(page, "\n### `{name}`\n\n{}", text(&tool["description"]));
    let _ = writeln!(page, "\nNeeds `{}`.", grant.scope());
    if tool["_meta"]["ui"]["visibility"] == serde_json::json!(["app"]) {
        page.push_str("For the views of [the app](app.md): hosts do not show it to models.\n");
    }
    let arguments = schema::fields(&tool["inputSchema"]);
    if arguments.is_empty() {
        page.push_str("\nIt takes no arguments.\n");
    } else {
        page.push_str("\n| argument | type | default | meaning |\n|---|---|---|---|\n");
    }
    for argument in &arguments {
        let Field { path, kind, .. } = argument;
        let default = match &argument.default {
            _ if argument.is_required => "required".to_owned(),
            Some(Value::String(word)) => format!("`{word}`"),
            Some(default) => format!("`{default}`"),
            None => "-".to_owned(),
        };
        let meaning = meaning(name, "inputSchema", argument);
        let _ = writeln!(page, "| `{path}` | {kind} | {default} | {meaning} |");
    }
    page.push_str("\n| result | type | meaning |\n|---|---|---|\n");
    for field in &schema::fields(&tool["outputSchema"]) {
        let Field { path, kind, .. } = field;
        let meaning = meaning(name, "outputSchema", field);
        let _ = writeln!(page, "| `{path}` | {kind} | {meaning} |");
    }
}

/// What a schema says of a field, or else what is written down here.
fn meaning<'a>(tool: &str, side: &str, field: &'a Field) -> &'a str {
    let written = meanings::find(tool, side, &field.path).map(|meaning| meaning.text);
    written
        .or(field.description.as_deref())
        .unwrap_or_else(|| panic!("{tool}: say what {} means, in meanings.rs", field.path))
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

const INTRODUCTION: &str = "\
# Reference

The tools, resources and prompts of the server, and how calls fail. This page is made of what the
server tells its clients: `UPDATE_REFERENCE=1 cargo test -p kafka-mcp reference` writes it anew.

## Tools

A result is JSON, once as text and once as `structuredContent`. Where the schema and the words here
say that something can be left out or null, clients have to expect it.

- Arguments are read generously: `\"5\"` for 5, a bare value for a list of one, `topic` for `topics`
  and `topic_name`, `group` for `group_id`. Names that a tool does not know are refused.
- A result holds whole rows, up to `KAFKA_MCP_MAX_RESULT_BYTES`: `truncated` says that some are left
  out, `omitted` how many, `next_cursor` goes on and `hint` says how to ask for less.
- `complete` is false when a part of the cluster did not answer; `partial_errors` says which, each
  with `subject`, `code`, `kafka_error` and `message`.
- Topics and groups that `KAFKA_MCP_TOPICS_ALLOW`, `KAFKA_MCP_TOPICS_DENY`, `KAFKA_MCP_GROUPS_ALLOW`
  and `KAFKA_MCP_GROUPS_DENY` hide are not listed, and asking for one is `access_denied`.
- What a tool needs is a scope of the token, [with OAuth](security.md). Each scope contains those
  before it: `kafka:read`, `kafka:write`, `kafka:admin`.
";

const ABOUT_RESOURCES: &str = "
## Resources

They need `kafka:read`. What they hold is JSON, or the page of a view.

| resource | what it is |
|---|---|
";

const ABOUT_PROMPTS: &str = "
## Prompts

They need `kafka:read`, and answer with a report in Markdown of what is so now.

| prompt | what it is | arguments |
|---|---|---|
";

const ABOUT_FAILURES: &str = "
## Failures

A call of a tool that fails has a result with `isError`, and in `structuredContent`:

| field | meaning |
|---|---|
| `code` | what kind of failure it is: one word of the table below, for programs |
| `message` | what happened, for people and models |
| `retriable` | whether the same call can succeed later without a change |
| `hint` | what to do next; may be left out |
| `kafka_error` | the error of the broker behind it, such as `NOT_ENOUGH_REPLICAS`, or null |
| `did_you_mean` | names that exist and resemble the one that does not |
| `needed_acl` | the ACL that the server's principal lacks in Kafka, or null |

Resources and prompts fail as errors of JSON-RPC with the same object as `data`; so does a tool that
does not exist, and an answer to a question that the server did not ask.

**`maybe_written`**: a write was sent, and no answer came. It may be in the log or not; the server does
not repeat it, and a client must not either without looking: read the topic with `consume_messages`
first. When one of several records has it, it stands in `results[].error`. A call of `produce_message`
that was cancelled or interrupted may have written as well, and its message says so. All other failures
of `produce_message` wrote nothing of the record that they are about.

| code | meaning | again? |
|---|---|---|
";
