//! From which address a request comes.

use std::{
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use http::HeaderMap;

/// The proxies in front of the server that say truly whom they forward for. By default, none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<AddressRange>);

impl TrustedProxies {
    /// The address that `peer` speaks for, by `X-Forwarded-For`: the last one in it that is not of a
    /// trusted proxy. What stands before that one was written by nobody trusted.
    pub(crate) fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for hop in hops.take(MAX_HOPS) {
            if !self.contains(client) {
                break;
            }
            let Some(address) = forwarded_address(hop) else {
                break;
            };
            client = address;
        }
        client
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }
}

impl FromStr for TrustedProxies {
    type Err = InvalidProxies;

    /// Reads addresses and CIDR ranges, with commas between them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ranges = text.split(',').map(str::trim);
        let ranges = ranges.filter(|range| !range.is_empty());
        let ranges = ranges.map(|range| {
            AddressRange::parse(range).ok_or_else(|| InvalidProxies {
                range: range.to_owned(),
            })
        });
        ranges.collect::<Result<_, _>>().map(Self)
    }
}

/// Something that is neither an address nor a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{range:?} is neither an IP address nor a range such as 10.0.0.0/8")]
#[non_exhaustive]
pub struct InvalidProxies {
    /// What it is.
    pub range: String,
}

/// What counts as one sender: an address of IPv4, or the /64 that a subscriber of IPv6 has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
            }
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct AddressRange {
    start: IpAddr,
    prefix: u32,
}

impl AddressRange {
    fn parse(text: &str) -> Option<Self> {
        let (start, prefix) = match text.split_once('/') {
            Some((start, prefix)) => (start, Some(prefix)),
            None => (text, None),
        };
        let start: IpAddr = start.parse().ok()?;
        let bits = if start.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= bits)?,
            None => bits,
        };
        Some(Self { start, prefix })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.start, address) {
            (IpAddr::V4(start), IpAddr::V4(address)) => {
                let differing = start.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(start), IpAddr::V6(address)) => {
                let differing = start.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.prefix
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// An address as proxies write it: some with a port, and IPv6 then in brackets.
fn forwarded_address(hop: &[u8]) -> Option<IpAddr> {
    let hop = str::from_utf8(hop).ok()?.trim();
    let address = hop.parse().ok();
    let address = address.or_else(|| Some(hop.parse::<std::net::SocketAddr>().ok()?.ip()));
    Some(address?.to_canonical())
}

const MAX_HOPS: usize = 32;

#[cfg(test)]
mod tests;
