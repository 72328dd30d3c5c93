//! What there is to complete.

use rmcp::{
    ErrorData,
    model::{CompleteRequestParams, CompleteResult, CompletionInfo, Reference},
};

/// Completes arguments of the prompt that has some, and the variable of the template.
pub(crate) fn complete(request: &CompleteRequestParams) -> Result<CompleteResult, ErrorData> {
    let values = match &request.r#ref {
        Reference::Prompt(prompt) if prompt.name == "test_prompt_with_arguments" => {
            ["paris", "park", "party"]
        }
        Reference::Resource(template) if template.uri == "test://template/{id}/data" => {
            ["1", "12", "123"]
        }
        _ => return Err(ErrorData::invalid_params("nothing of this name", None)),
    };
    let typed = &request.argument.value;
    let fitting = values.iter().filter(|value| value.starts_with(typed));
    CompletionInfo::with_all_values(fitting.map(ToString::to_string).collect())
        .map(CompleteResult::new)
        .map_err(|error| ErrorData::internal_error(error, None))
}
