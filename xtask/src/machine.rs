//! What something was measured on, and which code.

use std::fs;
use std::process::Command;

use serde::Serialize;

/// What was measured on, and which code.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_gigabytes: Option<f64>,
    system: String,
    compiler: String,
    commit: String,
    /// Whether the checkout had changes that no commit holds.
    changed: bool,
}

impl Machine {
    pub(crate) fn describe() -> Self {
        let changes = output("git", &["status", "--porcelain", "--untracked-files=no"]);
        Self {
            processor: value_of("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gigabytes: memory(),
            system: output("uname", &["-srm"]).unwrap_or_else(unknown),
            compiler: output("rustc", &["--version"]).unwrap_or_else(unknown),
            commit: output("git", &["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(unknown),
            changed: changes.is_some_and(|changes| !changes.is_empty()),
        }
    }

    /// Describes it in one line.
    pub(crate) fn line(&self) -> String {
        let changed = if self.changed { " with changes" } else { "" };
        let memory = self.memory_gigabytes.map(|size| format!(", {size:.0} GB"));
        format!(
            "Commit {}{changed}; {}, {} cores{}; {}; {}.",
            self.commit,
            self.processor,
            self.cores,
            memory.unwrap_or_default(),
            self.system,
            self.compiler
        )
    }
}

fn memory() -> Option<f64> {
    let size = value_of("/proc/meminfo", "MemTotal")?;
    let kibibytes: f64 = size.strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e9)
}

fn value_of(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let (_, value) = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim() == key)?;
    Some(value.trim().to_owned())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn unknown() -> String {
    "unknown".to_owned()
}
