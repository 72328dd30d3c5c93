use proptest::prelude::*;

use super::*;

fn uri(text: &str) -> RedirectUri {
    RedirectUri::new(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn check_match(requested: &str, registered: &str, expected: bool) {
    let found = RedirectUri::new(requested).is_ok_and(|asked| asked.matches(&uri(registered)));
    assert_eq!(found, expected, "{requested} for {registered}");
}

#[test]
fn the_uris_of_clients_in_use_are_good() {
    for (text, kind, destination) in [
        (
            "https://claude.ai/api/mcp/auth_callback",
            RedirectKind::Web,
            "claude.ai",
        ),
        (
            "https://app.example:8443/cb?x=1",
            RedirectKind::Web,
            "app.example:8443",
        ),
        ("https://app.example", RedirectKind::Web, "app.example"),
        (
            "http://localhost:6274/oauth/callback",
            RedirectKind::Loopback,
            "localhost:6274",
        ),
        ("http://127.0.0.1/", RedirectKind::Loopback, "127.0.0.1"),
        ("http://[::1]:7/cb", RedirectKind::Loopback, "[::1]:7"),
        (
            "cursor://anysphere.cursor-mcp/oauth/callback",
            RedirectKind::Application,
            "cursor",
        ),
        (
            "com.example.app:/cb",
            RedirectKind::Application,
            "com.example.app",
        ),
        (
            "warp://mcp/oauth2callback",
            RedirectKind::Application,
            "warp",
        ),
    ] {
        assert_eq!(uri(text).kind(), kind, "{text}");
        assert_eq!(uri(text).destination(), destination, "{text}");
        assert_eq!(uri(text).as_str(), text);
    }
}

// RFC 8252 section 8.4, RFC 9700 section 4.1.3: hosts that only look like loopback, or like
// another's, to a parser of one's own.
#[test]
fn a_host_that_another_parser_reads_otherwise_is_refused() {
    for text in [
        "http://localhost@evil",
        "http://localhost@evil.example/cb",
        "http://localhost.evil",
        "http://127.0.0.1.evil",
        "http://127.0.0.1.evil:80/cb",
        "http://[::1]@evil",
        "https://a@b@c",
        "https://@evil.example/",
        "https://:@evil.example/",
        "https://claude.ai:x@evil.example/",
        "https://claude.ai%40evil.example/",
        "https://claude.ai\\@evil.example/",
        "https:\\\\claude.ai/",
        "https:/claude.ai/",
        "https:claude.ai/",
        "https:///claude.ai/",
        "https://claude.ai\t.evil/",
        "https://claude。ai/",
        "https://CLAUDE.ai/",
        "HTTPS://claude.ai/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.2/",
        "http://localhost./",
        "http://localhost:/",
        "http://localhost:080/",
        "http://localhost:99999/",
        "https://app.example:443/",
        "https://app.example/a/../b",
        "https://app.example/a/%2e%2e/b",
        "https://app.example/./b",
        "com.example.app://user@host/cb",
    ] {
        assert!(RedirectUri::new(text).is_err(), "{text}");
    }
}

// RFC 9700 section 4.1.3 and RFC 8252 section 7.1: schemes that run or read something.
#[test]
fn schemes_that_browsers_act_upon_are_refused() {
    for text in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/x",
        "blob:null/x",
        "about:blank",
        "view-source:https://app.example",
        "ftp://app.example/",
        "ws://localhost/",
        "mailto:a@b.example",
        "urn:ietf:wg:oauth:2.0:oob",
        "intent://x#Intent;end",
        "chrome-extension://x/",
        "ms-msdt:/x",
        "search-ms:query=x",
    ] {
        assert!(RedirectUri::new(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_no_absolute_uri_is_refused() {
    for text in [
        "",
        "/cb",
        "//app.example/cb",
        "app.example/cb",
        "?x",
        "https://",
        "https://?x",
        ":",
        "https://app.example/ä",
        "https://app.example/a b",
        "https://app.example/\"",
        "https://app.example/<x>",
        "https://app.example/cb\r\nSet-Cookie:x",
        "https://app.example/cb\u{0}",
    ] {
        assert!(RedirectUri::new(text).is_err(), "{text}");
    }
    let long = format!("https://app.example/{}", "x".repeat(MAX_BYTES));
    assert_eq!(RedirectUri::new(long), Err(InvalidRedirectUri::TooLong));
}

// RFC 6749 section 3.1.2.
#[test]
fn a_fragment_is_refused() {
    for text in ["https://app.example/cb#", "https://app.example/cb#x"] {
        let refused = RedirectUri::new(text);
        assert_eq!(refused, Err(InvalidRedirectUri::Fragment), "{text}");
    }
}

// RFC 7591 section 5, RFC 9700 section 2.6: plain http never leaves the machine.
#[test]
fn plain_http_is_for_loopback() {
    for text in [
        "http://app.example/cb",
        "http://10.0.0.1/cb",
        "http://0.0.0.0/",
    ] {
        let refused = RedirectUri::new(text);
        assert_eq!(refused, Err(InvalidRedirectUri::Plaintext), "{text}");
    }
}

// RFC 9700 section 4.1.3: "authorization servers MUST utilize exact string matching".
#[test]
fn a_uri_matches_the_same_string_only() {
    let registered = "https://app.example/Cb?x=1";
    check_match(registered, registered, true);
    for other in [
        "https://app.example/cb?x=1",
        "https://app.example/Cb/?x=1",
        "https://app.example/Cb?x=1&y=2",
        "https://app.example/Cb",
        "https://app.example/Cb?x=1#",
        "https://app.example/Cb/../Cb?x=1",
        "https://app.example:8443/Cb?x=1",
        "https://app.example.evil/Cb?x=1",
        "https://app.example@evil/Cb?x=1",
        "http://localhost/Cb?x=1",
    ] {
        check_match(other, registered, false);
    }
    check_match("https://app.example", "https://app.example/", false);
    check_match("https://127.0.0.1:1/", "https://127.0.0.1:2/", false);
    check_match("com.example:/cb/", "com.example:/cb", false);
}

// RFC 8252 section 7.3: "The authorization server MUST allow any port to be specified at the time
// of the request for loopback IP redirect URIs".
#[test]
fn any_port_matches_on_loopback() {
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let registered = format!("http://{host}:33418/cb?x");
        check_match(&format!("http://{host}:1/cb?x"), &registered, true);
        check_match(&format!("http://{host}/cb?x"), &registered, true);
        check_match(&registered, &format!("http://{host}/cb?x"), true);
        for path in ["/cb", "/cb/?x", "/CB?x", "/cb?y", "/", ""] {
            check_match(&format!("http://{host}:1{path}"), &registered, false);
        }
    }
}

// RFC 8252 section 8.3: what listens on one need not be what listens on the other.
#[test]
fn names_of_loopback_are_not_interchangeable() {
    let hosts = ["localhost", "127.0.0.1", "[::1]"];
    for asked in hosts {
        for registered in hosts {
            check_match(
                &format!("http://{asked}:1/cb"),
                &format!("http://{registered}:2/cb"),
                asked == registered,
            );
        }
    }
}

#[test]
fn a_uri_is_checked_when_it_is_read_back() {
    let text = "\"http://localhost/cb\"";
    let read: RedirectUri = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert!(serde_json::from_str::<RedirectUri>("\"javascript:x\"").is_err());
}

proptest! {
    // RFC 9700 section 4.1.3.
    #[test]
    fn whatever_matches_leads_to_the_same_place(text in "(https?|[a-z.]{2,6})(:|://)[a-z0-9.:@\\[\\]/%?]{0,24}") {
        for registered in ["https://app.example/cb", "http://localhost/cb", "http://[::1]:7/cb"] {
            let registered = uri(registered);
            if let Ok(asked) = RedirectUri::new(text.as_str()) && asked.matches(&registered) {
                let (asked, registered) =
                    (Url::parse(&text).unwrap(), Url::parse(registered.as_str()).unwrap());
                prop_assert_eq!(asked.scheme(), registered.scheme());
                prop_assert_eq!(asked.host(), registered.host());
                prop_assert_eq!(asked.path(), registered.path());
            }
        }
    }
}
