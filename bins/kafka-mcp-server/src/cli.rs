//! The command line.

use std::{ffi::OsString, path::PathBuf, time::Duration};

#[cfg(feature = "demo")]
use clap::ArgAction;
use clap::{
    Arg, ArgMatches, Command,
    builder::{StyledStr, ValueParser},
    error::{ContextKind, ContextValue, ErrorKind},
};
use mcp_oauth_token::ScopeSet;

use crate::{
    config::{Layer, SECTIONS, Setting, duration},
    token::TokenRequest,
};

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
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Show the server at work on an embedded broker, and keep both up.
    #[cfg(feature = "demo")]
    Demo { stay: bool },
    /// Check the set-up, and explain the token in a file, if one is named; `-` is standard input.
    Doctor { token_file: Option<PathBuf> },
    /// Make a secret.
    Keys,
    /// Print the resolved configuration.
    PrintConfig,
    /// Serve clients.
    Serve,
    /// Make a token.
    Token(TokenRequest),
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
        let matches = command()
            .try_get_matches_from(arguments)
            .map_err(with_allowed_values)?;
        let (action, matches) = match matches.subcommand() {
            #[cfg(feature = "demo")]
            Some((DEMO, demo)) => {
                let stay = demo.get_flag(STAY);
                (Action::Demo { stay }, demo)
            }
            Some((DOCTOR, doctor)) => {
                let token_file = doctor.get_one::<PathBuf>(TOKEN_FILE).cloned();
                (Action::Doctor { token_file }, doctor)
            }
            Some((KEYS, keys)) => (Action::Keys, keys),
            Some((TOKEN, token)) => (Action::Token(token_request(token)), token),
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
    let doctor = Command::new(DOCTOR)
        .about("Check the configuration, Kafka and the identity provider, and explain a token")
        .arg(
            option(TOKEN_FILE, "FILE")
                .value_parser(ValueParser::path_buf())
                .help("A file with a token to explain; - is standard input"),
        );
    let keys = Command::new(KEYS).about(
        "Print a new secret for JWT_SECRET or KAFKA_MCP_STATE_KEY, and how it takes the place \
             of another",
    );
    let command = Command::new("kafka-mcp-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A Model Context Protocol server for Apache Kafka")
        .after_help(AFTER_HELP)
        .disable_help_subcommand(true)
        .arg(config)
        .args(flags)
        .subcommands([doctor, keys, print_config, token()]);
    #[cfg(feature = "demo")]
    let command = command.subcommand(demo());
    command
}

/// The command that shows the others what they are for.
#[cfg(feature = "demo")]
fn demo() -> Command {
    Command::new(DEMO)
        .about("Show the server at work, without Kafka: on an embedded broker in memory")
        .display_order(0)
        .after_help(ABOUT_DEMO)
        .arg(
            Arg::new(STAY)
                .long(STAY)
                .action(ArgAction::SetTrue)
                .help("Keep it up until Ctrl-C, and say how clients connect, with a token"),
        )
}

/// The command that makes tokens.
fn token() -> Command {
    let scopes = |text: &str| {
        let scopes = text.replace(',', " ").parse::<ScopeSet>();
        scopes.map_err(|error| error.to_string())
    };
    let lifetime = |text: &str| duration(Duration::from_secs(1), MAX_LIFETIME)(text);
    Command::new(TOKEN)
        .about("Print a token for development, with the key of OAUTH_PROVIDER=hmac")
        .args([
            option(SUB, "NAME")
                .required(true)
                .help("Whom the token stands for"),
            option(SCOPE, "SCOPES")
                .default_value("kafka:read")
                .value_parser(scopes)
                .help("What it is good for: kafka:read, kafka:write, kafka:admin"),
            option(TTL, "DURATION")
                .default_value("1h")
                .value_parser(lifetime)
                .help("How long it is valid, such as 30s or 8h"),
            option(CLIENT, "ID").help("The client that it is for"),
            option(ISSUER, "URL").help("Its issuer [default: OIDC_ISSUER]"),
            option(AUDIENCE, "NAME").help("Its audience [default: the first of OIDC_AUDIENCE]"),
        ])
}

fn token_request(matches: &ArgMatches) -> TokenRequest {
    let text = |name| matches.get_one::<String>(name).cloned();
    TokenRequest {
        subject: text(SUB).unwrap_or_default(),
        scopes: matches
            .get_one::<ScopeSet>(SCOPE)
            .cloned()
            .unwrap_or_default(),
        lifetime: matches
            .get_one::<Duration>(TTL)
            .copied()
            .unwrap_or_default(),
        client_id: text(CLIENT),
        issuer: text(ISSUER),
        audience: text(AUDIENCE),
    }
}

/// An option of one command.
fn option(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value)
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

/// Adds the values that are allowed to the complaint that a flag has none.
fn with_allowed_values(mut error: clap::Error) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let is_without =
        error.kind() == ErrorKind::InvalidValue && text(ContextKind::InvalidValue).is_empty();
    // `--kafka-client-id <VALUE>`
    let flag = text(ContextKind::InvalidArg).split(' ').next();
    let flag = flag.and_then(|flag| flag.strip_prefix("--"));
    let mut settings = SECTIONS.iter().flat_map(|section| section.settings);
    let setting = settings.find(|setting| flag == Some(setting.flag().as_str()));
    if let Some(setting) = setting.filter(|_| is_without) {
        let tip = StyledStr::from(format!("its values are: {}", setting.allowed));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
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

#[cfg(feature = "demo")]
const DEMO: &str = "demo";
#[cfg(feature = "demo")]
const STAY: &str = "stay";

#[cfg(feature = "demo")]
const ABOUT_DEMO: &str = "\
The broker is a test double in memory: it is not Kafka, and keeps nothing. The server is the one
that serves otherwise, over HTTP and with OAuth, on a free port of this machine, and a client uses
it over real sockets. The command fails if anything is not as it should be.

The environment is not read. Settings are taken as flags, but for those that the demo brings along:
--kafka-mcp-read-only true shows what it looks like when something is not as expected.";

const DOCTOR: &str = "doctor";
const TOKEN_FILE: &str = "token-file";

const KEYS: &str = "keys";

const TOKEN: &str = "token";
const SUB: &str = "sub";
const SCOPE: &str = "scope";
const TTL: &str = "ttl";
const CLIENT: &str = "client";
const ISSUER: &str = "issuer";
const AUDIENCE: &str = "audience";
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const CONFIG: &str = "config";

const AFTER_HELP: &str = "\
Without a command, the server serves. Defaults give way to the file, the file to the environment,
the environment to flags. Secrets are no flags, because every user of the machine can read those:
KAFKA_SASL_PASSWORD, KAFKA_SASL_OAUTH_CLIENT_SECRET, KAFKA_MCP_STATE_KEY, OIDC_CLIENT_SECRET,
JWT_SECRET and JWT_SECRET_PREVIOUS come from the environment, from the file, or from files of their
own, named by the same variables with _FILE.";

#[cfg(test)]
mod tests;
