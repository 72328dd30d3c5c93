//! From raw values to types, with every problem collected.

use std::{fs::File, io::Read};

use secrecy::SecretString;

use super::{
    error::{ConfigError, Problem},
    raw::RawConfig,
    setting::Setting,
};

/// Reads typed values out of a [`RawConfig`] and collects what is wrong with them.
///
/// A wrong value reads as its type's default, so that reading goes on and finds the next problem;
/// [`Reader::finish`] then fails, and nobody sees the stand-in.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    raw: &'a RawConfig,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Starts with what was wrong with the sources.
    pub(super) fn new(raw: &'a RawConfig) -> Self {
        Self {
            raw,
            problems: raw.problems().to_vec(),
        }
    }

    /// The value of a setting that has a default, or whose type has a natural one.
    pub(super) fn read<T: Default>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        self.read_optional(setting, parse).unwrap_or_default()
    }

    /// The value of a setting that may be unset.
    pub(super) fn read_optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.raw.text(setting)?;
        self.parse(setting, parse, &format!("'{text}'"))
    }

    /// Like [`Reader::read_optional`], for a setting whose wrong values may hold a secret.
    pub(super) fn read_unquoted<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.parse(setting, parse, "the value")
    }

    /// A secret, or the content of the file that holds it.
    pub(super) fn read_secret(
        &mut self,
        setting: &Setting,
        file: &Setting,
    ) -> Option<SecretString> {
        let given = self.raw.text(setting).filter(|_| self.is_given(setting));
        match (given, self.raw.text(file)) {
            (Some(_), Some(_)) => {
                let message = format!("{} is set too; set one of the two", file.name);
                self.problem(setting, message);
                None
            }
            (Some(secret), None) => Some(SecretString::from(secret)),
            (None, Some(path)) => match secret_in(path) {
                Ok(secret) => Some(secret),
                Err(reason) => {
                    self.problem(file, format!("'{path}' {reason}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    fn parse<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, String>,
        shown: &str,
    ) -> Option<T> {
        match parse(self.raw.text(setting)?.trim()) {
            Ok(value) => Some(value),
            Err(reason) => {
                let source = self.raw.source(setting);
                let allowed = setting.allowed;
                let message = format!("{shown} {reason}; allowed: {allowed} (from {source})");
                self.problem(setting, message);
                None
            }
        }
    }

    /// Whether a setting has a value, right or wrong.
    pub(super) fn is_set(&self, setting: &Setting) -> bool {
        self.raw.text(setting).is_some()
    }

    /// Whether somebody gave a setting its value, so that it is not the default.
    pub(super) fn is_given(&self, setting: &Setting) -> bool {
        self.raw.text(setting) != setting.default
    }

    /// Whether something is wrong with a setting.
    pub(super) fn has_problem(&self, setting: &Setting) -> bool {
        let mut problems = self.problems.iter();
        problems.any(|problem| problem.is_of(setting.name))
    }

    /// Records a problem that is not about one value alone.
    pub(super) fn problem(&mut self, setting: &Setting, message: impl Into<String>) {
        self.problems.push(Problem::new(setting.name, message));
    }

    /// Ends reading.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::new(self.problems))
        }
    }
}

/// The content of a secret's file, without the one newline that editors and `echo` put at the end.
fn secret_in(path: &str) -> Result<SecretString, String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SECRET_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| format!("cannot be read: {error}"))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > MAX_SECRET_BYTES) {
        return Err(format!("holds more than {MAX_SECRET_BYTES} bytes"));
    }
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() {
        return Err("is empty".to_owned());
    }
    Ok(SecretString::from(secret))
}

const MAX_SECRET_BYTES: u64 = 64 * 1024;
