//! Nodes: listening, and the connections of one of them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tokio_util::{sync::CancellationToken, sync::DropGuard, task::TaskTracker};

use crate::{Error, connection::Connection, shared::Shared, state::Broker};

/// A node that was started; it may be down by now.
#[derive(Debug)]
pub(crate) struct Node {
    id: i32,
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Whether what clients send arrives.
    reachable: watch::Sender<bool>,
    tasks: TaskTracker,
    /// Ends the tasks, also when the node is dropped.
    stop: Option<DropGuard>,
}

impl Node {
    /// Listens, at a free port unless an address is given.
    pub(crate) async fn start(
        id: i32,
        address: Option<SocketAddr>,
        shared: Arc<Shared>,
    ) -> Result<Self, Error> {
        let wanted = address.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
        let failed = |source| Error::Bind { node: id, source };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        {
            let mut state = shared.state();
            state.brokers.insert(
                id,
                Broker {
                    address,
                    is_up: false,
                },
            );
            state.set_up(id, true);
        }
        // It may coordinate groups that members wait in elsewhere.
        shared.changed.notify_waiters();
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let (reachable, watched) = watch::channel(true);
        tasks.spawn(accept(
            listener,
            id,
            Arc::clone(&shared),
            watched,
            tasks.clone(),
            stop.clone(),
        ));
        Ok(Self {
            id,
            address,
            shared,
            reachable,
            tasks,
            stop: Some(stop.drop_guard()),
        })
    }

    pub(crate) fn id(&self) -> i32 {
        self.id
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn is_up(&self) -> bool {
        self.stop.is_some()
    }

    /// Lets clients reach it, or not; it stays up.
    pub(crate) fn reach(&self, reachable: bool) {
        self.reachable.send_replace(reachable);
    }

    /// Breaks all connections, and returns when none of the tasks is left.
    pub(crate) async fn stop(&mut self) {
        if self.stop.take().is_none() {
            return;
        }
        self.shared.state().set_up(self.id, false);
        self.shared.changed.notify_waiters();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn accept(
    listener: TcpListener,
    node: i32,
    shared: Arc<Shared>,
    reachable: watch::Receiver<bool>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let stream: TcpStream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Such as no free file descriptor, which lasts a while.
                tracing::warn!(node, %error, "cannot accept a connection");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => continue,
                }
            }
        };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
            tracing::warn!(node, "too many connections");
            continue;
        };
        let connection = Connection::open(stream, node, Arc::clone(&shared), reachable.clone());
        let stop = stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                outcome = async { connection.await?.serve().await } => if let Err(error) = outcome {
                    tracing::debug!(node, %error, "a connection broke");
                },
            }
            drop(permit);
        });
    }
}

/// The most connections that a node has at a time.
const MAX_CONNECTIONS: usize = 4096;

/// How long to wait after a failure to accept.
const PAUSE: Duration = Duration::from_millis(50);
