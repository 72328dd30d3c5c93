//! `print-config`: what the server would run with.

use std::fmt::{self, Display};

use super::{raw::RawConfig, setting::Exposure, settings::SECTIONS};

impl RawConfig {
    /// The merged values as TOML, with where each came from; secrets are left out.
    pub(crate) fn printed(&self) -> impl Display + '_ {
        Printed(self)
    }
}

struct Printed<'a>(&'a RawConfig);

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for section in SECTIONS {
            writeln!(f, "# {}", section.title)?;
            for setting in section.settings {
                let key = setting.key();
                let Some(text) = self.0.text(setting) else {
                    writeln!(f, "# {key} is not set")?;
                    continue;
                };
                let source = self.0.source(setting);
                match setting.exposure {
                    Exposure::Full => writeln!(f, "{key} = {} # {source}", quoted(text))?,
                    Exposure::Url => match text.split_once(['?', '#']) {
                        // Where a user starts and ends is only sure in URLs that are right.
                        _ if text.contains('@') => writeln!(f, "# {key} is secret ({source})")?,
                        Some((shown, _)) => {
                            let shown = quoted(shown);
                            writeln!(f, "# {key} is {shown} with a secret query ({source})")?;
                        }
                        None => writeln!(f, "{key} = {} # {source}", quoted(text))?,
                    },
                    Exposure::Secret => writeln!(f, "# {key} is secret ({source})")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
