//! A Model Context Protocol server for Apache Kafka, over stdio and Streamable HTTP.

use std::{
    error::Error,
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

mod audit;
mod causes;
mod cli;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
#[cfg(test)]
mod fixture;
mod http;
mod keys;
mod metrics;
mod oauth;
mod readiness;
mod runtime;
mod screen;
mod serve;
mod shutdown;
mod stdio;
mod telemetry;
mod token;

use secrecy::ExposeSecret;

use causes::with_causes;
use cli::{Action, Cli};
#[cfg(feature = "demo")]
use config::ConfigError;
use config::{Config, Environment, RawConfig};

/// A call makes hundreds of small allocations, and a few aligned ones for its tasks, which take the
/// allocator of the C library several times as long.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(answer) => {
            // --help and --version are answers too, and go to standard output.
            let printed = answer.print();
            return exit_code(if printed.is_ok() {
                answer.exit_code()
            } else {
                1
            });
        }
    };
    if let Action::Keys = cli.action {
        return match keys::make() {
            Ok(secret) => print(format_args!("{}\n", secret.expose_secret())),
            Err(error) => failed(&error, FAILED),
        };
    }
    // The libraries use whichever provider the process installed; some want it to check settings.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[cfg(feature = "demo")]
    if let Action::Demo { stay } = cli.action {
        let shown = demo::run(cli.config_file.as_deref(), cli.flags, stay);
        return shown.unwrap_or_else(|error| match error.downcast_ref::<ConfigError>() {
            Some(error) => failed(error, WRONG_CONFIGURATION),
            None => failed(&*error, FAILED),
        });
    }
    let environment = Environment::new(std::env::vars_os());
    let raw = match RawConfig::collect(cli.config_file.as_deref(), &environment, cli.flags) {
        Ok(raw) => raw,
        Err(error) => return failed(&error, WRONG_CONFIGURATION),
    };
    if let Action::Token(request) = cli.action {
        return match token::mint(&raw, request) {
            Ok(token) => print(format_args!("{}\n", token.expose_secret())),
            Err(error) => failed(&*error, WRONG_CONFIGURATION),
        };
    }
    if let Action::Doctor { token_file } = cli.action {
        return doctor::run(&raw, token_file.as_deref())
            .unwrap_or_else(|error| failed(&error, FAILED));
    }
    let config = match Config::read(&raw) {
        Ok(config) => config,
        Err(error) => return failed(&error, WRONG_CONFIGURATION),
    };
    if let Action::PrintConfig = cli.action {
        return print(raw.printed());
    }
    drop(raw);
    let _logs = telemetry::init(&config.log);
    serve::run(config).unwrap_or_else(|error| failed(&*error, FAILED))
}

/// Prints the answer of a command.
fn print(answer: impl Display) -> ExitCode {
    match write!(io::stdout(), "{answer}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, FAILED),
    }
}

/// Says why, with all causes.
fn failed(error: &dyn Error, code: i32) -> ExitCode {
    let message = with_causes(error);
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr(), "kafka-mcp-server: {message}");
    exit_code(code)
}

fn exit_code(code: i32) -> ExitCode {
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

const FAILED: i32 = 1;
const WRONG_CONFIGURATION: i32 = 2;
