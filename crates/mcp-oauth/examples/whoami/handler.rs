//! The server that the examples protect. It knows who calls, and nothing of tokens.

use std::sync::Arc;

use http::request::Parts;
use mcp_oauth_token::{Principal, ScopeSet};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
    transport::{
        StreamableHttpServerConfig, StreamableHttpService,
        streamable_http_server::session::never::NeverSessionManager,
    },
};

/// Tells callers who they are; with `demo:write`, lets them reset what there is to reset.
#[derive(Clone, Debug)]
pub(crate) struct Whoami;

pub(crate) type WhoamiService = StreamableHttpService<Whoami, NeverSessionManager>;

impl Whoami {
    /// The server over HTTP: stateless, for sessions of rmcp belong to nobody in particular.
    pub(crate) fn over_http() -> WhoamiService {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true);
        let sessions = Arc::new(NeverSessionManager::default());
        StreamableHttpService::new(|| Ok(Self), sessions, config)
    }
}

impl ServerHandler for Whoami {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        // MCP wants a schema of an object, of tools without arguments as well.
        let nothing: JsonObject = [("type".to_owned(), "object".into())].into_iter().collect();
        let nothing = Arc::new(nothing);
        let tool = |name, description| Tool::new(name, description, Arc::clone(&nothing));
        Ok(ListToolsResult::with_all_items(vec![
            tool("whoami", "Who calls"),
            tool("reset", "Resets what there is"),
        ]))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let principal = principal(&context)?;
        let text = match call.name.as_ref() {
            "whoami" => format!("{} {}", principal.kind, principal.subject),
            // The door has checked this already; a second look costs nothing.
            "reset" if principal.may(&scopes("demo:write")) => "done".to_owned(),
            _ => return Err(ErrorData::invalid_params("no such tool", None)),
        };
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

fn principal(context: &RequestContext<RoleServer>) -> Result<&Principal, ErrorData> {
    let request = context.extensions.get::<Parts>();
    let principal = request.and_then(|request| request.extensions.get::<Arc<Principal>>());
    match principal {
        Some(principal) => Ok(principal),
        None => Err(ErrorData::internal_error("nobody calls", None)),
    }
}

fn scopes(names: &str) -> ScopeSet {
    names.parse().unwrap_or_default()
}
