//! The configuration as a whole.

mod credentials;
mod sources;
mod values;

use std::{env, fs, path::PathBuf};

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::new(
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    )
}

pub(super) fn collected(variables: &[(&str, &str)]) -> Result<RawConfig, ConfigError> {
    RawConfig::collect(None, &environment(variables), Layer::default())
}

fn flags(values: &[(&Setting, &str)]) -> Layer {
    let mut layer = Layer::new("flag");
    for (setting, value) in values {
        layer.set(setting, (*value).to_owned());
    }
    layer
}

pub(super) fn resolve(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&collected(variables)?)
}

#[track_caller]
pub(super) fn accepted(variables: &[(&str, &str)]) -> Config {
    resolve(variables).unwrap_or_else(|error| panic!("{variables:?}: {error}"))
}

/// Checks that the configuration is refused, and that the refusal contains all of `parts`.
#[track_caller]
pub(super) fn refused(variables: &[(&str, &str)], parts: &[&str]) {
    let error = resolve(variables).expect_err("it was accepted").to_string();
    for part in parts {
        assert!(error.contains(part), "{part:?} is missing: {error}");
    }
}

/// A file that is removed when it is dropped.
pub(super) struct TestFile(PathBuf);

impl TestFile {
    pub(super) fn new(name: &str, content: &str) -> Self {
        let path = env::temp_dir().join(format!("kafka-mcp-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn from_file(name: &str, content: &str) -> Result<Config, ConfigError> {
    let file = TestFile::new(name, content);
    let raw = RawConfig::collect(Some(&file.0), &Environment::default(), Layer::default())?;
    Config::read(&raw)
}
