//! Blocks of free ports on loopback.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result, bail};

use super::listener::PORTS_PER_NODE;

/// A block of ports, held until the brokers open them.
#[derive(Debug)]
pub(crate) struct Ports {
    base: u16,
    held: Vec<TcpListener>,
}

impl Ports {
    /// Takes the block that starts at `base`.
    ///
    /// # Errors
    ///
    /// Fails with the first port that is taken.
    pub(crate) fn at(base: u16, nodes: u16) -> Result<Self> {
        let count = nodes.saturating_mul(PORTS_PER_NODE);
        let Some(end) = base.checked_add(count).filter(|_| base >= 1024) else {
            bail!("port base {base}: {count} ports from 1024 on must fit above it");
        };
        let held = (base..end)
            .map(|port| hold(port).with_context(|| taken(port)))
            .collect::<Result<_>>()?;
        Ok(Self { base, held })
    }

    /// Takes the first block of which no port is in use or in `avoid`.
    ///
    /// # Errors
    ///
    /// Fails if there is none.
    pub(crate) fn free(nodes: u16, avoid: &BTreeSet<u16>) -> Result<Self> {
        let count = nodes.saturating_mul(PORTS_PER_NODE);
        AUTOMATIC
            .step_by(usize::from(BLOCK))
            .filter(|base| avoid.range(base..&(base + count)).next().is_none())
            .find_map(|base| Self::at(base, nodes).ok())
            .with_context(|| {
                format!(
                    "no {count} free ports in a row between {} and {}: choose some with --port-base",
                    AUTOMATIC.start, AUTOMATIC.end
                )
            })
    }

    pub(crate) fn base(&self) -> u16 {
        self.base
    }

    /// Gives the ports to the brokers that are about to start.
    pub(crate) fn release(self) {
        drop(self.held);
    }
}

/// Checks that a port which belongs to a stopped node has not been taken since.
///
/// # Errors
///
/// Fails if somebody listens on the port.
pub(crate) fn ensure_free(port: u16) -> Result<()> {
    hold(port).map(drop).with_context(|| taken(port))
}

fn hold(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

fn taken(port: u16) -> String {
    format!(
        "port {port} on 127.0.0.1 cannot be used: stop the program that listens there \
         (`ss -ltnp 'sport = :{port}'` or `lsof -i :{port}` shows it) or start the cluster anew \
         on other ports (`kafka down`, then `kafka up --port-base …`)"
    )
}

/// Below the range from which systems take ports of outgoing connections: the port of a killed
/// broker stays free until it is started again.
const AUTOMATIC: std::ops::Range<u16> = 21_000..32_000;
const BLOCK: u16 = 50;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::TcpListener;

    use super::{Ports, ensure_free};

    #[test]
    fn a_taken_port_is_named() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();

        let error = ensure_free(port).unwrap_err().to_string();

        assert!(error.starts_with(&format!("port {port} ")), "{error}");
    }

    #[test]
    fn a_free_block_avoids_ports_of_other_clusters() {
        let first = Ports::free(1, &BTreeSet::new()).unwrap().base();

        let next = Ports::free(1, &BTreeSet::from([first + 3])).unwrap().base();

        assert_ne!(next, first);
    }

    #[test]
    fn a_base_without_room_is_refused() {
        for base in [0, 1023, 65_530] {
            assert!(Ports::at(base, 1).is_err(), "{base} was accepted");
        }
    }
}
