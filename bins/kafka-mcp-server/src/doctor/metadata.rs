//! The server's own metadata, as clients find it.

use bytes::Bytes;
use http::{Response, StatusCode};
use mcp_oauth_token::Quoted;
use serde_json::Value;

use super::{finding::Finding, identity::get};
use crate::{causes::with_causes, config::OAuth};

/// Fetches the metadata from where clients are sent.
pub(super) async fn examine(oauth: &OAuth) -> Finding {
    let resource = format!("{}/mcp", oauth.server_url);
    let url = format!("{}/.well-known/oauth-protected-resource", oauth.server_url);
    match get(&*oauth.http, &url).await {
        Ok(answer) => judge(&url, &resource, &answer),
        Err(error) => Finding::doubtful(
            ABOUT,
            format!("{url}: {}", with_causes(&error)),
            "start the server; if it runs, see that OAUTH_SERVER_URL leads to it, from outside too",
        ),
    }
}

fn judge(url: &str, resource: &str, answer: &Response<Bytes>) -> Finding {
    let foreign = "something else answers there: see that OAUTH_SERVER_URL leads to this server, \
                   and that a proxy in front passes /.well-known/ on";
    if answer.status() != StatusCode::OK {
        return Finding::bad(ABOUT, format!("{url} answers {}", answer.status()), foreign);
    }
    let document: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    match document.get("resource").and_then(Value::as_str) {
        Some(named) if named == resource => Finding::good(ABOUT, format!("{url} names {resource}")),
        Some(named) => Finding::bad(
            ABOUT,
            format!("{url} names {}, and not '{resource}'", Quoted(named)),
            "give the server that answers there the same OAUTH_SERVER_URL",
        ),
        None => Finding::bad(ABOUT, format!("{url} holds no metadata"), foreign),
    }
}

const ABOUT: &str = "metadata";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Mark;

    #[track_caller]
    fn check(status: u16, body: &'static str, mark: Mark, found: &str) {
        let answer = Response::builder()
            .status(status)
            .body(Bytes::from_static(body.as_bytes()));
        let finding = judge("URL", "https://kafka.example/mcp", &answer.unwrap());
        assert_eq!(finding.mark(), mark, "{finding}");
        assert!(finding.to_string().contains(found), "{finding}");
    }

    #[test]
    fn the_metadata_has_to_name_the_endpoint() {
        let right = r#"{"resource":"https://kafka.example/mcp"}"#;
        check(200, right, Mark::Good, "names https://kafka.example/mcp");
        check(
            200,
            r#"{"resource":"https://other/mcp"}"#,
            Mark::Bad,
            "\"https://other/mcp\"",
        );
        check(200, "<html>", Mark::Bad, "no metadata");
        check(404, right, Mark::Bad, "404");
    }
}
