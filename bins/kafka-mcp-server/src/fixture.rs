//! What the tests of both transports serve: a handler without Kafka.

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock},
    service::RequestContext,
};
use tokio_util::sync::CancellationToken;

/// Its tool `wait` ends when calls are cut short, `hang` never does, `large`
/// answers at length, every other one at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fixture {
    pub(crate) calls: CancellationToken,
}

impl ServerHandler for Fixture {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let answer = match &*request.name {
            "wait" => {
                self.calls.cancelled().await;
                "cut short"
            }
            "hang" => std::future::pending().await,
            "large" => return Ok(text("x".repeat(LARGE)).into()),
            _ => "done",
        };
        Ok(text(answer).into())
    }
}

fn text(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

/// More than the buffers of a connection hold.
const LARGE: usize = 16 * 1024 * 1024;

/// A call of one of its tools.
pub(crate) fn call(id: u32, tool: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}"}}}}"#)
}

/// Fails instead of hanging.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("it takes too long")
}
