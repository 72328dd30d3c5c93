//! Tools that ask the client something in the middle of a call, as servers do in the older era.

#![expect(deprecated, reason = "sampling is of the older era")]

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolRequestParams, CreateMessageRequestParams, ElicitRequestParams},
    service::{RequestContext, ServiceError},
};
use serde_json::{Value, from_value, json};
use tokio::time::timeout;

use super::{Answer, argument, said};

pub(super) async fn sample(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    needs(context, "sampling")?;
    let text = json!({ "type": "text", "text": argument(request, "prompt")? });
    let message = json!({ "role": "user", "content": text });
    let params = json!({ "messages": [message], "maxTokens": 100 });
    let params: CreateMessageRequestParams = from_value(params).map_err(unfit)?;
    let sampling = timeout(PATIENCE, context.peer.create_message(params));
    let sampled = sampling
        .await
        .map_err(|_| ErrorData::internal_error("the client does not answer", None))?;
    said(format!(
        "The model says: {}",
        json!(sampled.map_err(refused)?)
    ))
}

pub(super) async fn elicit(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    let message = argument(request, "message")?;
    let text = |description: &str| json!({ "type": "string", "description": description });
    let schema = json!({
        "type": "object",
        "properties": { "username": text("a name"), "email": text("an address for mail") },
        "required": ["username", "email"],
    });
    ask(context, message, schema).await
}

/// SEP-1034: a default for every type.
pub(super) async fn elicit_with_defaults(context: &RequestContext<RoleServer>) -> Answer {
    let status = ["active", "inactive", "pending"];
    let schema = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": { "type": "string", "enum": status, "default": "active" },
            "verified": { "type": "boolean", "default": true },
        },
    });
    ask(context, "Is this so?", schema).await
}

/// SEP-1330: one or several of a few, with and without titles, and as it was done before.
pub(super) async fn elicit_choices(context: &RequestContext<RoleServer>) -> Answer {
    let options = ["option1", "option2", "option3"];
    let titled = ["value1", "value2", "value3"]
        .map(|value| json!({ "const": value, "title": value.to_uppercase() }));
    let schema = json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": options },
            "titledSingle": { "type": "string", "oneOf": titled },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["The first", "The second", "The third"],
            },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": options } },
            "titledMulti": { "type": "array", "items": { "anyOf": titled } },
        },
    });
    ask(context, "Which of these?", schema).await
}

async fn ask(context: &RequestContext<RoleServer>, message: &str, schema: Value) -> Answer {
    needs(context, "elicitation")?;
    let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
    let params: ElicitRequestParams = from_value(params).map_err(unfit)?;
    let peer = &context.peer;
    let asking = peer.create_elicitation_with_timeout(params, Some(PATIENCE));
    let answer = asking.await.map_err(refused)?;
    said(format!("The user says: {}", json!(answer)))
}

/// Without a session, nobody knows what the client can do, and its answer would not find the way.
fn needs(context: &RequestContext<RoleServer>, capability: &str) -> Result<(), ErrorData> {
    let client = json!(context.client_capabilities());
    let is_able = client.get(capability).is_some();
    is_able.then_some(()).ok_or_else(|| {
        ErrorData::invalid_request(format!("this needs a client with {capability}"), None)
    })
}

fn refused(error: ServiceError) -> ErrorData {
    ErrorData::internal_error(format!("the client was asked in vain: {error}"), None)
}

fn unfit(error: serde_json::Error) -> ErrorData {
    ErrorData::internal_error(format!("this is no request: {error}"), None)
}

const PATIENCE: Duration = Duration::from_secs(10);
