//! A real MCP client, connected to a server of its own.

use kafka_tools::TopicName;
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient, ServiceError, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResult, GetPromptRequestParams, ProtocolVersion,
        ReadResourceRequestParams,
    },
    service::{ClientInitializeError, RunningService},
    transport::{
        StreamableHttpClientTransport, TokioChildProcess,
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Map, Value, json};

use crate::server::{Log, Server, command};

/// How client and server talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// Standard input and output.
    Stdio,
}

impl Transport {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Http, Self::Stdio];
}

/// A real MCP client, connected to a server of its own. What the server says in between goes to a
/// handler.
#[derive(Debug)]
pub struct McpClient<H: ClientHandler = ()> {
    service: RunningService<RoleClient, H>,
    log: ServerLog,
}

#[derive(Debug)]
enum ServerLog {
    Http(Box<Server>),
    Stdio(Log),
}

impl McpClient {
    /// Starts a server with these environment variables, and connects to it as clients of old do.
    ///
    /// # Panics
    ///
    /// If one of both fails.
    pub async fn connect(transport: Transport, settings: &[(&str, &str)]) -> Self {
        Self::connect_as((), ClientLifecycleMode::Initialize, transport, settings).await
    }

    /// Starts a server with these environment variables, and connects to it as MCP 2026-07-28 says.
    ///
    /// # Panics
    ///
    /// If one of both fails.
    pub async fn modern(transport: Transport, settings: &[(&str, &str)]) -> Self {
        Self::connect_as((), discover(), transport, settings).await
    }

    /// Connects to a server that is there, perhaps with a token, as clients of old do.
    ///
    /// # Errors
    ///
    /// If the server refuses.
    pub async fn connect_to(
        server: &Server,
        token: Option<&str>,
    ) -> Result<RunningService<RoleClient, ()>, ClientInitializeError> {
        ().serve(http(server, token)).await
    }

    /// Connects to a server that is there, perhaps with a token, as MCP 2026-07-28 says.
    ///
    /// # Errors
    ///
    /// If the server refuses.
    pub async fn modern_at(
        server: &Server,
        token: Option<&str>,
    ) -> Result<RunningService<RoleClient, ()>, ClientInitializeError> {
        let transport = http(server, token);
        ().serve_with_lifecycle(transport, discover()).await
    }
}

impl<H: ClientHandler> McpClient<H> {
    /// Starts a server with these environment variables, and connects to it in one of the ways to
    /// begin a conversation.
    ///
    /// # Panics
    ///
    /// If one of both fails.
    pub async fn connect_as(
        handler: H,
        lifecycle: ClientLifecycleMode,
        transport: Transport,
        settings: &[(&str, &str)],
    ) -> Self {
        let (service, log) = match transport {
            Transport::Http => {
                let server = Server::start(settings).await;
                let service = handler.serve_with_lifecycle(http(&server, None), lifecycle);
                (service.await, ServerLog::Http(Box::new(server)))
            }
            Transport::Stdio => {
                let command = command(settings);
                let spawned = TokioChildProcess::builder(command)
                    .stderr(std::process::Stdio::piped())
                    .spawn();
                let (process, stderr) = spawned.expect("the server starts");
                let log = Log::follow(stderr.expect("it is piped"));
                let service = handler.serve_with_lifecycle(process, lifecycle);
                (service.await, ServerLog::Stdio(log))
            }
        };
        Self {
            service: service.expect("an MCP server"),
            log,
        }
    }

    /// The client itself.
    #[must_use]
    pub fn service(&self) -> &RunningService<RoleClient, H> {
        &self.service
    }

    /// The server.
    ///
    /// # Panics
    ///
    /// If it is spoken to over pipes.
    #[must_use]
    pub fn server(&self) -> &Server {
        match &self.log {
            ServerLog::Http(server) => server,
            ServerLog::Stdio(_) => panic!("a server that listens"),
        }
    }

    /// What the server has written to standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        match &self.log {
            ServerLog::Http(server) => server.log(),
            ServerLog::Stdio(log) => log.text(),
        }
    }

    /// Waits for a line that the server writes to standard error.
    ///
    /// # Panics
    ///
    /// If there is none within 20 s.
    pub async fn logged(&self, part: &str) -> String {
        match &self.log {
            ServerLog::Http(server) => server.logged(part).await,
            ServerLog::Stdio(log) => log.line(part).await,
        }
    }

    /// Calls a tool.
    ///
    /// # Errors
    ///
    /// If the server answers with a JSON-RPC error.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        let Value::Object(arguments) = arguments else {
            panic!("arguments are an object")
        };
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        self.service.call_tool(params).await
    }

    /// The structured result of a call that succeeds.
    ///
    /// # Panics
    ///
    /// If it fails, or if the text says something else than the structure.
    pub async fn result(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await.expect("a result");
        assert_ne!(result.is_error, Some(true), "{tool}: {result:?}");
        structure(&result)
    }

    /// The structured error of a call that fails as a tool does.
    ///
    /// # Panics
    ///
    /// If it succeeds, or if the text says something else than the structure.
    pub async fn failure(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await.expect("a result");
        assert_eq!(result.is_error, Some(true), "{tool}: {result:?}");
        structure(&result)
    }

    /// The JSON of a resource.
    ///
    /// # Errors
    ///
    /// If the server answers with a JSON-RPC error.
    ///
    /// # Panics
    ///
    /// If it is no JSON.
    pub async fn resource(&self, uri: &str) -> Result<Value, ServiceError> {
        let read = self
            .service
            .read_resource(ReadResourceRequestParams::new(uri))
            .await?;
        let contents = json!(read.contents[0]);
        assert_eq!(contents["uri"], uri);
        assert_eq!(contents["mimeType"], "application/json");
        let text = contents["text"].as_str().expect("text");
        Ok(serde_json::from_str(text).expect("JSON"))
    }

    /// The Markdown of a prompt.
    ///
    /// # Errors
    ///
    /// If the server answers with a JSON-RPC error.
    ///
    /// # Panics
    ///
    /// If it is not one message of text.
    pub async fn prompt(&self, name: &str, arguments: Value) -> Result<String, ServiceError> {
        let mut params = GetPromptRequestParams::new(name);
        if let Value::Object(arguments) = arguments {
            params.arguments = Some(arguments.into_iter().collect::<Map<_, _>>());
        }
        let prompt = self.service.get_prompt(params).await?;
        assert_eq!(prompt.messages.len(), 1);
        let content = json!(prompt.messages[0].content);
        Ok(content["text"].as_str().expect("text").to_owned())
    }

    /// The records of a topic, from its first one on.
    ///
    /// # Panics
    ///
    /// If they cannot be read.
    pub async fn messages(&self, topic: &TopicName) -> Vec<Value> {
        let arguments = json!({
            "topics": [topic.as_str()], "position": "earliest", "max_messages": 1000,
        });
        let result = self.result("consume_messages", arguments).await;
        result["messages"].as_array().expect("messages").clone()
    }
}

/// The way to a server that listens, perhaps with a token.
fn http(server: &Server, token: Option<&str>) -> StreamableHttpClientTransport<reqwest::Client> {
    // The HTTP client panics without one, although nothing here is encrypted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = StreamableHttpClientTransportConfig::with_uri(server.endpoint());
    if let Some(token) = token {
        config = config.auth_header(token);
    }
    StreamableHttpClientTransport::from_config(config)
}

fn discover() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    }
}

/// The structure of a result, which is said in its text too.
fn structure(result: &CallToolResult) -> Value {
    let structure = result
        .structured_content
        .clone()
        .expect("structured content");
    assert_eq!(result.content.len(), 1, "{result:?}");
    let text = json!(result.content[0]);
    let text = text["text"].as_str().expect("text");
    assert_eq!(
        serde_json::from_str::<Value>(text).expect("JSON"),
        structure
    );
    structure
}
