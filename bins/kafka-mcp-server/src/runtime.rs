//! The runtimes that everything asynchronous runs on.

use std::{
    io,
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Runs a future to its end, with all that it spawns on this thread.
///
/// # Errors
///
/// If there is no runtime to be had.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> io::Result<T> {
    Ok(finish(single()?, future))
}

/// Runs a future to its end, with what it spawns on all cores.
///
/// # Errors
///
/// If there is no runtime to be had.
pub(crate) fn block_on_all_cores<T>(future: impl Future<Output = T>) -> io::Result<T> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(cores())
        .enable_all()
        .build()?;
    Ok(finish(runtime, future))
}

/// Threads for work that comes in independent pieces, such as connections. Each has a runtime of its
/// own, so that a piece and all that it spawns share a core: tasks that pass a request around wake
/// no other thread and free no memory of one, which costs a small request a quarter of its time.
#[derive(Debug)]
pub(crate) struct Workers {
    workers: Vec<Worker>,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Worker {
    runtime: Handle,
    pieces: Arc<AtomicUsize>,
}

impl Workers {
    /// Starts a thread per core. They end, with what they still do, when this value is dropped.
    ///
    /// # Errors
    ///
    /// If there are no threads to be had.
    pub(crate) fn start() -> io::Result<Self> {
        let stop = CancellationToken::new();
        let _stop = stop.clone().drop_guard();
        let workers = (0..cores()).map(|_| Worker::start(stop.clone()));
        let workers = workers.collect::<io::Result<_>>()?;
        Ok(Self { workers, _stop })
    }

    /// Does a piece of work on the thread that has the fewest.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let idlest = |worker: &&Worker| worker.pieces.load(Ordering::Relaxed);
        if let Some(worker) = self.workers.iter().min_by_key(idlest) {
            let piece = Piece::add_to(&worker.pieces);
            worker.runtime.spawn(async move {
                work.await;
                drop(piece);
            });
        }
    }
}

impl Worker {
    fn start(stop: CancellationToken) -> io::Result<Self> {
        let runtime = single()?;
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new().name("worker".to_owned());
        // Nobody joins it: the end of the process must not wait for work that does not end.
        thread.spawn(move || finish(runtime, stop.cancelled()))?;
        Ok(Self {
            runtime: handle,
            pieces: Arc::default(),
        })
    }
}

/// Counts as a piece of work until it is dropped.
struct Piece(Arc<AtomicUsize>);

impl Piece {
    fn add_to(pieces: &Arc<AtomicUsize>) -> Self {
        pieces.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pieces))
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn single() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn finish<T>(runtime: Runtime, future: impl Future<Output = T>) -> T {
    let result = runtime.block_on(future);
    // A read of standard input cannot be interrupted; the runtime would wait for it.
    runtime.shutdown_background();
    result
}

/// Few: the server waits for brokers most of the time, and each thread costs memory.
fn cores() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    cores.min(MAX_WORKERS)
}

const MAX_WORKERS: usize = 4;

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use tokio::{sync::oneshot, task::JoinSet, time::timeout};

    use super::*;

    /// Which thread a piece of work runs on, and what ends it.
    async fn occupy(workers: &Workers) -> (thread::ThreadId, oneshot::Sender<()>) {
        let (report, place) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        workers.spawn(async move {
            let mut inner = JoinSet::new();
            inner.spawn(async { thread::current().id() });
            let thread = inner.join_next().await.unwrap().unwrap();
            report.send(thread).unwrap();
            let _ = ended.await;
        });
        (soon(place).await.unwrap(), end)
    }

    async fn soon<T>(future: impl Future<Output = T>) -> T {
        timeout(Duration::from_secs(10), future).await.unwrap()
    }

    #[tokio::test]
    async fn work_goes_where_the_least_is_and_what_it_spawns_stays_there() {
        let workers = Workers::start().unwrap();
        let mut places = Vec::new();
        for _ in &workers.workers {
            places.push(occupy(&workers).await);
        }
        let mut threads: Vec<_> = places.iter().map(|(thread, _)| *thread).collect();
        let (freed, end) = places.pop().unwrap();
        drop(end);
        let idle = |worker: &Worker| worker.pieces.load(Ordering::Relaxed) == 0;
        soon(async {
            while !workers.workers.iter().any(idle) {
                tokio::task::yield_now().await;
            }
        })
        .await;
        let (next, _end) = occupy(&workers).await;

        assert_eq!(next, freed);
        threads.dedup();
        assert_eq!(threads.len(), workers.workers.len(), "one thread each");
    }

    #[tokio::test]
    async fn work_ends_with_its_workers() {
        let workers = Workers::start().unwrap();
        let (held, ended) = oneshot::channel::<()>();
        workers.spawn(async move {
            pending::<()>().await;
            drop(held);
        });
        drop(workers);

        assert!(soon(ended).await.is_err(), "what it held is dropped");
    }
}
