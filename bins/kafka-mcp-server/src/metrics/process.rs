//! What the operating system knows about this process.

use std::fs;

/// Memory and descriptors of this process, as far as `/proc` tells.
#[derive(Debug, Default)]
pub(super) struct Process {
    pub(super) resident_bytes: Option<u64>,
    pub(super) open_fds: Option<u64>,
    pub(super) max_fds: Option<u64>,
}

impl Process {
    pub(super) fn sample() -> Self {
        let read = |name| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
        Self {
            resident_bytes: field(&read("status"), "VmRSS:").map(|kib| kib * 1024),
            open_fds: fs::read_dir("/proc/self/fd")
                .ok()
                // Reading the directory holds a descriptor of its own.
                .and_then(|entries| u64::try_from(entries.count().saturating_sub(1)).ok()),
            max_fds: field(&read("limits"), "Max open files"),
        }
    }
}

/// The first number after a label at the start of a line.
fn field(text: &str, label: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(label))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_label() {
        assert_eq!(
            field("VmSize:\t 10 kB\nVmRSS:\t    42 kB\n", "VmRSS:"),
            Some(42)
        );
        assert_eq!(
            field("Max open files   1024   4096   files", "Max open files"),
            Some(1024)
        );
        assert_eq!(field("Max open files   unlimited", "Max open files"), None);
        assert_eq!(field("", "VmRSS:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_and_descriptors() {
        let process = Process::sample();
        assert!(process.resident_bytes.unwrap() > 100_000);
        assert!(process.open_fds.unwrap() >= 3);
    }
}
