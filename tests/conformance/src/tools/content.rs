//! Tools that answer at once, with content of every type.

use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, ResourceContents};
use serde_json::json;

use super::{Answer, said};
use crate::samples::{PNG, WAV};

pub(super) fn text() -> Answer {
    said("This is a text.")
}

pub(super) fn image() -> Answer {
    returned([ContentBlock::image(PNG, "image/png")])
}

pub(super) fn audio() -> Answer {
    returned([ContentBlock::audio(WAV, "audio/wav")])
}

pub(super) fn resource() -> Answer {
    let uri = "test://embedded-resource";
    let contents = ResourceContents::text("What the resource says.", uri);
    returned([ContentBlock::resource(contents)])
}

pub(super) fn mixed() -> Answer {
    let data = json!({ "kind": "data" }).to_string();
    let contents = ResourceContents::text(data, "test://mixed-content-resource");
    returned([
        ContentBlock::text("A text, an image and a resource:"),
        ContentBlock::image(PNG, "image/png"),
        ContentBlock::resource(contents.with_mime_type("application/json")),
    ])
}

pub(super) fn error() -> Answer {
    let why = ContentBlock::text("This tool always fails.");
    Ok(CallToolResult::error(vec![why]).into())
}

/// What it was called with.
pub(super) fn echo(request: &CallToolRequestParams) -> Answer {
    said(json!(request.arguments).to_string())
}

fn returned(content: impl Into<Vec<ContentBlock>>) -> Answer {
    Ok(CallToolResult::success(content.into()).into())
}
