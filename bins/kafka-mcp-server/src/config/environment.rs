//! Settings from environment variables.

use std::ffi::OsString;

use super::{error::Problem, layer::Layer, setting::Setting, settings};

/// The environment variables of the process, read once and passed on.
#[derive(Default)]
pub(crate) struct Environment(Vec<(OsString, OsString)>);

impl Environment {
    /// Takes the variables, as [`std::env::vars_os`] gives them.
    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self(variables.into_iter().collect())
    }

    /// The settings among them, by exact name. Others are none of our business, whatever their
    /// prefix.
    pub(crate) fn layer(&self) -> Layer {
        let mut layer = Layer::new("environment");
        for setting in settings::all() {
            match self.value(setting) {
                Ok(Some(value)) => layer.set(setting, value),
                Ok(None) => {}
                Err(problem) => layer.problems.push(problem),
            }
        }
        layer
    }

    /// The value of a setting under its name or one of its aliases, which have to agree if they
    /// are ours.
    fn value(&self, setting: &Setting) -> Result<Option<String>, Problem> {
        let mut found: Option<(&str, String)> = None;
        for name in std::iter::once(&setting.name).chain(setting.aliases) {
            let Some(value) = self.text(name)? else {
                continue;
            };
            match &found {
                Some((first, other)) if *other != value && !setting.ambient => {
                    let message =
                        format!("'{other}', but {name} is '{value}'; set one, or both alike");
                    return Err(Problem::new(*first, message));
                }
                Some(_) => {}
                None => found = Some((name, value)),
            }
        }
        Ok(found.map(|(_, value)| value))
    }

    fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        let Some((_, value)) = self.0.iter().find(|(key, _)| key == name) else {
            return Ok(None);
        };
        match value.to_str() {
            Some("") => Ok(None),
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(Problem::new(name, "the value is not valid UTF-8")),
        }
    }
}
