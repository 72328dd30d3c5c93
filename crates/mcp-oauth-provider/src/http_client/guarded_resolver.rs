//! Looks names up, and leaves out the addresses that are not connected to.

use std::{
    net::{IpAddr, ToSocketAddrs},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::reach::Reach;

/// The resolver of the system, less addresses out of reach. What it gives is what is connected to,
/// so that a name cannot change between check and use.
#[derive(Debug)]
pub(super) struct GuardedResolver {
    reach: Reach,
    lookups: Arc<Semaphore>,
}

impl GuardedResolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            reach,
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)),
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        let lookups = Arc::clone(&self.lookups);
        Box::pin(async move {
            let turn = lookups.acquire_owned().await?;
            let host = name.as_str().to_owned();
            let found = tokio::task::spawn_blocking(move || {
                // The system cannot be told to give up, so the turn lasts longer than who waits.
                let _turn = turn;
                (name.as_str(), 0).to_socket_addrs()
            });
            let found = found.await??;
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
