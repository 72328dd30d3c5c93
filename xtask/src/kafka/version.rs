//! The version of Apache Kafka to run.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// A released version of Apache Kafka, 3.9 or later.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Version(String);

impl Version {
    /// Whether the broker still logs through log4j 1.
    pub(crate) fn logs_with_log4j1(&self) -> bool {
        self.0.starts_with("3.")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Version {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text
            .split('.')
            .map(str::parse)
            .collect::<Result<Vec<u16>, _>>()
            .ok()
            .filter(|parts| parts.len() == 3)
            .context("a version has three numbers, as in 4.4.0")?;
        if parts < vec![3, 9, 0] {
            bail!("versions before 3.9.0 are not supported");
        }
        Ok(Self(text.to_owned()))
    }
}

const DEFAULT: &str = "4.4.0";

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn releases_from_3_9_on_are_accepted() {
        for text in ["3.9.0", "3.9.2", "4.0.0", "4.4.0", "10.0.1"] {
            assert_eq!(text.parse::<Version>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "", "4", "4.4", "3.8.1", "4.4.0.1", "4.4.x", "../4.4.0", "4.4.0 ",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn the_default_is_a_supported_version() {
        assert!(Version::default().as_str().parse::<Version>().is_ok());
    }

    #[test]
    fn the_compose_file_runs_the_default_version() {
        let compose = include_str!("../../../docker-compose.yml");

        assert!(compose.contains(&format!("apache/kafka:{}\n", Version::default())));
    }
}
