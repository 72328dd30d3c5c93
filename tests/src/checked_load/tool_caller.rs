//! Calls of tools over HTTP, any number at a time.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Server;

/// Calls the tools of a server over HTTP. Unlike rmcp's client, it does not wait for one answer
/// before it sends the next request.
#[derive(Debug)]
pub(super) struct ToolCaller {
    client: reqwest::Client,
    endpoint: String,
}

/// What came of a call.
#[derive(Debug)]
pub(super) enum Answer {
    /// The tool's result.
    Result(Value),
    /// The tool failed, with this code.
    Failure(String),
    /// There was no answer of the tool, for this reason.
    None(String),
}

impl ToolCaller {
    pub(super) fn new(server: &Server) -> Self {
        // The HTTP client panics without one, although nothing here is encrypted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: reqwest::Client::builder()
                .timeout(PATIENCE)
                // What the server has open between calls is then what it keeps for itself.
                .pool_max_idle_per_host(0)
                .no_proxy()
                .build()
                .expect("a client"),
            endpoint: server.endpoint(),
        }
    }

    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Answer {
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": tool, "arguments": arguments },
        });
        match self.send(&body).await {
            Ok(answer) => understand(&answer),
            Err(error) => Answer::None(error.to_string()),
        }
    }

    async fn send(&self, body: &Value) -> Result<Value, Box<dyn std::error::Error>> {
        let request = self
            .client
            .post(&self.endpoint)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(body.to_string());
        let response = request.send().await?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("HTTP {}", status.as_u16()).into());
        }
        Ok(serde_json::from_str(&response.text().await?)?)
    }
}

fn understand(answer: &Value) -> Answer {
    let result = &answer["result"];
    let structure = &result["structuredContent"];
    if !structure.is_object() {
        return Answer::None(format!("no structure in {answer}"));
    }
    if result["isError"] == true {
        let code = structure["code"].as_str().unwrap_or("no code");
        return Answer::Failure(code.to_owned());
    }
    Answer::Result(structure.clone())
}

/// Longer than any deadline of the server, which has to answer before.
const PATIENCE: Duration = Duration::from_secs(60);
