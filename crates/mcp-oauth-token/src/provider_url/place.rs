//! Where a host is, as far as its name or address says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// Where a host is, as far as its name or address says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A public or private network, or a name that is yet to be looked up.
    Elsewhere,
    /// Nowhere that an identity provider is: link-local, unspecified, multicast, cloud metadata.
    Forbidden,
    /// The loopback interface.
    ThisMachine,
}

impl Place {
    /// The place of a host of a URL, whose name is in lower case and whose address is in its one
    /// form already.
    pub(super) fn of<S: AsRef<str>>(host: &Host<S>) -> Self {
        match host {
            Host::Domain(name) => Self::of_name(name.as_ref()),
            Host::Ipv4(address) => Self::of_v4(*address),
            Host::Ipv6(address) => Self::of_v6(*address),
        }
    }

    fn of_name(name: &str) -> Self {
        let name = name.strip_suffix('.').unwrap_or(name);
        // RFC 6761 section 6.3: names under localhost are the loopback interface as well.
        if name == "localhost" || name.ends_with(".localhost") {
            Self::ThisMachine
        } else if METADATA_NAMES.contains(&name) {
            Self::Forbidden
        } else {
            Self::Elsewhere
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [first, ..] = address.octets();
        if address.is_loopback() {
            Self::ThisMachine
        } else if first == 0
            || address.is_link_local()
            || address.is_multicast()
            || address.is_broadcast()
            || METADATA_ADDRESSES.contains(&IpAddr::V4(address))
        {
            Self::Forbidden
        } else {
            Self::Elsewhere
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if address.is_loopback() {
            Self::ThisMachine
        } else if address.is_unspecified()
            || address.is_unicast_link_local()
            || address.is_multicast()
            || METADATA_ADDRESSES.contains(&IpAddr::V6(address))
        {
            Self::Forbidden
        } else {
            embedded(address).map_or(Self::Elsewhere, Self::of_v4)
        }
    }
}

/// The IPv4 address that packets to an IPv6 address end at: mapped and compatible (RFC 4291 section
/// 2.5.5), NAT64 (RFC 6052 section 2.1), 6to4 (RFC 3056 section 2).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let joined = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(joined(high, low))
        }
        [0x2002, high, low, ..] => Some(joined(high, low)),
        _ => None,
    }
}

/// Where clouds answer questions about the machine and hand out its credentials, besides the
/// link-local 169.254.169.254: Alibaba Cloud, Oracle Cloud, Amazon by IPv6.
const METADATA_ADDRESSES: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

const METADATA_NAMES: &[&str] = &["metadata.google.internal", "metadata.goog"];
