//! How many files and sockets a process may have open.

/// Lets this process, and those that it starts from now on, have as many descriptors as the system
/// allows, where most are started with fewer; returns how many that is.
///
/// # Panics
///
/// If the system does not say.
#[cfg(unix)]
pub fn raise_descriptor_limit() -> u64 {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        // Some systems allow less than they say.
        Err(_) => soft,
    }
}

/// There is no limit.
#[cfg(not(unix))]
pub fn raise_descriptor_limit() -> u64 {
    u64::MAX
}
