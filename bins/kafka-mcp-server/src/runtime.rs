//! The runtime that everything asynchronous runs on.

use std::{io, thread};

use tokio::runtime::Builder;

/// Runs a future to its end.
///
/// # Errors
///
/// If there is no runtime to be had.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> io::Result<T> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // Few threads: the server waits for brokers most of the time, and each thread costs memory.
    let runtime = Builder::new_multi_thread()
        .worker_threads(cores.min(MAX_WORKERS))
        .enable_all()
        .build()?;
    let result = runtime.block_on(future);
    // A read of standard input cannot be interrupted; the runtime would wait for it.
    runtime.shutdown_background();
    Ok(result)
}

const MAX_WORKERS: usize = 4;
