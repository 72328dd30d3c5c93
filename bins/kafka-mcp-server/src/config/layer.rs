//! The values that one source gives.

use std::{collections::BTreeMap, fmt};

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::{error::Problem, setting::Setting, settings};

/// The values that one source gives, as verbatim strings by key.
///
/// figment's own provider for the environment reads numbers and quotes into values, which would
/// change a password.
#[derive(Default)]
pub(crate) struct Layer {
    source: String,
    values: BTreeMap<String, String>,
    /// What is wrong with the source, whatever the values mean.
    pub(crate) problems: Vec<Problem>,
    /// What is probably not meant.
    pub(crate) warnings: Vec<String>,
}

impl Layer {
    /// A layer without values; `source` says where they come from, such as `environment`.
    pub(crate) fn new(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            ..Self::default()
        }
    }

    /// The defaults of the table.
    pub(crate) fn defaults() -> Self {
        let mut layer = Self::new("default");
        for setting in settings::all() {
            if let Some(default) = setting.default {
                layer.set(setting, default.to_owned());
            }
        }
        layer
    }

    /// Gives a value. An empty one counts as none: that is how Compose files and unit files pass a
    /// variable that is not set.
    pub(crate) fn set(&mut self, setting: &Setting, value: String) {
        if !value.is_empty() {
            self.values.insert(setting.key(), value);
        }
    }

    /// Makes a problem of each value for which another layer has one.
    #[cfg(feature = "demo")]
    pub(super) fn refuse(&mut self, other: &Self, why: &str) {
        let given = self.values.keys();
        let both = given.filter(|key| other.values.contains_key(*key));
        let problems = both.map(|key| Problem::new(key.to_ascii_uppercase(), why));
        self.problems.extend(problems);
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secret.
        let keys: Vec<_> = self.values.keys().collect();
        f.debug_struct("Layer")
            .field("source", &self.source)
            .field("keys", &keys)
            .finish()
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let values = self.values.iter();
        let dict = values
            .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
            .collect();
        Ok(Profile::Default.collect(dict))
    }
}
