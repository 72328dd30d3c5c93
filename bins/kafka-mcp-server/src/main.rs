//! A Model Context Protocol server for Apache Kafka, over stdio and Streamable HTTP.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

mod audit;
mod cli;
mod config;
#[cfg(test)]
mod fixture;
mod http;
mod metrics;
mod oauth;
mod readiness;
mod screen;
mod serve;
mod shutdown;
mod stdio;
mod telemetry;

use cli::{Action, Cli};
use config::{Config, Environment, RawConfig};

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
    let environment = Environment::new(std::env::vars_os());
    let raw = RawConfig::collect(cli.config_file.as_deref(), &environment, cli.flags);
    let (raw, config) = match raw.and_then(|raw| Config::read(&raw).map(|config| (raw, config))) {
        Ok(read) => read,
        Err(error) => return failed(&error, WRONG_CONFIGURATION),
    };
    if cli.action == Action::PrintConfig {
        return match write!(io::stdout(), "{}", raw.printed()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, FAILED),
        };
    }
    drop(raw);
    let _logs = telemetry::init(&config.log);
    serve::run(config).unwrap_or_else(|error| failed(&*error, FAILED))
}

/// Says why, with all causes.
fn failed(error: &dyn Error, code: i32) -> ExitCode {
    let mut message = format!("kafka-mcp-server: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(&format!(": {error}"));
        cause = error.source();
    }
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr(), "{message}");
    exit_code(code)
}

fn exit_code(code: i32) -> ExitCode {
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

const FAILED: i32 = 1;
const WRONG_CONFIGURATION: i32 = 2;
