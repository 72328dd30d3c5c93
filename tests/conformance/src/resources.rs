//! Resources: text, bytes, one to watch, and one that stands for many.

use rmcp::{
    ErrorData,
    model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use serde_json::json;

use crate::samples::PNG;

pub(crate) fn list() -> Vec<Resource> {
    let resource = |uri: &str, name: &str, mime_type: &str| {
        let description = format!("A resource for conformance tests: {name}");
        Resource::new(uri, name)
            .with_description(description)
            .with_mime_type(mime_type)
    };
    vec![
        resource(TEXT, "static text", "text/plain"),
        resource(BINARY, "static binary", "image/png"),
        resource(WATCHED, "watched", "text/plain"),
    ]
}

pub(crate) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new("test://template/{id}/data", "template")
            .with_description("Data by its id")
            .with_mime_type("application/json"),
    ]
}

pub(crate) fn read(uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let contents = match uri {
        TEXT => ResourceContents::text("This text never changes.", uri),
        BINARY => ResourceContents::blob(PNG, uri).with_mime_type("image/png"),
        WATCHED => ResourceContents::text("This text might change.", uri),
        _ => {
            let id = id_in(uri).ok_or_else(|| not_found(uri))?;
            let data = json!({ "id": id, "data": format!("what is known of {id}") });
            ResourceContents::text(data.to_string(), uri).with_mime_type("application/json")
        }
    };
    Ok(ReadResourceResult::new(vec![contents]))
}

/// Whether there is anything to subscribe to.
pub(crate) fn exists(uri: &str) -> Result<(), ErrorData> {
    read(uri).map(drop)
}

/// The variable of the template that a URI fits.
fn id_in(uri: &str) -> Option<&str> {
    let id = uri
        .strip_prefix("test://template/")?
        .strip_suffix("/data")?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

fn not_found(uri: &str) -> ErrorData {
    ErrorData::resource_not_found("there is no such resource", Some(json!({ "uri": uri })))
}

const TEXT: &str = "test://static-text";
const BINARY: &str = "test://static-binary";
const WATCHED: &str = "test://watched-resource";
