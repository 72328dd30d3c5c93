//! Tools that say what they need, and are called again with it (SEP-2322).

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, InputRequests, InputRequiredResult, InputResponses,
        RequestStateCodec, SealOptions,
    },
    service::RequestContext,
};
use serde_json::{Value, from_value, json};

use super::{Answer, said};

pub(super) fn elicitation(request: &CallToolRequestParams) -> Answer {
    match content(request.input_responses.as_ref(), "user_name") {
        Some(content) => said(format!("Hello, {}!", text_in(&content, "name"))),
        None => ask(
            json!({ "user_name": form("What is your name?", "name", "string") }),
            None,
        ),
    }
}

pub(super) fn sampling(request: &CallToolRequestParams) -> Answer {
    match response(request, "capital") {
        Some(sampled) => said(format!("The model says: {sampled}")),
        None => ask(
            json!({ "capital": sample("What is the capital of France?") }),
            None,
        ),
    }
}

pub(super) fn roots(request: &CallToolRequestParams) -> Answer {
    match response(request, "roots") {
        Some(listed) => said(format!("The client says: {listed}")),
        None => ask(json!({ "roots": list_roots() }), None),
    }
}

/// Accepts only a state that it has sealed itself.
pub(super) fn state(request: &CallToolRequestParams) -> Answer {
    if request.request_state.is_none() {
        let question = form("Go on?", "ok", "boolean");
        return ask(
            json!({ "confirm": question }),
            Some(seal(request, "asked")?),
        );
    }
    match &*open(request)? {
        "asked" if response(request, "confirm").is_some() => said("state-ok"),
        _ => Err(not_its_state()),
    }
}

pub(super) fn several(request: &CallToolRequestParams) -> Answer {
    let keys = ["user_name", "greeting", "client_roots"];
    if keys.iter().all(|key| response(request, key).is_some()) {
        open(request)?;
        return said("all of it is here");
    }
    let requests = json!({
        "user_name": form("What is your name?", "name", "string"),
        "greeting": sample("How does one greet?"),
        "client_roots": list_roots(),
    });
    ask(requests, Some(seal(request, "asked")?))
}

pub(super) fn twice(request: &CallToolRequestParams) -> Answer {
    if request.request_state.is_none() {
        let question = form("What is your name?", "name", "string");
        return ask(json!({ "step1": question }), Some(seal(request, "first")?));
    }
    match &*open(request)? {
        "first" if response(request, "step1").is_some() => {
            let question = form("What is your favourite colour?", "color", "string");
            ask(json!({ "step2": question }), Some(seal(request, "second")?))
        }
        "second" if response(request, "step2").is_some() => said("both answers are here"),
        _ => Err(not_its_state()),
    }
}

pub(super) fn what_the_client_can(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Answer {
    if request.input_responses.is_some() {
        return said("what the client can give is here");
    }
    let client = json!(context.client_capabilities());
    let all = [
        ("elicitation", form("What is your name?", "name", "string")),
        ("roots", list_roots()),
        ("sampling", sample("How does one greet?")),
    ];
    let able = all
        .into_iter()
        .filter(|(name, _)| client.get(name).is_some());
    let requests = able.map(|(name, request)| (name.to_owned(), request));
    ask(Value::Object(requests.collect()), None)
}

/// What the user has typed into the form of this key, if they agreed to.
pub(crate) fn content(responses: Option<&InputResponses>, key: &str) -> Option<Value> {
    let response = responses?.get(key)?;
    let agreed = response.get("action")? == "accept";
    agreed.then(|| response.get("content").cloned())?
}

/// A form with one field.
pub(crate) fn form(message: &str, field: &str, kind: &str) -> Value {
    let schema = json!({
        "type": "object",
        "properties": { field: { "type": kind } },
        "required": [field],
    });
    let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
    json!({ "method": "elicitation/create", "params": params })
}

/// Requests, as they are sent.
pub(crate) fn requests(requests: Value) -> Result<InputRequests, ErrorData> {
    from_value(requests)
        .map_err(|error| ErrorData::internal_error(format!("these are no requests: {error}"), None))
}

pub(super) fn ask(asked: Value, state: Option<String>) -> Answer {
    Ok(InputRequiredResult::new(Some(requests(asked)?), state).into())
}

pub(super) fn text_in<'a>(content: &'a Value, field: &str) -> &'a str {
    let text = content.get(field).and_then(Value::as_str);
    text.unwrap_or("whoever you are")
}

fn sample(prompt: &str) -> Value {
    let content = json!({ "type": "text", "text": prompt });
    let message = json!({ "role": "user", "content": content });
    let params = json!({ "messages": [message], "maxTokens": 100 });
    json!({ "method": "sampling/createMessage", "params": params })
}

fn list_roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

fn response<'a>(request: &'a CallToolRequestParams, key: &str) -> Option<&'a Value> {
    let response = request.input_responses.as_ref()?.get(key)?;
    response.is_object().then_some(response)
}

/// Puts a state into the client's hands, for a tool.
fn seal(request: &CallToolRequestParams, state: &str) -> Result<String, ErrorData> {
    let options = SealOptions::new().associated_data(request.name.as_bytes());
    Ok(codec()?.seal_with(state.as_bytes(), &options))
}

fn open(request: &CallToolRequestParams) -> Result<String, ErrorData> {
    let sealed = request.request_state.as_deref().unwrap_or_default();
    let opened = codec()?.open_with(sealed, request.name.as_bytes());
    let opened = opened.map_err(|_| not_its_state())?;
    String::from_utf8(opened).map_err(|_| not_its_state())
}

fn codec() -> Result<RequestStateCodec, ErrorData> {
    RequestStateCodec::try_new(KEY)
        .map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

fn not_its_state() -> ErrorData {
    ErrorData::invalid_params("requestState is not what this tool has given out", None)
}

/// It protects nothing but a fixture.
const KEY: &[u8] = b"the key of the conformance fixture";
