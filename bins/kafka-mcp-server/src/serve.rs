//! From a configuration to a server that runs.

use std::{
    error::Error,
    io::{self, IsTerminal as _, Write},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
};

use kafka_mcp::{CallObserver, Clock, FinishedCall, KafkaMcp, OpenedStream, Settings, SystemClock};
use kafka_tools::Client;
use secrecy::ExposeSecret;

mod web;

pub(crate) use web::Web;

use crate::{
    audit,
    config::{Config, OAuth, Transport},
    http::{self, HttpConfig, McpService},
    metrics::{Call, Metrics},
    oauth, runtime,
    shutdown::{Shutdown, Signals},
    stdio,
    telemetry::LogFormat,
};

/// Serves until the process is to end. Kafka need not be there.
///
/// # Errors
///
/// If the server cannot start.
pub(crate) fn run(config: &Config) -> Result<ExitCode, Box<dyn Error>> {
    match &config.transport {
        Transport::Stdio => runtime::block_on_all_cores(serve_stdio(config))?,
        // Connections have threads of their own.
        Transport::Http { http, oauth } => {
            runtime::block_on(serve_http(config, http, oauth.as_ref(), Core::mount))?
        }
    }
}

async fn serve_stdio(config: &Config) -> Result<ExitCode, Box<dyn Error>> {
    let (core, shutdown, signals) = begin(config)?;
    tracing::info!(transport = "stdio", "serving");
    if io::stdin().is_terminal() {
        // For people who have just started it to see what happens.
        let hint = "waiting for an MCP client on standard input; MCP_TRANSPORT=http serves over HTTP, \
                    and Ctrl-D ends it";
        let _ = writeln!(io::stderr(), "kafka-mcp-server: {hint}");
    }
    let (input, output) = rmcp::transport::stdio_pipes();
    let max_line_bytes = config.max_request_bytes;
    let serving = async {
        stdio::serve(core.handler, input, output, max_line_bytes, &shutdown).await;
        core.client.close().await;
    };
    let grace = config.shutdown_grace;
    Ok(shutdown.supervise(signals, serving, grace).await)
}

/// Serves over HTTP what `mount` makes.
pub(crate) async fn serve_http<M: McpService>(
    config: &Config,
    http: &HttpConfig,
    oauth: Option<&OAuth>,
    mount: impl FnOnce(&Core) -> M,
) -> Result<ExitCode, Box<dyn Error>> {
    let (core, shutdown, signals) = begin(config)?;
    let listener = http::listen(http.address).await?;
    let service = mount(&core);
    let web = Web::new(core, service, listener, http, oauth, &shutdown)?;
    announce(web.address(), http, oauth, config.log.format);
    let serving = web.run(&shutdown.draining);
    let grace = config.shutdown_grace;
    Ok(shutdown.supervise(signals, serving, grace).await)
}

/// What comes before serving, whatever the transport. Signals are listened to before anybody is
/// told that the server is up, and may want it down again.
fn begin(config: &Config) -> Result<(Core, Shutdown, Signals), Box<dyn Error>> {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let brokers = config.kafka.brokers.iter().map(ToString::to_string);
    let brokers = brokers.collect::<Vec<_>>().join(",");
    let (engine, read_only) = (config.kafka.engine, config.access.read_only);
    tracing::info!(brokers, ?engine, read_only, "Kafka configured");
    let signals = Signals::listen()?;
    let shutdown = Shutdown::default();
    let core = Core::new(config, &shutdown)?;
    Ok((core, shutdown, signals))
}

/// What serves, whatever the transport.
pub(crate) struct Core {
    handler: KafkaMcp,
    client: Client,
    metrics: Arc<Metrics>,
    max_request_bytes: usize,
}

impl Core {
    /// # Errors
    ///
    /// If there can be no client for such a cluster.
    pub(crate) fn new(config: &Config, shutdown: &Shutdown) -> Result<Self, Box<dyn Error>> {
        let metrics = Arc::new(Metrics::new(now()));
        let client = Client::new(config.kafka.clone())?;
        Ok(Self {
            handler: KafkaMcp::new(client.clone(), settings(config, &metrics, shutdown)),
            client,
            metrics,
            max_request_bytes: config.max_request_bytes,
        })
    }

    /// Kafka, as it is served over HTTP.
    pub(crate) fn mount(&self) -> impl McpService + use<> {
        http::stateless(self.handler.clone(), self.max_request_bytes)
    }
}

fn settings(config: &Config, metrics: &Arc<Metrics>, shutdown: &Shutdown) -> Settings {
    let mut settings = Settings::new();
    settings.access = config.access.clone();
    settings.confirm_writes = config.confirm_writes;
    if let Some(key) = &config.state_key {
        settings.state_key = key.clone();
    }
    settings.max_result_bytes = config.max_result_bytes;
    settings.timeout = config.timeout;
    settings.observer = Arc::new(Observer(Arc::clone(metrics)));
    settings.draining = shutdown.draining.clone();
    settings.shutdown = shutdown.calls.clone();
    settings.poll_interval = config.poll_interval;
    settings.max_streams = config.max_streams;
    settings.max_streams_per_caller = config.max_streams_per_caller;
    match &config.transport {
        Transport::Http { oauth: Some(_), .. } => settings.default_caller = oauth::nobody(),
        // Nobody tells one caller from another.
        Transport::Http { oauth: None, .. } => {
            settings.max_streams_per_caller = config.max_streams;
        }
        Transport::Stdio => {}
    }
    settings
}

/// Counts and audits what the MCP side reports.
#[derive(Debug)]
struct Observer(Arc<Metrics>);

impl CallObserver for Observer {
    fn call_finished(&self, call: &FinishedCall<'_>) {
        audit::call_finished(call);
        self.0.call_finished(Call {
            kind: call.kind.as_str(),
            name: call.name,
            outcome: call.outcome,
            kafka_error: call.kafka_error,
            duration: call.duration,
            bytes_read: call.bytes_read,
            bytes_written: call.bytes_written,
        });
    }

    fn stream_opened(&self, stream: &OpenedStream<'_>) {
        audit::stream_opened(stream);
    }
}

/// Says where the server listens, which with port 0 nobody knows otherwise, and for whom.
fn announce(address: SocketAddr, http: &HttpConfig, oauth: Option<&OAuth>, log: LogFormat) {
    tracing::info!(transport = "http", %address, "serving");
    if let Some(oauth) = oauth {
        let (provider, issuer) = (oauth.provider.name(), oauth.provider.issuer());
        tracing::info!(provider, issuer, server_url = %oauth.server_url, "OAuth configured");
    } else if !http.address.ip().to_canonical().is_loopback() {
        tracing::warn!(%address, "everybody who can reach this address can use Kafka through it");
    }
    // For people, who may have turned logs off; nothing is lost if nobody reads it.
    let mut screen = io::stderr();
    if log == LogFormat::Text {
        let _ = writeln!(screen, "Listening on http://{address}/mcp");
    }
    let logins = oauth.and_then(|oauth| oauth.logins.as_ref());
    if let Some(code) = logins.and_then(|logins| logins.development_code.as_ref()) {
        let code = code.expose_secret();
        let _ = writeln!(screen, "Development login: any name, with the code {code}");
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    let seconds = u32::try_from(SystemClock.now().as_second()).unwrap_or_default();
    f64::from(seconds)
}
