//! The command line.

use std::{ffi::OsString, path::PathBuf};

use clap::{Arg, ArgMatches, Command, builder::ValueParser};

use crate::config::{Layer, SECTIONS, Setting};

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Cli {
    /// What to do.
    pub(crate) action: Action,
    /// The configuration file.
    pub(crate) config_file: Option<PathBuf>,
    /// The settings given as flags.
    pub(crate) flags: Layer,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Print the resolved configuration.
    PrintConfig,
    /// Serve clients.
    Serve,
}

impl Cli {
    /// Parses arguments, the program's name first.
    ///
    /// # Errors
    ///
    /// What is wrong with them; also the answers to `--help` and `--version`.
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, clap::Error> {
        let matches = command().try_get_matches_from(arguments)?;
        let (action, matches) = match matches.subcommand() {
            Some((_, print_config)) => (Action::PrintConfig, print_config),
            None => (Action::Serve, &matches),
        };
        Ok(Self {
            action,
            config_file: matches.get_one::<PathBuf>(CONFIG).cloned(),
            flags: flags(matches),
        })
    }
}

/// The command, made from the table of settings.
pub(crate) fn command() -> Command {
    let config = Arg::new(CONFIG)
        .long(CONFIG)
        .global(true)
        .value_name("FILE")
        .value_parser(ValueParser::path_buf())
        .help("A TOML file with settings: their environment variables in lower case are the keys");
    let flags = SECTIONS.iter().flat_map(|section| {
        let visible = section
            .settings
            .iter()
            .filter(|setting| !setting.is_secret());
        visible.map(|setting| flag(setting).help_heading(section.title))
    });
    let print_config = Command::new("print-config").about(
        "Print the resolved configuration as TOML, without secrets, and where each value came from",
    );
    Command::new("kafka-mcp-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A Model Context Protocol server for Apache Kafka")
        .after_help(AFTER_HELP)
        .disable_help_subcommand(true)
        .arg(config)
        .args(flags)
        .subcommand(print_config)
}

fn flag(setting: &'static Setting) -> Arg {
    let default = setting
        .default
        .map(|default| format!(" [default: {default}]"));
    Arg::new(setting.name)
        .long(setting.flag())
        .global(true)
        .value_name("VALUE")
        .help(format!(
            "{} [env: {}] [allowed: {}]{}",
            setting.doc.trim_end_matches('.'),
            setting.name,
            setting.allowed,
            default.unwrap_or_default()
        ))
}

fn flags(matches: &ArgMatches) -> Layer {
    let mut layer = Layer::new("flag");
    for setting in SECTIONS.iter().flat_map(|section| section.settings) {
        if setting.is_secret() {
            continue;
        }
        if let Some(value) = matches.get_one::<String>(setting.name) {
            layer.set(setting, value.clone());
        }
    }
    layer
}

const CONFIG: &str = "config";

const AFTER_HELP: &str = "\
Without a command, the server serves. Defaults give way to the file, the file to the environment,
the environment to flags. Secrets are no flags, because every user of the machine can read those:
KAFKA_SASL_PASSWORD and KAFKA_SASL_OAUTH_CLIENT_SECRET come from the environment, from the file, or
from files of their own, named by the same variables with _FILE.";

#[cfg(test)]
mod tests;
