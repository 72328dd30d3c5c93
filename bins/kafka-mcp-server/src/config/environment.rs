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

    /// The settings among them, by exact name. Others are none of our business, but where one looks
    /// like a setting that was misspelt.
    pub(crate) fn layer(&self) -> Layer {
        let mut layer = Layer::new("environment");
        for setting in settings::all() {
            match self.value(setting) {
                Ok(Some(value)) => layer.set(setting, value),
                Ok(None) => {}
                Err(problem) => layer.problems.push(problem),
            }
        }
        layer.warnings = self.misspelt().collect();
        layer
    }

    /// Warns of names that were probably meant to be settings: whoever misspelt one believes that it
    /// is in force.
    fn misspelt(&self) -> impl Iterator<Item = String> {
        let names = self.0.iter().filter_map(|(name, _)| name.to_str());
        let strangers = names.filter(|name| known().all(|known| known != *name));
        strangers.filter_map(|name| {
            let is_typo = known().any(|known| strsim::damerau_levenshtein(known, name) <= EDITS);
            let is_ours = name.starts_with(OURS) && !is_service_link(name);
            if !(is_typo || is_ours) {
                return None;
            }
            let hint = match settings::similar_to(name) {
                Some(setting) => format!("did you mean {}?", setting.name),
                None => "see --help".to_owned(),
            };
            Some(format!("{name} is no setting and has no effect; {hint}"))
        })
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

/// The names of all settings that are ours alone, with their aliases.
fn known() -> impl Iterator<Item = &'static str> {
    let ours = settings::all().filter(|setting| !setting.ambient);
    let names = ours.flat_map(|setting| {
        let aliases = setting.aliases.iter().copied();
        std::iter::once(setting.name).chain(aliases)
    });
    names.filter(|name| name.len() >= LONG)
}

/// What Kubernetes makes of a service that is called like this program.
fn is_service_link(name: &str) -> bool {
    name.contains("_SERVICE_") || name.contains("_PORT_") || name.ends_with("_PORT")
}

/// The prefix of settings that no other program has.
const OURS: &str = "KAFKA_MCP_";

/// As many letters may be wrong, missing or too many.
const EDITS: usize = 2;

/// Shorter names are near to too many others.
const LONG: usize = 9;
