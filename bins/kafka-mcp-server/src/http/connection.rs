//! One connection, from accept to a close that loses nothing.

use std::{
    future::poll_fn,
    net::IpAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, watch},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{front::Front, service::McpService, stall::StallGuard};
use crate::runtime::Workers;

/// Serves connections and owns their tasks.
#[derive(Debug)]
pub(super) struct Connections<M> {
    front: Arc<Front<M>>,
    protocol: http1::Builder,
    /// How long nothing may move in either direction.
    idle_timeout: Duration,
    workers: Arc<Workers>,
    tasks: TaskTracker,
    /// Sent to whoever is open at the time.
    shed: watch::Sender<()>,
}

impl<M> Connections<M> {
    pub(super) fn new(front: Front<M>, idle_timeout: Duration, workers: Arc<Workers>) -> Self {
        let mut protocol = http1::Builder::new();
        protocol
            .timer(TokioTimer::new())
            // Runs from the end of the request before: the idle time of a connection counts.
            .header_read_timeout(idle_timeout)
            .max_header_size(MAX_HEAD_BYTES)
            .max_buf_size(MAX_BUFFER_BYTES);
        Self {
            front: Arc::new(front),
            protocol,
            idle_timeout,
            workers,
            tasks: TaskTracker::new(),
            shed: watch::Sender::default(),
        }
    }

    /// Closes connections that wait for a request; others close after their answer.
    pub(super) fn shed_idle(&self) {
        self.shed.send_replace(());
    }

    /// Waits for the last connection, after `draining` was cancelled.
    pub(super) async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl<M: McpService> Connections<M> {
    /// Serves a connection on one of the workers.
    pub(super) fn spawn(
        &self,
        stream: TcpStream,
        peer: IpAddr,
        slot: Option<OwnedSemaphorePermit>,
        draining: CancellationToken,
    ) {
        let front = Arc::clone(&self.front);
        let protocol = self.protocol.clone();
        let shed = self.shed.subscribe();
        // Answers are written whole: waiting for more only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let idle_timeout = self.idle_timeout;
        // Out of the runtime that accepted it, into that of the worker.
        let stream = stream.into_std();
        self.workers.spawn(self.tasks.track_future(async move {
            let _open = front.metrics().connection_opened();
            let stream = match stream.and_then(TcpStream::from_std) {
                Ok(stream) => StallGuard::new(stream, idle_timeout),
                Err(error) => {
                    tracing::warn!(%error, "cannot serve a connection");
                    return;
                }
            };
            serve(stream, peer, Arc::clone(&front), &protocol, shed, &draining).await;
            drop(slot);
        }));
    }
}

async fn serve<M: McpService>(
    stream: StallGuard,
    peer: IpAddr,
    front: Arc<Front<M>>,
    protocol: &http1::Builder,
    mut shed: watch::Receiver<()>,
    draining: &CancellationToken,
) {
    let service = service_fn(move |request| {
        let front = Arc::clone(&front);
        // hyper gives the stream back only from services whose futures can be moved.
        Box::pin(async move { front.answer(request, peer).await })
    });
    let mut connection = protocol.serve_connection(TokioIo::new(stream), service);
    let settled = Instant::now() + NEWCOMER;
    let mut room_needed = pin!(async {
        // An error says that the listener is gone, which is as good a reason.
        let _ = shed.changed().await;
        sleep_until(settled).await;
    });
    let mut closing = false;
    let result = loop {
        tokio::select! {
            result = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break result,
            () = draining.cancelled(), if !closing => {}
            () = &mut room_needed, if !closing => {}
        }
        closing = true;
        Pin::new(&mut connection).graceful_shutdown();
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner().into_inner();
    if let Err(error) = result {
        tracing::debug!(%error, "the connection failed");
        if error.is_timeout() && !parts.read_buf.is_empty() {
            // hyper closes without a word.
            let _ = stream.try_write(REQUEST_TIMEOUT);
        }
    }
    if !closing {
        linger(&mut stream).await;
    }
}

/// Reads what the client still sends, for a moment. Closing with unread data resets the connection,
/// and takes the answer away from a client that has not read it yet.
async fn linger(stream: &mut TcpStream) {
    let discard = async {
        stream.shutdown().await?;
        // Not an array: that would be a part of every connection's memory from its start.
        let mut buffer = vec![0; 4096];
        while stream.read(&mut buffer).await? > 0 {}
        std::io::Result::Ok(())
    };
    // The client closed in its own way, or is out of time.
    let _ = timeout(LINGER, discard).await;
}

const MAX_HEAD_BYTES: usize = 32 * 1024;
const MAX_BUFFER_BYTES: usize = 64 * 1024;
const LINGER: Duration = Duration::from_secs(1);

/// How long a connection has for its first request before it counts as idle.
const NEWCOMER: Duration = Duration::from_millis(250);

const REQUEST_TIMEOUT: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
