//! The accept loop.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{connection::Connections, service::McpService};

/// Accepts connections until `draining` is cancelled; then stops listening.
pub(super) async fn accept<M: McpService>(
    listener: TcpListener,
    max_connections: usize,
    connections: &Connections<M>,
    draining: &CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(max_connections));
    let accepting = async {
        loop {
            let slot = free_slot(&slots, connections).await;
            match listener.accept().await {
                Ok((stream, peer)) => {
                    connections.spawn(stream, peer.ip(), slot, draining.clone());
                }
                // The client went away between the kernel's accept and ours.
                Err(error) if is_of_the_connection(&error) => {}
                // No descriptor or memory left: idle connections hold some.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection; closing idle ones");
                    connections.shed_idle();
                    sleep(BREATHER).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = draining.cancelled() => {}
    }
}

/// A place for one more connection; idle ones make room.
async fn free_slot<M>(
    slots: &Arc<Semaphore>,
    connections: &Connections<M>,
) -> Option<OwnedSemaphorePermit> {
    if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
        return Some(slot);
    }
    tracing::warn!("MCP_HTTP_MAX_CONNECTIONS is reached; closing idle connections");
    connections.shed_idle();
    // The semaphore is never closed.
    Arc::clone(slots).acquire_owned().await.ok()
}

fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

const BREATHER: Duration = Duration::from_millis(50);
