//! Tools that are tasks (SEP-2663): they go on after the call was answered.

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ContentBlock, CreateTaskResult,
        InputRequest,
    },
    service::RequestContext,
    task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{Answer, argument, result, rounds, said};

pub(super) fn greet(request: &CallToolRequestParams) -> Answer {
    said(format!("Hello, {}!", argument(request, "name")?))
}

/// A task where the client knows those, else a call that takes as long.
pub(super) async fn slow_compute(
    tasks: &TaskManager,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    let seconds = request
        .arguments
        .as_ref()
        .and_then(|given| given.get("seconds"));
    let seconds = seconds.and_then(Value::as_u64).unwrap_or_default();
    let time = Duration::from_secs(seconds.min(MAX_SECONDS));
    if !knows_tasks(context) {
        sleep(time).await;
        return said("it is computed");
    }
    task(tasks, move |task| async move {
        tokio::select! {
            () = sleep(time) => Ok(result("it is computed")),
            () = task.cancelled() => Err(TaskExit::Cancelled),
        }
    })
}

pub(super) fn failing(tasks: &TaskManager, context: &RequestContext<RoleServer>) -> Answer {
    needs_tasks(context)?;
    task(tasks, |_| async {
        sleep(A_WHILE).await;
        let why = ContentBlock::text("this task always fails");
        Ok(CallToolResult::error(vec![why]))
    })
}

pub(super) fn protocol_error(tasks: &TaskManager, context: &RequestContext<RoleServer>) -> Answer {
    needs_tasks(context)?;
    task(tasks, |_| async {
        Err(ErrorData::internal_error("this task always breaks", None).into())
    })
}

pub(super) fn confirm_delete(
    tasks: &TaskManager,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    needs_tasks(context)?;
    let name = argument(request, "filename")?.to_owned();
    task(tasks, move |task| async move {
        let question = question(&format!("Delete {name}?"), "confirm", "boolean")?;
        let answer = task.request_input("confirm", question).await?;
        Ok(result(format!("The user says: {answer}")))
    })
}

pub(super) fn multi_input(tasks: &TaskManager, context: &RequestContext<RoleServer>) -> Answer {
    needs_tasks(context)?;
    task(tasks, |task| async move {
        let name = task.request_input("name", question("What is your name?", "name", "string")?);
        let confirm = task.request_input("confirm", question("Go on?", "confirm", "boolean")?);
        let (name, confirm) = tokio::join!(name, confirm);
        Ok(result(format!("The user says: {} {}", name?, confirm?)))
    })
}

/// Asks in a round of its own, and is a task once it has the answer.
pub(super) fn after_a_round(
    tasks: &TaskManager,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    needs_tasks(context)?;
    let Some(content) = rounds::content(request.input_responses.as_ref(), "user_name") else {
        let question = rounds::form("What is your name?", "name", "string");
        return rounds::ask(json!({ "user_name": question }), None);
    };
    let name = rounds::text_in(&content, "name").to_owned();
    task(tasks, move |_| async move {
        Ok(result(format!("Hello, {name}!")))
    })
}

fn task<F>(tasks: &TaskManager, work: impl FnOnce(TaskContext) -> F) -> Answer
where
    F: Future<Output = Result<CallToolResult, TaskExit>> + Send + 'static,
{
    let task = tasks.spawn(TaskOptions::default(), |context| Box::pin(work(context)));
    Ok(CreateTaskResult::new(task).into())
}

fn question(message: &str, field: &str, kind: &str) -> Result<InputRequest, ErrorData> {
    let mut asked = rounds::requests(json!({ "it": rounds::form(message, field, kind) }))?;
    let question = asked.remove("it");
    question.ok_or_else(|| ErrorData::internal_error("there is no question", None))
}

fn needs_tasks(context: &RequestContext<RoleServer>) -> Result<(), ErrorData> {
    if knows_tasks(context) {
        return Ok(());
    }
    let required = ClientCapabilities::builder().enable_tasks().build();
    Err(ErrorData::missing_required_client_capability(required))
}

fn knows_tasks(context: &RequestContext<RoleServer>) -> bool {
    let client = context.client_capabilities();
    client.is_some_and(|client| client.supports_tasks())
}

const A_WHILE: Duration = Duration::from_millis(200);
const MAX_SECONDS: u64 = 60;
