//! One address for several servers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

/// A TCP forwarder that gives each connection to the next one of several servers. It has its address
/// before they start, so that it can be their name. Dropping it closes everything.
#[derive(Debug)]
pub struct LoadBalancer {
    address: SocketAddr,
    servers: watch::Sender<Vec<SocketAddr>>,
    accepted: Arc<AtomicUsize>,
    _accepting: AbortOnDropHandle<()>,
}

impl LoadBalancer {
    /// Listens on a free port, and closes connections until there are servers.
    ///
    /// # Panics
    ///
    /// If no port can be had.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (servers, watched) = watch::channel(Vec::new());
        let accepted = Arc::new(AtomicUsize::new(0));
        let accepting = accept(listener, watched, Arc::clone(&accepted));
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle ends the task when dropped"
        )]
        let accepting = AbortOnDropHandle::new(tokio::spawn(accepting));
        Self {
            address,
            servers,
            accepted,
            _accepting: accepting,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin that clients see.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, new connections go to these servers in turn.
    pub fn lead_to(&self, servers: &[SocketAddr]) {
        self.servers.send_replace(servers.to_vec());
    }

    /// How many connections it has accepted so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

async fn accept(
    listener: TcpListener,
    servers: watch::Receiver<Vec<SocketAddr>>,
    accepted: Arc<AtomicUsize>,
) {
    // Dropped with this task, the set ends all connections.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let turn = accepted.fetch_add(1, Ordering::Relaxed);
        while connections.try_join_next().is_some() {}
        let servers = servers.borrow();
        let next = turn.checked_rem(servers.len());
        if let Some(server) = next.and_then(|next| servers.get(next).copied())
            && connections.len() < MAX_CONNECTIONS
        {
            connections.spawn(forward(client, server));
        }
    }
}

/// Carries one connection; errors only mean that a side has closed it.
async fn forward(mut client: TcpStream, server: SocketAddr) {
    if let Ok(mut server) = TcpStream::connect(server).await {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

const MAX_CONNECTIONS: usize = 1024;
