//! A client in conversation with a server, in memory.

use std::sync::{Arc, Mutex};

use kafka_mcp::{CallObserver, FinishedCall, KafkaMcp, OpenedStream, Settings};
use kafka_tools::{BrokerAddress, Client, KafkaConfig};
use rmcp::{
    ClientHandler, RoleClient, ServiceError, ServiceExt,
    model::{CallToolRequestParams, CallToolResult, ProgressNotificationParam, ProtocolVersion},
    service::{
        ClientLifecycleMode, NotificationContext, RunningService, serve_client_with_lifecycle,
    },
};
use serde_json::Value;
use tokio::{io::DuplexStream, task::JoinSet};

/// A client, and the server it talks to.
pub(crate) struct Session {
    pub(crate) client: RunningService<RoleClient, Listener>,
    pub(crate) calls: Arc<Calls>,
    _server: JoinSet<()>,
}

/// A client that notes the progress it hears of.
#[derive(Debug, Default)]
pub(crate) struct Listener(Mutex<Vec<f64>>);

impl Listener {
    pub(crate) fn progress(&self) -> Vec<f64> {
        self.0.lock().unwrap().clone()
    }
}

impl ClientHandler for Listener {
    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.lock().unwrap().push(progress.progress);
    }
}

/// The calls that the server reported: name and outcome.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<Vec<(String, String)>>);

impl Calls {
    pub(crate) fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl CallObserver for Calls {
    fn call_finished(&self, call: &FinishedCall<'_>) {
        let call = (call.name.to_owned(), call.outcome.to_owned());
        self.0.lock().unwrap().push(call);
    }

    fn stream_opened(&self, stream: &OpenedStream<'_>) {
        let resources = format!("{} resources", stream.resources);
        self.0
            .lock()
            .unwrap()
            .push(("opened".to_owned(), resources));
    }
}

impl Session {
    /// Starts a server whose broker is not there.
    pub(crate) async fn start(settings: Settings) -> Self {
        Self::start_with(settings, "127.0.0.1:1").await
    }

    pub(crate) async fn start_with(settings: Settings, broker: &str) -> Self {
        Self::open(settings, broker, ClientLifecycleMode::Initialize).await
    }

    /// Starts the same, for a client that knows no `initialize` any more.
    pub(crate) async fn modern(settings: Settings) -> Self {
        let discover = ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        };
        Self::open(settings, "127.0.0.1:1", discover).await
    }

    async fn open(settings: Settings, broker: &str, lifecycle: ClientLifecycleMode) -> Self {
        let (near, calls, server) = serve(settings, broker);
        let client = serve_client_with_lifecycle(Listener::default(), near, lifecycle)
            .await
            .unwrap();
        Self {
            client,
            calls,
            _server: server,
        }
    }

    pub(crate) async fn call(
        &self,
        tool: &str,
        arguments: Value,
    ) -> Result<CallToolResult, ServiceError> {
        self.client.call_tool(request(tool, arguments)).await
    }

    /// Calls a tool that fails, and returns the failure.
    pub(crate) async fn failure(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await.unwrap();
        assert_eq!(result.is_error, Some(true), "{result:?}");
        structure(&result)
    }
}

/// A server, and where a client can reach it.
pub(crate) fn serve(
    mut settings: Settings,
    broker: &str,
) -> (DuplexStream, Arc<Calls>, JoinSet<()>) {
    let calls = Arc::new(Calls::default());
    settings.observer = Arc::clone(&calls) as Arc<dyn CallObserver>;
    let mut config = KafkaConfig::new(vec![broker.parse::<BrokerAddress>().unwrap()]);
    config.timeout = settings.timeout;
    let handler = KafkaMcp::new(Client::new(config).unwrap(), settings);
    let (near, far) = tokio::io::duplex(64 * 1024);
    let mut server = JoinSet::new();
    server.spawn(async move {
        let running = handler.serve(far).await.unwrap();
        running.waiting().await.unwrap();
    });
    (near, calls, server)
}

pub(crate) fn request(tool: &str, arguments: Value) -> CallToolRequestParams {
    let Value::Object(arguments) = arguments else {
        panic!("arguments are an object")
    };
    CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments)
}

/// The structure of a result, which its text repeats.
pub(crate) fn structure(result: &CallToolResult) -> Value {
    let structure = result.structured_content.clone().unwrap();
    let text = &result.content.first().unwrap().as_text().unwrap().text;
    assert_eq!(*text, structure.to_string());
    structure
}
