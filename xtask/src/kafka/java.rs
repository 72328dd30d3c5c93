//! The Java runtime of this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::environment;

/// A Java runtime that is recent enough for a broker.
#[derive(Debug)]
pub(crate) struct Java {
    program: PathBuf,
}

impl Java {
    /// Finds the runtime of `JAVA_HOME`, or else of the search path.
    ///
    /// # Errors
    ///
    /// Fails if there is none or it is older than Java 17.
    pub(crate) fn find() -> Result<Self> {
        let program = environment::variable("JAVA_HOME").map_or_else(
            || PathBuf::from("java"),
            |home| Path::new(&home).join("bin/java"),
        );
        let output = Command::new(&program)
            .arg("-version")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("Java not found ({}): {INSTALL}", program.display()))?;
        let text = String::from_utf8_lossy(&output.stderr);
        match major_version(&text) {
            Some(major) if major >= OLDEST => Ok(Self { program }),
            Some(major) => bail!("{} is Java {major}: {INSTALL}", program.display()),
            None => bail!(
                "{} -version says {:?}: {INSTALL}",
                program.display(),
                text.trim()
            ),
        }
    }

    /// Returns a command that runs a main class of the jars, quick to start and small.
    pub(crate) fn command(&self, jars: &Path, main_class: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args([
                "-Xms256m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
            ])
            .args(["-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"])
            .args(["-Dlog4j2.configurationFile=log4j2.properties"])
            .args(["-Dlog4j.configuration=file:log4j.properties"])
            .arg("-cp")
            .arg(jars.join("*"))
            .arg(main_class)
            .stdin(Stdio::null());
        command
    }
}

/// Reads the answer of `java -version`: `openjdk version "17.0.15"`, once `version "1.8.0_292"`.
fn major_version(text: &str) -> Option<u32> {
    let (_, quoted) = text.split_once(" version \"")?;
    let (version, _) = quoted.split_once('"')?;
    let mut numbers = version
        .split(|c: char| !c.is_ascii_digit())
        .map(str::parse::<u32>);
    match numbers.next()? {
        Ok(1) => numbers.next()?.ok(),
        major => major.ok(),
    }
}

const OLDEST: u32 = 17;
const INSTALL: &str = "install Java 17 or later (Debian: `apt install openjdk-17-jdk-headless`, \
                       macOS: `brew install openjdk`) or point JAVA_HOME to one";

#[cfg(test)]
mod tests {
    use super::major_version;

    #[track_caller]
    fn check(text: &str, expected: Option<u32>) {
        assert_eq!(major_version(text), expected, "{text:?}");
    }

    #[test]
    fn the_major_version_is_read_from_every_vendor() {
        check(
            "openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment",
            Some(17),
        );
        check("java version \"21\" 2023-09-19 LTS", Some(21));
        check("openjdk version \"26-ea\" 2026-03-17", Some(26));
        check(
            "Picked up JAVA_TOOL_OPTIONS: -Dx\nopenjdk version \"24.0.1\"",
            Some(24),
        );
    }

    #[test]
    fn old_versions_count_from_their_second_number() {
        check("java version \"1.8.0_292\"", Some(8));
    }

    #[test]
    fn other_text_has_no_version() {
        check("", None);
        check(
            "The operation couldn't be completed. Unable to locate a Java Runtime.",
            None,
        );
        check("openjdk version \"x\"", None);
    }
}
