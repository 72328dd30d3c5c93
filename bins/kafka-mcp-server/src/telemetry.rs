//! Logs, to standard error.

use std::{io, str::FromStr};

use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

mod log_writer;

pub(crate) use log_writer::LogGuard;

use crate::audit;
use log_writer::LogWriter;

/// What to log, and how.
#[derive(Clone, Debug)]
pub(crate) struct LogConfig {
    /// What to log.
    pub(crate) filter: LogFilter,
    /// How to write it.
    pub(crate) format: LogFormat,
}

/// How to write logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Lines for people.
    #[default]
    Text,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("is no format".to_owned()),
        }
    }
}

/// Which events to log.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogFilter(Targets);

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(level) = text.parse::<LevelFilter>() {
            return Ok(Self::level(level));
        }
        // A directive of one word would be taken as the name of a target, at every level.
        let is_directive = |word: &str| word.contains('=') || word.parse::<LevelFilter>().is_ok();
        if !text.split(',').all(is_directive) {
            return Err("is neither a level nor filter directives".to_owned());
        }
        text.parse()
            .map(Self)
            .map_err(|error| format!("is no filter: {error}"))
    }
}

impl LogFilter {
    /// A level for this server. The libraries in it stay quiet: below `warn` they log what
    /// clients and brokers send.
    fn level(level: LevelFilter) -> Self {
        let libraries = level.min(LevelFilter::from_level(Level::WARN));
        let ours = OUR_TARGETS.map(|target| (target, level));
        let targets = Targets::new().with_default(libraries);
        let targets = targets.with_targets(NOISY_TARGETS.map(|target| (target, LevelFilter::OFF)));
        Self(targets.with_targets(ours))
    }
}

/// Starts logging. To be called once; logs end when the guard is dropped.
pub(crate) fn init(config: &LogConfig) -> LogGuard {
    let (writer, guard) = LogWriter::new(io::stderr());
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match config.format {
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
        LogFormat::Text => layer.boxed(),
    };
    tracing_subscriber::registry()
        .with(layer)
        .with(config.filter.0.clone())
        .init();
    guard
}

/// Targets match by prefix.
const OUR_TARGETS: [&str; 4] = [audit::TARGET, "kafka_mcp", "kafka_tools", "mcp_oauth"];

/// krafka warns of a group that must rebalance whenever a reader is dropped, also when it is in no
/// group; rskafka logs answers as errors that the engine then handles; rmcp warns of answers that are
/// errors, which are logged already, and calls it an error when a client closes its stream.
const NOISY_TARGETS: [&str; 3] = ["krafka::consumer", "rmcp::service", "rskafka"];

#[cfg(test)]
mod tests {
    use super::*;

    fn enabled(filter: &str, target: &str, level: Level) -> bool {
        filter
            .parse::<LogFilter>()
            .unwrap()
            .0
            .would_enable(target, &level)
    }

    #[test]
    fn a_level_holds_for_this_server_and_keeps_libraries_quiet() {
        assert!(enabled("trace", "kafka_mcp_server::http", Level::TRACE));
        assert!(enabled("DEBUG", "kafka_tools::client", Level::DEBUG));
        assert!(enabled("info", "mcp_oauth_token::jwks", Level::INFO));
        assert!(enabled("info", "audit", Level::INFO));
        assert!(!enabled("warn", "audit", Level::INFO));
        assert!(!enabled("trace", "rmcp::transport", Level::INFO));
        assert!(enabled("info", "rmcp::transport", Level::WARN));
        assert!(!enabled("error", "rmcp::transport", Level::WARN));
        assert!(!enabled("trace", "rmcp::service", Level::ERROR));
        assert!(!enabled("off", "kafka_mcp", Level::ERROR));
        assert!(enabled("info", "krafka::network", Level::WARN));
        assert!(!enabled("trace", "krafka::consumer", Level::WARN));
    }

    #[test]
    fn directives_reach_libraries() {
        assert!(enabled("warn,rmcp=debug", "rmcp::service", Level::DEBUG));
        assert!(enabled("warn,audit=info", "audit", Level::INFO));
        assert!(!enabled("warn,rmcp=debug", "kafka_mcp", Level::INFO));
    }

    #[test]
    fn words_that_are_no_levels_are_refused() {
        for text in ["verbose", "info,loud", "rmcp=loud", "information"] {
            assert!(text.parse::<LogFilter>().is_err(), "{text}");
        }
    }
}
