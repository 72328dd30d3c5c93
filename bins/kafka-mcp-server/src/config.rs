//! Configuration, in three steps: layers of strings, merged by figment into a [`RawConfig`], read
//! into a [`Config`] of real types with every problem collected.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use kafka_mcp::{Access, ConfirmWrites, NamePatterns, StateKey};
use kafka_tools::KafkaConfig;
use mcp_oauth_provider::ProviderConfig;

use crate::{http::HttpConfig, telemetry::LogConfig};

#[cfg(feature = "demo")]
mod demo;
mod environment;
mod error;
mod file;
mod kafka;
mod layer;
mod oauth;
mod print;
mod public_url;
mod raw;
mod reader;
#[cfg(test)]
mod reference;
mod setting;
mod settings;
mod state_key;
mod store;
mod value;

#[cfg(feature = "demo")]
pub(crate) use demo::Surroundings;
pub(crate) use environment::Environment;
pub(crate) use error::ConfigError;
pub(crate) use layer::Layer;
pub(crate) use oauth::{ClientDocuments, Logins, OAuth};
pub(crate) use public_url::PublicUrl;
pub(crate) use raw::RawConfig;
pub(crate) use setting::Setting;
pub(crate) use settings::SECTIONS;
pub(crate) use store::StoreSetting;
pub(crate) use value::duration;

use oauth::OAuthSettings;
use reader::Reader;
use settings::*;

/// The configuration of the server.
#[derive(Debug)]
pub(crate) struct Config {
    /// How clients connect.
    pub(crate) transport: Transport,
    /// How to reach the cluster.
    pub(crate) kafka: KafkaConfig,
    /// What callers may see and do.
    pub(crate) access: Access,
    /// Whether somebody is asked before a tool writes.
    pub(crate) confirm_writes: ConfirmWrites,
    /// What seals cursors; `None` is a key of this process.
    pub(crate) state_key: Option<StateKey>,
    /// The deadline of one call.
    pub(crate) timeout: Duration,
    /// The largest result of one call.
    pub(crate) max_result_bytes: usize,
    /// How often resources are measured that somebody subscribes to.
    pub(crate) poll_interval: Duration,
    /// How many streams of updates may be open.
    pub(crate) max_streams: usize,
    /// How many of them one caller may have.
    pub(crate) max_streams_per_caller: usize,
    /// The largest request.
    pub(crate) max_request_bytes: usize,
    /// How long calls in flight may go on at shutdown.
    pub(crate) shutdown_grace: Duration,
    /// What to log, and how.
    pub(crate) log: LogConfig,
    /// What is allowed but probably not meant.
    pub(crate) warnings: Warnings,
}

type Warnings = Vec<Cow<'static, str>>;

/// How clients connect.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one in a process")]
pub(crate) enum Transport {
    /// Streamable HTTP.
    Http {
        /// How to listen, and what to accept.
        http: HttpConfig,
        /// How clients authenticate; `None` lets everybody in.
        oauth: Option<OAuth>,
    },
    /// Standard input and output, for one client.
    Stdio,
}

impl RawConfig {
    /// Merges all sources: defaults, then the file, then the environment, then flags.
    ///
    /// # Errors
    ///
    /// If the layers cannot be merged.
    pub(crate) fn collect(
        file: Option<&Path>,
        environment: &Environment,
        flags: Layer,
    ) -> Result<Self, ConfigError> {
        let file = file.map(file::layer).unwrap_or_default();
        Self::merge([Layer::defaults(), file, environment.layer(), flags])
    }
}

impl Config {
    /// Reads the merged values.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, and with the sources they came from.
    pub(crate) fn read(raw: &RawConfig) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(raw);
        let mut warnings: Warnings = raw.warnings().iter().cloned().map(Cow::from).collect();
        let timeout = reader.read(KAFKA_MCP_TIMEOUT, duration(MIN_TIMEOUT, TEN_MINUTES));
        let kafka = kafka::read(&mut reader, timeout, &mut warnings);
        let host = reader.read_optional(MCP_HTTP_HOST, value::listen_host);
        let oauth = oauth::read(&mut reader, host, &mut warnings);
        let max_streams = reader.read(KAFKA_MCP_MAX_STREAMS, value::number(1, MAX_STREAMS));
        let config = Self {
            kafka,
            access: access(&mut reader),
            confirm_writes: reader.read(KAFKA_MCP_CONFIRM_WRITES, value::confirm_writes),
            state_key: state_key::read(&mut reader),
            timeout,
            max_result_bytes: reader
                .read(KAFKA_MCP_MAX_RESULT_BYTES, value::number(4096, 16 * MIB)),
            poll_interval: reader.read(
                KAFKA_MCP_POLL_INTERVAL,
                duration(Duration::from_secs(1), TEN_MINUTES),
            ),
            max_streams,
            max_streams_per_caller: reader.read(
                KAFKA_MCP_MAX_STREAMS_PER_CALLER,
                value::number(1, MAX_STREAMS),
            ),
            max_request_bytes: reader.read(MCP_MAX_REQUEST_BYTES, value::number(1024, 64 * MIB)),
            transport: transport(&mut reader, host, oauth, max_streams),
            shutdown_grace: reader.read(MCP_SHUTDOWN_GRACE, duration(Duration::ZERO, TEN_MINUTES)),
            log: LogConfig {
                filter: reader.read(LOG_LEVEL, str::parse),
                format: reader.read(LOG_FORMAT, str::parse),
            },
            warnings,
        };
        reader.finish()?;
        Ok(config)
    }
}

/// Reads how tokens are made for development, with the provider hmac.
///
/// # Errors
///
/// Everything that is wrong with the settings that matter for it.
pub(crate) fn hmac_provider(raw: &RawConfig) -> Result<ProviderConfig, ConfigError> {
    let mut reader = Reader::new(raw);
    let config = oauth::read_hmac(&mut reader);
    reader.finish()?;
    Ok(config)
}

fn access(reader: &mut Reader<'_>) -> Access {
    let mut access = Access::default();
    access.read_only = reader.read(KAFKA_MCP_READ_ONLY, value::boolean);
    access.topics = patterns(reader, KAFKA_MCP_TOPICS_ALLOW, KAFKA_MCP_TOPICS_DENY);
    access.groups = patterns(reader, KAFKA_MCP_GROUPS_ALLOW, KAFKA_MCP_GROUPS_DENY);
    access
}

fn patterns(reader: &mut Reader<'_>, allow: &Setting, deny: &Setting) -> NamePatterns {
    let pattern = |text: &str| {
        let pattern = text.to_owned();
        NamePatterns::new(std::slice::from_ref(&pattern), &[]).map(|_| pattern)
    };
    let allowed = reader.read(allow, value::list(pattern));
    let denied = reader.read(deny, value::list(pattern));
    // Each pattern compiled on its own; together they can only be too many.
    NamePatterns::new(&allowed, &denied).unwrap_or_else(|error| {
        reader.problem(allow, error.to_string());
        NamePatterns::default()
    })
}

fn transport(
    reader: &mut Reader<'_>,
    host: Option<IpAddr>,
    oauth: OAuthSettings,
    max_streams: usize,
) -> Transport {
    let http = http(reader, host, &oauth, max_streams);
    let is_http = reader.read(MCP_TRANSPORT, |text| {
        match text.to_ascii_lowercase().as_str() {
            "http" => Ok(true),
            "stdio" => Ok(false),
            _ => Err("is no transport".to_owned()),
        }
    });
    let open = reader.read(MCP_HTTP_ALLOW_UNAUTHENTICATED, value::boolean) || oauth.is_enabled;
    if is_http && !open && !http.address.ip().to_canonical().is_loopback() {
        let message = format!(
            "{} would let everybody on the network use Kafka through this server without \
             authentication: listen on 127.0.0.1, turn OAUTH_ENABLED on, or set \
             MCP_HTTP_ALLOW_UNAUTHENTICATED=true if something else protects it",
            http.address.ip()
        );
        reader.problem(MCP_HTTP_HOST, message);
    }
    if is_http {
        let oauth = oauth.oauth;
        return Transport::Http { http, oauth };
    }
    if oauth.is_enabled && !reader.has_problem(MCP_TRANSPORT) {
        let message =
            "is on, but stdio authenticates nobody: set MCP_TRANSPORT=http, or turn it off";
        reader.problem(OAUTH_ENABLED, message);
    }
    Transport::Stdio
}

fn http(
    reader: &mut Reader<'_>,
    host: Option<IpAddr>,
    oauth: &OAuthSettings,
    max_streams: usize,
) -> HttpConfig {
    let port = reader.read(MCP_HTTP_PORT, value::number(0, u16::MAX));
    let timeout = |max| duration(MIN_TIMEOUT, max);
    let public = oauth.server_url.as_ref().filter(|url| !url.is_loopback());
    // Who names a public URL wants to be reached at it.
    let default_ip = public.map_or(value::LOOPBACK, |_| IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let mut allowed_hosts = reader.read(MCP_ALLOWED_HOSTS, value::list(str::parse));
    let mut allowed_origins = reader.read(MCP_ALLOWED_ORIGINS, value::list(str::parse));
    allowed_hosts.extend(public.and_then(PublicUrl::authority));
    allowed_origins.extend(public.and_then(PublicUrl::origin));
    HttpConfig {
        address: SocketAddr::new(host.unwrap_or(default_ip), port),
        allowed_hosts,
        allowed_origins,
        max_connections: reader.read(MCP_HTTP_MAX_CONNECTIONS, value::number(1, 1_000_000)),
        max_concurrent_calls: reader.read(MCP_HTTP_MAX_CONCURRENT_CALLS, value::number(1, 65_536)),
        max_streams,
        calls_per_second: reader.read(MCP_HTTP_CALLS_PER_SECOND, value::number(0, 1_000_000)),
        idle_timeout: reader.read(MCP_HTTP_IDLE_TIMEOUT, timeout(6 * TEN_MINUTES)),
        body_timeout: reader.read(MCP_HTTP_BODY_TIMEOUT, timeout(TEN_MINUTES)),
    }
}

const MIN_TIMEOUT: Duration = Duration::from_millis(100);
const TEN_MINUTES: Duration = Duration::from_secs(600);
const MAX_STREAMS: usize = 65_536;
const MIB: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
