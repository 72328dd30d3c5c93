//! `print-config`: what the server would run with.

use std::fmt::{self, Display};

use super::{raw::RawConfig, settings::SECTIONS};

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
                match self.0.text(setting) {
                    None => writeln!(f, "# {key} is not set")?,
                    Some(_) if setting.secret => {
                        writeln!(f, "# {key} is secret ({})", self.0.source(setting))?;
                    }
                    Some(text) => {
                        writeln!(f, "{key} = {} # {}", quoted(text), self.0.source(setting))?;
                    }
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
