//! From the command line to an exit code.

use std::{
    env,
    error::Error,
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

use secrecy::ExposeSecret;

use crate::{
    causes::with_causes,
    cli::{Action, Cli},
    config::{Config, Environment, RawConfig},
    doctor, keys, serve, telemetry, token,
};
#[cfg(feature = "demo")]
use crate::{config::ConfigError, demo};

/// Does what the command line of the process asks for, with its environment variables.
pub fn run() -> ExitCode {
    let cli = match Cli::parse(env::args_os()) {
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
    install_cryptography();
    #[cfg(feature = "demo")]
    if let Action::Demo { stay } = cli.action {
        let shown = demo::run(cli.config_file.as_deref(), cli.flags, stay);
        return shown.unwrap_or_else(|error| match error.downcast_ref::<ConfigError>() {
            Some(error) => failed(error, WRONG_CONFIGURATION),
            None => failed(&*error, FAILED),
        });
    }
    let environment = Environment::new(env::vars_os());
    let raw = match RawConfig::collect(cli.config_file.as_deref(), &environment, cli.flags) {
        Ok(raw) => raw,
        Err(error) => return failed(&error, WRONG_CONFIGURATION),
    };
    if let Action::Token(request) = cli.action {
        return match token::mint(&raw, request) {
            Ok(minted) => {
                if let Some(warning) = &minted.warning {
                    // The token is what standard output is for.
                    let _ = writeln!(io::stderr(), "kafka-mcp-server: warning: {warning}");
                }
                print(format_args!("{}\n", minted.token.expose_secret()))
            }
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
    serve::run(&config).unwrap_or_else(|error| failed(&*error, FAILED))
}

/// The libraries use whichever provider the process installed; some want it to check settings.
pub(crate) fn install_cryptography() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Prints the answer of a command.
fn print(answer: impl Display) -> ExitCode {
    match write!(io::stdout(), "{answer}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, FAILED),
    }
}

/// Says why, with all causes.
pub(crate) fn failed(error: &dyn Error, code: i32) -> ExitCode {
    let message = with_causes(error);
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr(), "kafka-mcp-server: {message}");
    exit_code(code)
}

fn exit_code(code: i32) -> ExitCode {
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

pub(crate) const FAILED: i32 = 1;
pub(crate) const WRONG_CONFIGURATION: i32 = 2;
