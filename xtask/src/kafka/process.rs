//! Processes that outlive the task which started them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;

/// Whether the process exists and `argument` is among its arguments.
///
/// A pid alone proves nothing: it may since belong to somebody else.
pub(crate) fn runs(pid: u32, argument: &Path) -> bool {
    let argument = argument.to_string_lossy();
    match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => line
            .split(|byte| *byte == 0)
            .any(|word| word == argument.as_bytes()),
        Err(_) if Path::new("/proc/self/cmdline").exists() => false,
        // Systems without /proc.
        Err(_) => Command::new("ps")
            .args(["-ww", "-o", "args=", "-p", &pid.to_string()])
            .output()
            .is_ok_and(|ps| String::from_utf8_lossy(&ps.stdout).contains(&*argument)),
    }
}

/// Sends a signal to the process, if it exists.
///
/// # Errors
///
/// Fails if the process exists and cannot be signalled.
pub(crate) fn send(signal: Signal, pid: u32) -> Result<()> {
    let id = Pid::from_raw(i32::try_from(pid).context("process id out of range")?);
    match signal::kill(id, signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("sending {signal} to process {pid}")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::runs;

    #[test]
    fn a_process_is_known_by_its_arguments() {
        let own = std::env::args().next().unwrap();

        assert!(runs(std::process::id(), Path::new(&own)));
        assert!(!runs(std::process::id(), Path::new("no-such-argument")));
    }
}
