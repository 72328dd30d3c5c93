use super::*;

fn url(text: &str) -> ProviderUrl {
    ProviderUrl::new(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn https_is_accepted_anywhere_and_http_on_this_machine() {
    for text in [
        "https://login.example.com/v2.0",
        "https://login.example.com:8443/a?b=c",
        "https://10.0.0.7/realms/kafka",
        "https://192.168.1.2",
        "https://[fd12:3456::1]/",
        "http://localhost:9000/keys",
        "http://idp.localhost/",
        "http://127.0.0.1:1/",
        "http://127.8.8.8/",
        "http://[::1]:8080/",
        "https://localhost/",
    ] {
        assert_eq!(url(text).as_str(), text);
    }
}

// OpenID Connect Discovery 1.0 section 3: an issuer is an https URL.
#[test]
fn http_to_another_machine_is_refused() {
    for text in [
        "http://login.example.com/",
        "http://10.0.0.7/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://[fd12:3456::1]/",
    ] {
        let error = ProviderUrl::new(text).unwrap_err();
        assert!(
            matches!(error, InvalidProviderUrl::Plaintext { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn other_schemes_are_refused() {
    for text in [
        "ftp://example.com/",
        "file:///etc/passwd",
        "ws://localhost/",
        "data:,x",
        "javascript:alert(1)",
        "login.example.com",
        "",
    ] {
        assert!(ProviderUrl::new(text).is_err(), "{text}");
    }
}

#[test]
fn what_a_parser_would_silently_drop_is_refused() {
    use InvalidProviderUrl::{Fragment, NoHost, StrayCharacter, TooLong, UserInfo};
    let long = format!("https://example.com/{}", "a".repeat(MAX_BYTES));
    for (text, expected) in [
        ("https://user@example.com/", UserInfo),
        ("https://user:secret@example.com/", UserInfo),
        ("https://@example.com/", UserInfo),
        ("https://[::1]@example.com/", UserInfo),
        ("https://example.com/#keys", Fragment),
        ("https://example.com/#", Fragment),
        ("https:///example.com/", NoHost),
        ("https:example.com", NoHost),
        ("https:user:secret@example.com/://x", NoHost),
        (" https://example.com/", StrayCharacter),
        ("https://exam\tple.com/", StrayCharacter),
        ("https://example.com/\n", StrayCharacter),
        ("https://example.com\\@other.example/", StrayCharacter),
        (long.as_str(), TooLong),
    ] {
        assert_eq!(ProviderUrl::new(text).unwrap_err(), expected, "{text}");
    }
}

// OWASP, Server-Side Request Forgery Prevention: every way to write an address is one address.
#[test]
fn link_local_and_metadata_addresses_are_refused_however_they_are_written() {
    for host in [
        "169.254.169.254",
        "169.254.0.1",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[fe80::1]",
        "[febf::1]",
        "[::ffff:169.254.169.254]",
        "[::169.254.169.254]",
        "[64:ff9b::169.254.169.254]",
        "[2002:a9fe:a9fe::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "192.0.0.192",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "0.0.0.0",
        "0",
        "[::]",
        "[::ffff:0.0.0.0]",
        "224.0.0.1",
        "255.255.255.255",
        "[ff02::1]",
    ] {
        for scheme in ["https", "http"] {
            let text = format!("{scheme}://{host}/latest");
            let error = ProviderUrl::new(text.as_str()).unwrap_err();
            assert!(
                matches!(error, InvalidProviderUrl::ForbiddenAddress { .. }),
                "{text}: {error}"
            );
        }
    }
}

#[test]
fn only_an_issuer_on_this_machine_may_name_this_machine() {
    let issuer = url("https://login.example.com");
    for text in [
        "https://localhost/keys",
        "https://LOCALHOST./keys",
        "http://127.0.0.1/keys",
        "https://2130706433/keys",
        "https://[::1]/keys",
        "https://[::ffff:127.0.0.1]/keys",
        "https://idp.localhost/keys",
    ] {
        let refused = url(text).checked_against(&issuer);
        assert_eq!(
            refused,
            Err(InvalidProviderUrl::UnexpectedLoopback),
            "{text}"
        );
        let local = url("http://localhost:9000");
        assert!(url(text).checked_against(&local).is_ok(), "{text}");
    }
    let elsewhere = url("https://10.1.2.3/keys");
    assert!(elsewhere.checked_against(&issuer).is_ok());
}

#[test]
fn the_address_keeps_the_text_that_it_was_written_as() {
    let written = "HTTPS://Login.Example.com:443";
    assert_eq!(url(written).to_string(), written);
    assert_eq!(url(written).url().as_str(), "https://login.example.com/");
}

#[test]
fn an_error_does_not_repeat_credentials() {
    let error = ProviderUrl::new("https://user:canary@example.com/").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}
