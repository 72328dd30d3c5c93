//! What the system knows about a process.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// A running process.
#[derive(Clone, Debug)]
pub(super) struct Process {
    directory: PathBuf,
}

/// Whether this system shows processes.
pub(super) fn visible() -> bool {
    Path::new("/proc/self/status").exists()
}

impl Process {
    pub(super) fn new(id: u32) -> Self {
        Self {
            directory: PathBuf::from(format!("/proc/{id}")),
        }
    }

    /// Returns the resident memory in megabytes.
    ///
    /// # Errors
    ///
    /// Fails if the process is gone.
    pub(super) fn resident(&self) -> Result<f64> {
        let path = self.directory.join("status");
        let status =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kibibytes: f64 = kibibytes
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("{} does not say VmRSS", path.display()))?;
        Ok(kibibytes * 1024.0 / 1e6)
    }

    /// Returns the processor time of its threads; `None` where the system does not count it.
    pub(super) fn processor_time(&self) -> Option<Duration> {
        let threads = fs::read_dir(self.directory.join("task")).ok()?;
        let spent = threads.flatten().filter_map(|thread| {
            let schedstat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            schedstat.split(' ').next()?.parse::<u64>().ok()
        });
        let nanoseconds: u64 = spent.sum();
        (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
    }
}

/// Lets this process and its children open more files than the usual 1,024.
pub(super) fn allow_many_connections() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < FILES
    {
        // Where it cannot be had, opening the connections fails and says so.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, FILES.min(hard), hard);
    }
}

const FILES: u64 = 4_096;
