//! Which addresses are connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses an HTTP client connects to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Those that identity providers have. Private networks and loopback are among them, for that is
    /// where some are run; addresses where a server would be tricked into reading what is meant for
    /// its own machine alone are not.
    #[default]
    Providers,
    /// Those of the public internet, and no other: for URLs that strangers choose.
    Public,
}

impl Reach {
    /// Why an address is not connected to, if so.
    pub(super) fn refuse(self, address: IpAddr) -> Option<&'static str> {
        match (self, address) {
            (Self::Providers, IpAddr::V4(address)) => foreign_to_providers_v4(address),
            (Self::Providers, IpAddr::V6(address)) => foreign_to_providers_v6(address),
            (Self::Public, IpAddr::V4(address)) => (!is_public_v4(address)).then_some(NOT_PUBLIC),
            (Self::Public, IpAddr::V6(address)) => (!is_public_v6(address)).then_some(NOT_PUBLIC),
        }
    }
}

fn foreign_to_providers_v4(address: Ipv4Addr) -> Option<&'static str> {
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

fn foreign_to_providers_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(embedded) = embedded_v4(address) {
        return foreign_to_providers_v4(embedded);
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

/// Whether the IANA registry of special-purpose addresses (RFC 6890) does not have it, and no cloud
/// uses it for itself.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = matches!(
        address.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..]
    );
    !is_special && !METADATA_V4.contains(&address)
}

/// Whether it is global unicast (RFC 4291 section 2.4), and not of a kind that leads to an address
/// of version 4. Mapped addresses and NAT64 are outside of global unicast.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Teredo and others for protocols; documentation; 6to4; documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // ISATAP (RFC 5214 section 6.1).
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => false,
        [first, ..] => first >> 13 == 1,
    }
}

const NOT_PUBLIC: &str = "it is not on the public internet";

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

    #[track_caller]
    fn check(reach: Reach, addresses: &[&str], is_refused: bool) {
        for address in addresses {
            let refusal = reach.refuse(address.parse().unwrap());
            assert_eq!(refusal.is_some(), is_refused, "{address}: {refusal:?}");
        }
    }

    #[test]
    fn no_provider_has_an_address_of_its_own_machine_alone() {
        let addresses = [
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ];
        check(Reach::Providers, &addresses, true);
        check(Reach::Public, &addresses, true);
    }

    #[test]
    fn providers_may_be_on_loopback_and_in_private_networks() {
        let addresses = [
            "127.0.0.1",
            "::1",
            "10.1.2.3",
            "192.168.1.1",
            "fd12::1",
            "::ffff:10.0.0.1",
        ];
        check(Reach::Providers, &addresses, false);
        check(Reach::Public, &addresses, true);
    }

    // RFC 6890 and the registries of IANA that it set up.
    #[test]
    fn special_ranges_are_not_public_from_end_to_end() {
        let addresses = [
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.0",
            "127.255.255.255",
            "169.254.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.2.255",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "239.255.255.255",
            "240.0.0.1",
            "fc00::1",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "100::1",
            "5f00::1",
            "2001:db8::1",
            "3fff:fff::1",
        ];
        check(Reach::Public, &addresses, true);
    }

    #[test]
    fn forms_that_lead_to_another_address_are_not_public_wherever_they_lead() {
        let addresses = [
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:20::1",
            "2a00:1450::5efe:a00:1",
            "2a00:1450::200:5efe:10.0.0.1",
        ];
        check(Reach::Public, &addresses, true);
    }

    #[test]
    fn the_rest_is_public() {
        let addresses = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.0.3.0",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450:4001:82a::200e",
        ];
        check(Reach::Public, &addresses, false);
        check(Reach::Providers, &addresses, false);
    }
}
