use http::HeaderValue;

use super::*;

/// Of a request from `peer` with these lines of `X-Forwarded-For`, where 10.0.0.0/8 and fd00::/8 are
/// trusted.
fn client(peer: &str, lines: &[&str]) -> String {
    let proxies: TrustedProxies = "10.0.0.0/8, fd00::/8".parse().unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        headers.append("x-forwarded-for", line);
    }
    let client = proxies.client_address(peer.parse().unwrap(), &headers);
    client.to_string()
}

#[test]
fn a_stranger_speaks_for_itself_whatever_it_says() {
    assert_eq!(client("192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
    assert_eq!(client("192.0.2.1", &["10.0.0.1", "10.0.0.2"]), "192.0.2.1");
}

#[test]
fn trusted_proxies_speak_for_the_last_one_that_is_none() {
    assert_eq!(client("10.0.0.1", &["192.0.2.1"]), "192.0.2.1");
    assert_eq!(
        client("10.0.0.1", &["198.51.100.9, 192.0.2.1, 10.0.0.2"]),
        "192.0.2.1"
    );
    assert_eq!(
        client("10.0.0.1", &["198.51.100.9", "192.0.2.1,10.0.0.2"]),
        "192.0.2.1"
    );
    assert_eq!(client("fd00::1", &["2001:db8::1"]), "2001:db8::1");
    assert_eq!(client("::ffff:10.0.0.1", &["192.0.2.1"]), "192.0.2.1");
    assert_eq!(client("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
}

#[test]
fn addresses_may_have_ports() {
    assert_eq!(client("10.0.0.1", &["192.0.2.1:4711"]), "192.0.2.1");
    assert_eq!(client("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
}

#[test]
fn behind_what_is_no_address_nobody_is_looked_for() {
    for bad in [
        "",
        "unknown",
        "192.0.2.1, ",
        "192.0.2.1, _hidden",
        "\u{fc}",
        "1.2.3",
    ] {
        assert_eq!(client("10.0.0.1", &[bad]), "10.0.0.1", "{bad:?}");
    }
    assert_eq!(client("10.0.0.1", &["192.0.2.1, ?, 10.0.0.2"]), "10.0.0.2");
    let chain = vec!["10.0.0.2"; 100_000].join(",");
    assert_eq!(client("10.0.0.1", &[&chain]), "10.0.0.2");
}

#[test]
fn ranges_contain_what_they_say() {
    let contains = |range: &str, address: &str| {
        let proxies: TrustedProxies = range.parse().unwrap();
        proxies.contains(address.parse().unwrap())
    };
    assert!(contains("10.1.2.3/8", "10.255.0.1"));
    assert!(!contains("10.1.2.3/8", "11.0.0.1"));
    assert!(contains("192.0.2.1", "192.0.2.1"));
    assert!(!contains("192.0.2.1", "192.0.2.2"));
    assert!(contains("0.0.0.0/0", "192.0.2.2"));
    assert!(!contains("0.0.0.0/0", "::1"));
    assert!(contains("::/0", "2001:db8::1"));
    assert!(contains("2001:db8::/32", "2001:db8:ffff::1"));
    assert!(!contains("", "127.0.0.1"));
}

#[test]
fn what_is_no_range_is_named() {
    for bad in [
        "10.0.0.0/33",
        "::/129",
        "10.0.0/8",
        "10.0.0.0/",
        "localhost",
        "10.0.0.0/-1",
    ] {
        let refused = format!("127.0.0.1, {bad}").parse::<TrustedProxies>();
        let range = bad.to_owned();
        assert_eq!(refused, Err(InvalidProxies { range }));
    }
}
