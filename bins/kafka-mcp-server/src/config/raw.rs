//! The merged values, before they mean anything.

use std::{collections::BTreeMap, fmt};

use figment::Figment;

use super::{
    error::{ConfigError, Problem},
    layer::Layer,
    setting::Setting,
};

/// The merged values as strings, and where each came from.
pub(crate) struct RawConfig {
    values: BTreeMap<String, String>,
    figment: Figment,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl RawConfig {
    /// Merges layers; later ones win.
    ///
    /// # Errors
    ///
    /// If figment cannot merge them, which for layers of strings does not happen.
    pub(crate) fn merge(layers: impl IntoIterator<Item = Layer>) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        let mut problems = Vec::new();
        let mut warnings = Vec::new();
        for mut layer in layers {
            problems.append(&mut layer.problems);
            warnings.append(&mut layer.warnings);
            figment = figment.merge(layer);
        }
        match figment.extract() {
            Ok(values) => Ok(Self {
                values,
                figment,
                problems,
                warnings,
            }),
            Err(error) => {
                problems.push(Problem::new("configuration", error.to_string()));
                Err(ConfigError::new(problems))
            }
        }
    }

    /// The value of a setting, if it has one.
    pub(crate) fn text(&self, setting: &Setting) -> Option<&str> {
        self.values.get(&setting.key()).map(String::as_str)
    }

    /// Where the value of a setting came from: `default`, `environment`, `flag` or a file.
    pub(crate) fn source(&self, setting: &Setting) -> String {
        let metadata = self.figment.find_metadata(&setting.key());
        metadata.map_or_else(String::new, |metadata| metadata.name.clone().into_owned())
    }

    /// What in the sources is probably not meant.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What was wrong with the sources.
    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Debug for RawConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secret.
        f.debug_struct("RawConfig")
            .field("keys", &self.values.keys())
            .finish_non_exhaustive()
    }
}
