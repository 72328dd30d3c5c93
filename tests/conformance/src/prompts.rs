//! Prompts with text, arguments, a resource, an image, and one that has to ask first.

use rmcp::{
    ErrorData,
    model::{
        ContentBlock, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
        InputRequiredResult, JsonObject, Prompt, PromptArgument, PromptMessage, ResourceContents,
        Role,
    },
};
use serde_json::json;

use crate::{samples::PNG, tools::rounds};

pub(crate) fn list() -> Vec<Prompt> {
    let argument = |name: &str| {
        PromptArgument::new(name)
            .with_description("an argument to put in")
            .with_required(true)
    };
    let prompt = |name: &str, description: &str, arguments: Option<Vec<PromptArgument>>| {
        Prompt::new(name, Some(description), arguments)
    };
    vec![
        prompt(SIMPLE, "A text", None),
        prompt(
            ARGUMENTS,
            "A text with two arguments in it",
            Some(vec![argument("arg1"), argument("arg2")]),
        ),
        prompt(
            RESOURCE,
            "A resource with a text about it",
            Some(vec![argument("resourceUri")]),
        ),
        prompt(IMAGE, "An image with a text about it", None),
        prompt(ASKING, "A text that needs an answer first", None),
    ]
}

pub(crate) fn get(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let given = request.arguments.clone().unwrap_or_default();
    let messages = match &*request.name {
        SIMPLE => vec![said("This prompt is simple.")],
        ARGUMENTS => {
            let (first, second) = (value(&given, "arg1")?, value(&given, "arg2")?);
            vec![said(&format!("Consider {first} and {second}."))]
        }
        RESOURCE => {
            let uri = value(&given, "resourceUri")?;
            let contents = ResourceContents::text("What the resource says.", uri);
            vec![
                PromptMessage::new(Role::User, ContentBlock::resource(contents)),
                said("Read the resource above."),
            ]
        }
        IMAGE => vec![
            PromptMessage::new(Role::User, ContentBlock::image(PNG, "image/png")),
            said("Look at the image above."),
        ],
        ASKING => match rounds::content(request.input_responses.as_ref(), "user_context") {
            Some(content) => vec![said(&format!("Consider {content}."))],
            None => {
                let question = rounds::form("What should be considered?", "context", "string");
                let requests = rounds::requests(json!({ "user_context": question }))?;
                return Ok(InputRequiredResult::from_input_requests(requests).into());
            }
        },
        name => return Err(ErrorData::invalid_params(format!("no prompt {name}"), None)),
    };
    Ok(GetPromptResult::new(messages).into())
}

fn said(text: &str) -> PromptMessage {
    PromptMessage::new_text(Role::User, text)
}

fn value<'a>(given: &'a JsonObject, name: &str) -> Result<&'a str, ErrorData> {
    let value = given.get(name).and_then(|value| value.as_str());
    value.ok_or_else(|| ErrorData::invalid_params(format!("{name} is missing"), None))
}

const SIMPLE: &str = "test_simple_prompt";
const ARGUMENTS: &str = "test_prompt_with_arguments";
const RESOURCE: &str = "test_prompt_with_embedded_resource";
const IMAGE: &str = "test_prompt_with_image";
const ASKING: &str = "test_input_required_result_prompt";
