//! From nothing but an address to a list of tools.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Walk, mint};
use crate::demo::{
    client::{OLDER_REVISION, REVISION, challenge, shown},
    surprise::{Found, Surprise, expect},
};

impl Walk<'_> {
    pub(super) async fn is_turned_away(&mut self) -> Found {
        let answer = self.client.ask(None, "tools/list", json!({})).await?;
        let expected = "401 and a challenge with resource_metadata";
        expect(
            answer.status() == StatusCode::UNAUTHORIZED,
            expected,
            shown(&answer),
        )?;
        let url = parameter(challenge(answer.headers()), "resource_metadata");
        let url = url.ok_or_else(|| Surprise::new(expected, shown(&answer)))?;
        let found = format!(
            "POST {} without a token: 401, and a challenge that says where to read on:\n{url}",
            self.client.endpoint(),
        );
        self.metadata = Some(url.to_owned());
        Ok(found)
    }

    pub(super) async fn discovers(&self) -> Found {
        let url = self.metadata.as_deref();
        let url = url.ok_or_else(|| Surprise::new("a challenge that names a document", "none"))?;
        let document = self.client.document(url).await?;
        let resource = self.client.endpoint();
        let expected = format!("metadata of the resource {resource}");
        expect(document["resource"] == resource, expected, &document)?;
        let servers = names(&document["authorization_servers"]);
        let scopes = names(&document["scopes_supported"]);
        expect(
            !servers.is_empty() && !scopes.is_empty(),
            "servers and scopes",
            &document,
        )?;
        Ok(format!(
            "the document says who logs people in ({servers}) and what there is to ask for: \
             {scopes}. MCP clients do all of this by themselves"
        ))
    }

    pub(super) async fn gets_a_token(&mut self) -> Found {
        self.reader = Some(mint(self.raw, "kafka:read", 1)?);
        self.writer = Some(mint(self.raw, "kafka:read kafka:write", 1)?);
        Ok(
            "two for alice, made with the secret of this demo: one with kafka:read, one with \
            kafka:write as well. Okta, Google or Entra give such tokens in real life"
                .to_owned(),
        )
    }

    pub(super) async fn connects(&self) -> Found {
        let token = self.reader()?;
        let hello = self.client.initialize(token).await?;
        let expected = format!("revision {OLDER_REVISION}");
        expect(hello["protocolVersion"] == OLDER_REVISION, expected, &hello)?;
        let server = self.client.result(token, "server/discover").await?;
        let revisions = names(&server["supportedVersions"]);
        let expected = format!("revision {REVISION} among others");
        expect(revisions.contains(REVISION), expected, &server)?;
        Ok(format!(
            "with the token for reading, the server answers initialize and server/discover, and \
             speaks MCP of {revisions}"
        ))
    }

    pub(super) async fn lists_tools(&self) -> Found {
        let list = self.client.result(self.reader()?, "tools/list").await?;
        let tools: Vec<_> = list["tools"].as_array().into_iter().flatten().collect();
        let has = |name: &str| tools.iter().any(|tool| tool["name"] == name);
        let expected = "tools for reading, and not produce_message";
        let is_right = has("consume_messages") && !has("produce_message");
        expect(is_right, expected, &list)?;
        let count = tools.len();
        Ok(format!(
            "{count} tools, from list_topics to consumer_lag; produce_message is not shown to who \
             may only read"
        ))
    }
}

/// The value of a parameter of a challenge.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn names(list: &Value) -> String {
    let names = list.as_array().into_iter().flatten();
    let names: Vec<_> = names.filter_map(Value::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_of_a_challenge_is_what_is_between_its_quotes() {
        let challenge = r#"Bearer error="x", resource_metadata="http://a/b", scope="c d""#;
        assert_eq!(
            parameter(challenge, "resource_metadata"),
            Some("http://a/b")
        );
        assert_eq!(parameter(challenge, "scope"), Some("c d"));
        assert_eq!(parameter(challenge, "realm"), None);
        assert_eq!(parameter("Bearer scope=\"c", "scope"), None);
    }
}
