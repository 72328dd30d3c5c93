//! What the system knows about a process.

use std::{fs, path::PathBuf};

/// A process of which the system tells what it holds, where there is a `/proc`.
#[derive(Clone, Debug)]
pub struct ProcessWatch {
    directory: PathBuf,
}

impl ProcessWatch {
    /// The process with this id.
    #[must_use]
    pub fn new(pid: u32) -> Self {
        Self {
            directory: PathBuf::from(format!("/proc/{pid}")),
        }
    }

    /// How many files and sockets it has open; `None` if the system does not tell.
    #[must_use]
    pub fn descriptors(&self) -> Option<usize> {
        Some(fs::read_dir(self.directory.join("fd")).ok()?.count())
    }

    /// Its memory that is in RAM, in bytes; `None` if the system does not tell.
    #[must_use]
    pub fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(self.directory.join("status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes * 1024)
    }
}
