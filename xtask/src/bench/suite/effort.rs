//! How much to measure.

use std::time::Duration;

use crate::bench::Bench;

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Whether this only shows that everything works.
    pub(super) smoke: bool,
    /// How often each measurement takes turns with its peer.
    pub(super) rounds: usize,
    /// How long one round puts load on a server.
    pub(super) load: Duration,
    /// How many processes one round starts, one after the other.
    pub(super) starts: usize,
    /// How many calls to a broker one round makes, one after the other.
    pub(super) calls: usize,
    /// How often one round reads all records.
    pub(super) reads: usize,
    /// How many tokens one round validates.
    pub(super) validations: u32,
    /// How many people one round logs in.
    pub(super) logins: u32,
    /// How many connections are idle at a time.
    pub(super) idle_connections: usize,
    /// How many records of 1 KiB a read returns.
    pub(super) small_records: usize,
    /// How many records of 100 KiB a read returns; together they fit the limits of one read.
    pub(super) large_records: usize,
}

impl Effort {
    pub(super) fn of(bench: &Bench) -> Self {
        if bench.smoke {
            Self {
                smoke: true,
                rounds: 1,
                load: Duration::from_millis(200),
                starts: 1,
                calls: 5,
                reads: 1,
                validations: 20,
                logins: 5,
                idle_connections: 100,
                small_records: 500,
                large_records: 10,
            }
        } else {
            Self {
                smoke: false,
                rounds: bench.rounds.into(),
                load: Duration::from_secs(2),
                starts: 5,
                calls: 50,
                reads: 5,
                validations: 2_000,
                logins: 500,
                idle_connections: 1_000,
                small_records: 10_000,
                large_records: 300,
            }
        }
    }
}
