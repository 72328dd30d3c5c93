//! The secrets that keys are made of.

use mcp_oauth_provider::secret_weakness;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{reader::Reader, settings::*};

/// The secret that makes tokens, and those it replaced.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    pub(super) current: Option<SecretString>,
    pub(super) previous: Vec<SecretString>,
}

impl Secrets {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let previous = reader.read_secret(JWT_SECRET_PREVIOUS, JWT_SECRET_PREVIOUS_FILE);
        let previous = previous.iter().flat_map(|list| {
            let secrets = list.expose_secret().split(',').map(str::trim);
            secrets.filter(|secret| !secret.is_empty())
        });
        Self {
            current: reader.read_secret(JWT_SECRET, JWT_SECRET_FILE),
            previous: previous.map(SecretString::from).collect(),
        }
    }

    /// All of them, the current one first; none without that.
    pub(super) fn to_vec(&self) -> Vec<SecretString> {
        let previous = self.current.iter().flat_map(|_| &self.previous);
        self.current.iter().chain(previous).cloned().collect()
    }

    /// Records what is weak about them.
    pub(super) fn check(&self, reader: &mut Reader<'_>) {
        let current = self.current.iter().map(|secret| (JWT_SECRET, secret));
        let previous = self.previous.iter();
        for (setting, secret) in current.chain(previous.map(|secret| (JWT_SECRET_PREVIOUS, secret)))
        {
            if let Some(weakness) = secret_weakness(secret)
                && !reader.has_problem(setting)
            {
                let message = format!("a secret {weakness}: make one with: {COMMAND}");
                reader.problem(setting, message);
            }
        }
        let is_missing = self.current.is_none() && !reader.has_problem(JWT_SECRET_FILE);
        if is_missing && !reader.has_problem(JWT_SECRET) {
            let message = format!("is not set, but proxy mode needs it: make one with: {COMMAND}");
            reader.problem(JWT_SECRET, message);
        }
    }
}

const COMMAND: &str = "kafka-mcp-server keys";
