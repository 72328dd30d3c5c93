//! The end of the process.

use std::{io, process::ExitCode, time::Duration};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// The two steps of a shutdown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shutdown {
    /// Nothing new is accepted.
    pub(crate) draining: CancellationToken,
    /// Calls in flight end now, with an error that says why.
    pub(crate) calls: CancellationToken,
}

impl Shutdown {
    /// Serves until `serving` ends by itself, or the process is asked to stop: then calls in flight
    /// and what else is under way go on for the grace, calls are cut short, and a moment later the
    /// process ends whatever they do. A second request to stop ends it at once.
    pub(crate) async fn supervise(
        &self,
        mut signals: Signals,
        serving: impl Future<Output = ()>,
        grace: Duration,
    ) -> ExitCode {
        tokio::pin!(serving);
        tokio::select! {
            () = &mut serving => return ExitCode::SUCCESS,
            () = signals.next() => {}
        }
        tracing::info!(?grace, "shutting down");
        self.draining.cancel();
        let drained = async {
            if timeout(grace, &mut serving).await.is_ok() {
                return;
            }
            tracing::warn!("calls in flight are cut short");
            self.calls.cancel();
            if timeout(LAST_WORDS, &mut serving).await.is_err() {
                tracing::warn!("something under way did not end in time");
            }
        };
        tokio::select! {
            () = drained => ExitCode::SUCCESS,
            () = signals.next() => {
                tracing::warn!("stopped at once by a second signal");
                ExitCode::FAILURE
            }
        }
    }
}

/// The signals that ask a process to stop.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    ///
    /// If signals cannot be listened to.
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
pub(crate) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    ///
    /// If signals cannot be listened to.
    pub(crate) fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// For the answers of calls that were cut short.
const LAST_WORDS: Duration = Duration::from_millis(350);
