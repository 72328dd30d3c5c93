//! Settings from a TOML file.

use std::{fs, path::Path};

use figment::{
    Provider,
    providers::{Format, Toml},
    value::Value,
};

use super::{error::Problem, layer::Layer, setting::Setting, settings};

/// Reads the settings in a file. The file was named explicitly, so it has to be there.
pub(crate) fn layer(path: &Path) -> Layer {
    let mut layer = Layer::new(format!("file {}", path.display()));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("'{}' cannot be read: {error}", path.display());
            layer.problems.push(Problem::new("--config", message));
            return layer;
        }
    };
    let entries = match Toml::string(&text).data() {
        Ok(profiles) => profiles.into_values().flatten(),
        Err(error) => {
            let message = format!(
                "'{}' is no TOML: {}",
                path.display(),
                without_source(&error)
            );
            layer.problems.push(Problem::new("--config", message));
            return layer;
        }
    };
    for (key, value) in entries {
        let Some(setting) = settings::all().find(|setting| setting.key() == key) else {
            layer.problems.push(unknown(&key, path));
            continue;
        };
        match text_of(&value) {
            Some(text) => layer.set(setting, text),
            None => layer.problems.push(not_a_scalar(setting, path)),
        }
    }
    layer
}

/// A value as the environment would give it: lists joined by commas.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Char(_, char) => Some(char.to_string()),
        Value::Bool(_, bool) => Some(bool.to_string()),
        Value::Num(_, number) => match number.to_i128() {
            Some(integer) => Some(integer.to_string()),
            None => number.to_f64().map(|float| float.to_string()),
        },
        Value::Array(_, items) => Some(
            items
                .iter()
                .map(text_of)
                .collect::<Option<Vec<_>>>()?
                .join(","),
        ),
        Value::Dict(..) | Value::Empty(..) => None,
    }
}

fn unknown(key: &str, path: &Path) -> Problem {
    let hint = match settings::similar_to(key) {
        Some(setting) => format!("did you mean {}?", setting.key()),
        None => "keys are the environment variables in lower case; see --help".to_owned(),
    };
    Problem::new(
        key,
        format!("no such setting in '{}'; {hint}", path.display()),
    )
}

fn not_a_scalar(setting: &Setting, path: &Path) -> Problem {
    let message = format!(
        "a table in '{}'; allowed: {}",
        path.display(),
        setting.allowed
    );
    Problem::new(setting.name, message)
}

/// The message of a TOML error without the line it quotes, which may hold a secret.
fn without_source(error: &figment::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().filter(|line| {
        let number = line
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        !number.trim_start().starts_with('|')
    });
    lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(": ")
}
