//! The tools, by the names that the suite knows them by.

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ContentBlock,
        Tool,
    },
    service::RequestContext,
};

use crate::{changes::Change, fixture::Fixture};

mod asking;
mod content;
mod jobs;
mod notifying;
pub(crate) mod rounds;
mod schemas;

/// What a call comes to.
type Answer = Result<CallToolResponse, ErrorData>;

pub(crate) fn list() -> Vec<Tool> {
    let tools = TOOLS.iter();
    tools
        .map(|(name, description)| Tool::new(*name, *description, schemas::of(name)))
        .collect()
}

/// Calls a tool.
pub(crate) async fn call(
    fixture: &Fixture,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    match &*request.name {
        "test_simple_text" => content::text(),
        "test_image_content" => content::image(),
        "test_audio_content" => content::audio(),
        "test_embedded_resource" => content::resource(),
        "test_multiple_content_types" => content::mixed(),
        "test_error_handling" => content::error(),
        "json_schema_2020_12_tool" | "test_custom_header" => content::echo(request),
        "test_tool_with_progress" => notifying::progress(context).await,
        "test_tool_with_logging" => notifying::logs(context).await,
        "test_logging_tool" => notifying::log_if_asked(context).await,
        "test_trigger_tool_change" => change(fixture, Change::Tools),
        "test_trigger_prompt_change" => change(fixture, Change::Prompts),
        "test_missing_capability" => needs_sampling(context),
        "test_sampling" => asking::sample(request, context).await,
        "test_elicitation" => asking::elicit(request, context).await,
        "test_elicitation_sep1034_defaults" => asking::elicit_with_defaults(context).await,
        "test_elicitation_sep1330_enums" => asking::elicit_choices(context).await,
        "test_streaming_elicitation" | "test_input_required_result_elicitation" => {
            rounds::elicitation(request)
        }
        "test_input_required_result_sampling" => rounds::sampling(request),
        "test_input_required_result_list_roots" => rounds::roots(request),
        "test_input_required_result_request_state" => rounds::state(request),
        "test_input_required_result_tampered_state" => rounds::state(request),
        "test_input_required_result_multiple_inputs" => rounds::several(request),
        "test_input_required_result_multi_round" => rounds::twice(request),
        "test_input_required_result_capabilities" => rounds::what_the_client_can(request, context),
        "greet" => jobs::greet(request),
        "slow_compute" => jobs::slow_compute(fixture.tasks(), request, context).await,
        "failing_job" => jobs::failing(fixture.tasks(), context),
        "protocol_error_job" => jobs::protocol_error(fixture.tasks(), context),
        "confirm_delete" => jobs::confirm_delete(fixture.tasks(), request, context),
        "multi_input" => jobs::multi_input(fixture.tasks(), context),
        "test_tool_with_task" => jobs::after_a_round(fixture.tasks(), request, context),
        name => Err(ErrorData::invalid_params(format!("no tool {name}"), None)),
    }
}

fn change(fixture: &Fixture, change: Change) -> Answer {
    fixture.changes().announce(change);
    said("everybody who listens is told")
}

/// Refuses clients that cannot sample, as a tool does that cannot do without.
fn needs_sampling(context: &RequestContext<RoleServer>) -> Answer {
    let client = context.client_capabilities().unwrap_or_default();
    if client.sampling.is_none() {
        let mut required = ClientCapabilities::default();
        required.sampling = Some(Default::default());
        return Err(ErrorData::missing_required_client_capability(required));
    }
    said("this client can sample")
}

fn said(text: impl Into<String>) -> Answer {
    Ok(result(text).into())
}

fn result(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

/// A text that the caller gave as an argument.
fn argument<'a>(request: &'a CallToolRequestParams, name: &str) -> Result<&'a str, ErrorData> {
    let value = request.arguments.as_ref().and_then(|given| given.get(name));
    let value = value.and_then(|value| value.as_str());
    value.ok_or_else(|| ErrorData::invalid_params(format!("{name} is missing"), None))
}

const TOOLS: &[(&str, &str)] = &[
    ("test_simple_text", "Returns a text"),
    ("test_image_content", "Returns an image"),
    ("test_audio_content", "Returns a sound"),
    ("test_embedded_resource", "Returns a resource"),
    (
        "test_multiple_content_types",
        "Returns a text, an image and a resource",
    ),
    ("test_error_handling", "Fails, as tools do"),
    (
        "json_schema_2020_12_tool",
        "Has a schema with everything that JSON Schema 2020-12 brought",
    ),
    (
        "test_custom_header",
        "Has an argument that is a header as well",
    ),
    (
        "test_tool_with_progress",
        "Says three times how far it has come",
    ),
    ("test_tool_with_logging", "Logs three messages"),
    (
        "test_logging_tool",
        "Logs a message for those who asked for logs",
    ),
    (
        "test_trigger_tool_change",
        "Tells everybody that the tools have changed",
    ),
    (
        "test_trigger_prompt_change",
        "Tells everybody that the prompts have changed",
    ),
    ("test_missing_capability", "Needs a client that can sample"),
    ("test_sampling", "Has the client sample, in the older era"),
    (
        "test_elicitation",
        "Has the client ask its user, in the older era",
    ),
    (
        "test_elicitation_sep1034_defaults",
        "The same with a default for every type",
    ),
    (
        "test_elicitation_sep1330_enums",
        "The same with a choice of every kind",
    ),
    (
        "test_streaming_elicitation",
        "Needs an answer of the user, in the newer era",
    ),
    ("test_input_required_result_elicitation", "The same"),
    (
        "test_input_required_result_sampling",
        "Needs a sample of the client",
    ),
    (
        "test_input_required_result_list_roots",
        "Needs the roots of the client",
    ),
    (
        "test_input_required_result_request_state",
        "Needs an answer, and its own state back",
    ),
    ("test_input_required_result_tampered_state", "The same"),
    (
        "test_input_required_result_multiple_inputs",
        "Needs an answer, a sample and the roots, and its own state back",
    ),
    (
        "test_input_required_result_multi_round",
        "Needs two answers, one after the other",
    ),
    (
        "test_input_required_result_capabilities",
        "Needs whatever the client can give",
    ),
    ("greet", "Greets somebody at once"),
    (
        "slow_compute",
        "Takes some seconds, as a task where the client knows those",
    ),
    ("failing_job", "A task that fails, as tools do"),
    (
        "protocol_error_job",
        "A task that fails, as servers should not",
    ),
    ("confirm_delete", "A task that needs an answer"),
    ("multi_input", "A task that needs two answers"),
    (
        "test_tool_with_task",
        "Needs an answer first, and is a task from then on",
    ),
];
