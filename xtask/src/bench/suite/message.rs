//! The MCP requests that are measured.

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};

use super::server::Server;

/// A request of the newest revision of MCP, which needs no handshake.
#[derive(Debug)]
pub(super) struct Message {
    method: &'static str,
    tool: Option<&'static str>,
}

impl Message {
    /// Asks what the server can do, which is the first thing that clients do.
    pub(super) const DISCOVER: Self = Self {
        method: "server/discover",
        tool: None,
    };

    /// Asks for all tools with their schemas.
    pub(super) const LIST_TOOLS: Self = Self {
        method: "tools/list",
        tool: None,
    };

    /// Calls the tool with the least work of its own.
    pub(super) const LIST_BROKERS: Self = Self {
        method: "tools/call",
        tool: Some("list_brokers"),
    };

    /// Returns it as a line of stdio.
    pub(super) fn line(&self) -> String {
        format!("{}\n", self.body())
    }

    /// Returns it as an HTTP request to a server, with the token that this one wants.
    pub(super) fn request(&self, server: &Server) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::post("/mcp")
            .header("host", server.address().to_string())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", self.method);
        if let Some(tool) = self.tool {
            request = request.header("mcp-name", tool);
        }
        if let Some(token) = server.token() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = Full::from(self.body().to_string());
        request.body(body).context("making a request")
    }

    fn body(&self) -> Value {
        let mut params = json!({
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": REVISION,
                "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        });
        if let (Some(tool), Some(params)) = (self.tool, params.as_object_mut()) {
            params.insert("name".to_owned(), tool.into());
            params.insert("arguments".to_owned(), json!({}));
        }
        json!({ "jsonrpc": "2.0", "id": 1, "method": self.method, "params": params })
    }
}

const REVISION: &str = "2026-07-28";
