//! Looks names up, and leaves out the addresses that no identity provider has.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The resolver of the system, less addresses where a server would be tricked into reading what is
/// meant for its own machine alone. The check is on what is connected to, so that a name cannot
/// change between check and use.
#[derive(Debug)]
pub(super) struct GuardedResolver;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await?;
            let (refused, allowed): (Vec<_>, Vec<_>) =
                found.partition(|address| forbidden(address.ip()).is_some());
            if allowed.is_empty()
                && let Some(reason) = refused.first().and_then(|first| forbidden(first.ip()))
            {
                return Err(ForbiddenName {
                    host: host.to_owned(),
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

/// Checks a host that is an address, and so is not looked up.
pub(super) fn check_literal(host: &str) -> Result<(), String> {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse().ok().and_then(forbidden) {
        Some(reason) => Err(reason.to_owned()),
        None => Ok(()),
    }
}

/// Why nothing is to be fetched from an address. Private networks and loopback are fine: providers
/// are run there.
fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => forbidden_v4(address),
        IpAddr::V6(address) => forbidden_v6(address),
    }
}

fn forbidden_v4(address: Ipv4Addr) -> Option<&'static str> {
    if METADATA_V4.contains(&address) {
        Some("it serves the metadata of a cloud")
    } else if address.is_link_local() {
        Some("it is link-local")
    } else if address.octets()[0] == 0 {
        Some("it is unspecified")
    } else if address.is_multicast() || address.is_broadcast() {
        Some("it is multicast")
    } else {
        None
    }
}

fn forbidden_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(embedded) = embedded_v4(address) {
        return forbidden_v4(embedded);
    }
    if address == METADATA_V6 {
        Some("it serves the metadata of a cloud")
    } else if address.is_unicast_link_local() {
        Some("it is link-local")
    } else if address.is_unspecified() {
        Some("it is unspecified")
    } else if address.is_multicast() {
        Some("it is multicast")
    } else {
        None
    }
}

/// The address of version 4 that one of version 6 leads to: mapped (RFC 4291), by NAT64 (RFC 6052)
/// or by 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let joined = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(joined(high, low))
        }
        [0x2002, high, low, ..] => Some(joined(high, low)),
        _ => None,
    }
}

/// Of AWS and most others, of Alibaba, of Oracle, and of Azure.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// Of AWS.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_alone_are_refused() {
        for address in [
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[fe80::1]",
            "[ff02::1]",
            "[fd00:ec2::254]",
            "[::ffff:169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::1]",
        ] {
            assert!(check_literal(address).is_err(), "{address}");
        }
    }

    #[test]
    fn loopback_private_networks_and_names_are_not() {
        for address in [
            "127.0.0.1",
            "[::1]",
            "10.1.2.3",
            "192.168.1.1",
            "[fd12::1]",
            "[::ffff:10.0.0.1]",
            "example.com",
            "",
        ] {
            assert_eq!(check_literal(address), Ok(()), "{address}");
        }
    }
}
