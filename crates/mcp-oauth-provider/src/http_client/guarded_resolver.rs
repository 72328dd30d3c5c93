//! Looks names up, and leaves out the addresses that are not connected to.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::reach::Reach;

/// A resolver, less addresses out of reach. What it gives is what is connected to, so that a name
/// cannot change between check and use.
pub(super) struct GuardedResolver {
    reach: Reach,
    names: Arc<Names>,
    lookups: Arc<Semaphore>,
}

/// Tells the addresses of a name. It may block.
pub(super) type Names = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl GuardedResolver {
    /// The resolver of the system, within `reach`.
    pub(super) fn new(reach: Reach) -> Self {
        Self::of(reach, Arc::new(by_the_system))
    }

    /// The resolver that asks `names`.
    pub(super) fn of(reach: Reach, names: Arc<Names>) -> Self {
        Self {
            reach,
            names,
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)),
        }
    }
}

impl fmt::Debug for GuardedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedResolver")
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        let (names, lookups) = (Arc::clone(&self.names), Arc::clone(&self.lookups));
        Box::pin(async move {
            let turn = lookups.acquire_owned().await?;
            let host = name.as_str().to_owned();
            let found = tokio::task::spawn_blocking(move || {
                // The system cannot be told to give up, so the turn lasts longer than who waits.
                let _turn = turn;
                names(name.as_str())
            });
            let found = found.await??.into_iter();
            let (refused, allowed): (Vec<_>, Vec<_>) =
                found.partition(|address| reach.refuse(address.ip()).is_some());
            if allowed.is_empty()
                && let Some(reason) = refused.first().and_then(|first| reach.refuse(first.ip()))
            {
                return Err(ForbiddenName {
                    host,
                    reason: reason.to_owned(),
                }
                .into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn by_the_system(name: &str) -> io::Result<Vec<SocketAddr>> {
    (name, 0).to_socket_addrs().map(Iterator::collect)
}

/// A name that has addresses, but none that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("{host} has only addresses that must not be connected to: {reason}")]
pub(super) struct ForbiddenName {
    pub(super) host: String,
    pub(super) reason: String,
}

/// Checks a host that is an address, in whatever spelling, and so is not looked up.
pub(super) fn check_literal(url: &Url, reach: Reach) -> Result<(), ForbiddenName> {
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    match reach.refuse(address) {
        Some(reason) => Err(ForbiddenName {
            host: address.to_string(),
            reason: reason.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Look-ups that are under way at once, of the 512 threads that tokio has for all that blocks: who
/// runs a slow name server does not get them all.
const MAX_LOOKUPS: usize = 32;

#[cfg(test)]
mod tests;
