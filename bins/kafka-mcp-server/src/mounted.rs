//! The door for another handler than that for Kafka.

use std::{env, error::Error, process::ExitCode};

use rmcp::{
    ServerHandler,
    transport::{
        StreamableHttpServerConfig, StreamableHttpService, streamable_http_server::SessionManager,
    },
};

use crate::{
    config::{Config, Environment, Layer, RawConfig, Transport},
    http,
    program::{FAILED, WRONG_CONFIGURATION, failed, install_cryptography},
    runtime,
    serve::serve_http,
    telemetry,
};

/// Serves over HTTP as [`run`](crate::run) does with the environment variables of the process, but
/// for what answers the requests that the front lets through: not Kafka, but what `mount` makes of
/// the configuration that Kafka would be mounted with.
pub fn serve_mounted<S, M>(
    mount: impl FnOnce(StreamableHttpServerConfig) -> StreamableHttpService<S, M>,
) -> ExitCode
where
    S: ServerHandler,
    M: SessionManager,
{
    install_cryptography();
    let environment = Environment::new(env::vars_os());
    let raw = RawConfig::collect(None, &environment, Layer::new("flag"));
    let config = match raw.and_then(|raw| Config::read(&raw)) {
        Ok(config) => config,
        Err(error) => return failed(&error, WRONG_CONFIGURATION),
    };
    let _logs = telemetry::init(&config.log);
    serve(&config, mount).unwrap_or_else(|error| failed(&*error, FAILED))
}

fn serve<S: ServerHandler, M: SessionManager>(
    config: &Config,
    mount: impl FnOnce(StreamableHttpServerConfig) -> StreamableHttpService<S, M>,
) -> Result<ExitCode, Box<dyn Error>> {
    let Transport::Http { http, oauth } = &config.transport else {
        return Err("this is served over HTTP only: set MCP_TRANSPORT=http".into());
    };
    let mount = |_: &_| mount(http::mounting(config.max_request_bytes));
    runtime::block_on(serve_http(config, http, oauth.as_ref(), mount))?
}
