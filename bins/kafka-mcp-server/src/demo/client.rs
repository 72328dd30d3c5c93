//! A client of MCP that knows nothing but the address of the server.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use mcp_oauth_token::{BearerToken, FetchLimits, HttpClient};
use serde_json::{Value, json};

use super::surprise::{Surprise, expect};
use crate::{causes::with_causes, config::OAuth};

/// A client over HTTP.
#[derive(Debug)]
pub(super) struct Client {
    http: Arc<dyn HttpClient>,
    endpoint: String,
}

impl Client {
    /// A client of a server that is to be found where `oauth` says.
    pub(super) fn new(oauth: &OAuth) -> Self {
        Self {
            http: Arc::clone(&oauth.http),
            endpoint: format!("{}/mcp", oauth.server_url),
        }
    }

    /// Where MCP is spoken.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Fetches a document.
    pub(super) async fn document(&self, url: &str) -> Result<Value, Surprise> {
        let request = Request::get(url).body(Bytes::new());
        let answer = self.send("a document", request).await?;
        let what = format!("200 and a document at {url}");
        expect(answer.status() == StatusCode::OK, &what, shown(&answer))?;
        serde_json::from_slice(answer.body()).map_err(|_| Surprise::new(what, shown(&answer)))
    }

    /// Says hello as clients did before revision 2026-07-28 of MCP.
    pub(super) async fn initialize(&self, token: &BearerToken) -> Result<Value, Surprise> {
        let params = json!({
            "protocolVersion": OLDER_REVISION,
            "capabilities": {},
            "clientInfo": { "name": "demo", "version": "1" },
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
        let request = Request::post(&self.endpoint)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, ACCEPTED)
            .header(header::AUTHORIZATION, bearer(token))
            .body(body.to_string().into());
        result("initialize", &self.send("initialize", request).await?)
    }

    /// The result of a method of MCP.
    pub(super) async fn result(
        &self,
        token: &BearerToken,
        method: &str,
    ) -> Result<Value, Surprise> {
        let answer = self.ask(Some(token), method, json!({})).await?;
        result(method, &answer)
    }

    /// What a tool answers, as data.
    pub(super) async fn call(
        &self,
        token: &BearerToken,
        tool: &str,
        arguments: Value,
    ) -> Result<Value, Surprise> {
        let answer = self.answer_of_tool(token, tool, arguments).await?;
        let mut result = result(tool, &answer)?;
        let content = taken(&mut result, "structuredContent");
        let failed = result["isError"] == true || content.is_null();
        expect(!failed, format!("an answer of {tool}"), &content)?;
        Ok(content)
    }

    /// What comes back for the call of a tool, whatever that is.
    pub(super) async fn answer_of_tool(
        &self,
        token: &BearerToken,
        tool: &str,
        arguments: Value,
    ) -> Result<Response<Bytes>, Surprise> {
        let params = json!({ "name": tool, "arguments": arguments });
        self.ask(Some(token), "tools/call", params).await
    }

    /// What comes back for a method, whatever that is.
    pub(super) async fn ask(
        &self,
        token: Option<&BearerToken>,
        method: &str,
        mut params: Value,
    ) -> Result<Response<Bytes>, Surprise> {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": REVISION,
            "io.modelcontextprotocol/clientInfo": { "name": "demo", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let mut request = Request::post(&self.endpoint)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, ACCEPTED)
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", method);
        if let Some(tool) = params["name"].as_str() {
            request = request.header("mcp-name", tool);
        }
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, bearer(token));
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.send(method, request.body(body.to_string().into()))
            .await
    }

    async fn send(
        &self,
        what: &str,
        request: http::Result<Request<Bytes>>,
    ) -> Result<Response<Bytes>, Surprise> {
        let expected = || format!("an answer to {what} within {} s", PATIENCE.as_secs());
        let request = request.map_err(|error| Surprise::new(expected(), error))?;
        let sent = self
            .http
            .send(request, FetchLimits::new(PATIENCE, MAX_BYTES));
        sent.await
            .map_err(|error| Surprise::new(expected(), with_causes(&error)))
    }
}

/// The result in an answer of JSON-RPC.
fn result(method: &str, answer: &Response<Bytes>) -> Result<Value, Surprise> {
    let mut message: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let result = taken(&mut message, "result");
    let expected = format!("200 and a result of {method}");
    expect(
        answer.status() == StatusCode::OK && !result.is_null(),
        expected,
        shown(answer),
    )?;
    Ok(result)
}

/// A member of an object; null if it has none.
fn taken(object: &mut Value, name: &str) -> Value {
    object.get_mut(name).map(Value::take).unwrap_or_default()
}

/// A status with the challenge or the text that came with it.
pub(super) fn shown(answer: &Response<Bytes>) -> String {
    let body = String::from_utf8_lossy(answer.body());
    format!("{} {} {body}", answer.status(), challenge(answer.headers()))
}

/// What a client without the right token is told of what to do.
pub(super) fn challenge(headers: &HeaderMap) -> &str {
    let challenge = headers.get(header::WWW_AUTHENTICATE);
    challenge
        .and_then(|challenge| challenge.to_str().ok())
        .unwrap_or_default()
}

fn bearer(token: &BearerToken) -> String {
    format!("Bearer {}", token.expose_secret())
}

pub(super) const REVISION: &str = "2026-07-28";
pub(super) const OLDER_REVISION: &str = "2025-11-25";

const ACCEPTED: &str = "application/json, text/event-stream";
const PATIENCE: Duration = Duration::from_secs(8);
const MAX_BYTES: usize = 1024 * 1024;
