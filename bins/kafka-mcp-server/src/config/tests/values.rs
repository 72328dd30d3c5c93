//! What values mean, and which go together.

use kafka_tools::ServerVerification;

use super::*;

#[test]
fn brokers_are_a_list_with_ipv6_and_spaces() {
    let config = accepted(&[("KAFKA_BROKERS", " a:1 , [::1]:9092,b.c:3")]);
    let brokers: Vec<_> = config
        .kafka
        .brokers
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(brokers, ["a:1", "[::1]:9092", "b.c:3"]);
}

#[test]
fn booleans_are_strict_words_in_any_case() {
    for word in ["true", "1", "yes", "ON", "True"] {
        assert!(
            accepted(&[("KAFKA_MCP_READ_ONLY", word)]).access.read_only,
            "{word}"
        );
    }
    for word in ["false", "0", "No", "off"] {
        assert!(
            !accepted(&[("KAFKA_MCP_READ_ONLY", word)]).access.read_only,
            "{word}"
        );
    }
    for word in ["maybe", "2", "tru", "enabled", "y"] {
        refused(
            &[("KAFKA_MCP_READ_ONLY", word)],
            &["KAFKA_MCP_READ_ONLY", word, "yes, no"],
        );
    }
}

#[test]
fn durations_have_units_or_are_seconds() {
    let timeout = |text| accepted(&[("KAFKA_MCP_TIMEOUT", text)]).timeout;
    assert_eq!(timeout("10s"), timeout("10"));
    assert_eq!(timeout("500ms"), Duration::from_millis(500));
    assert_eq!(timeout("2m"), timeout("120 s"));
    for text in [
        "-1s",
        "s",
        "ten",
        "10 parsecs",
        "1.5s",
        "0",
        "11m",
        "99999999999999999999s",
    ] {
        refused(
            &[("KAFKA_MCP_TIMEOUT", text)],
            &["KAFKA_MCP_TIMEOUT", text, "100ms to 10m"],
        );
    }
}

#[test]
fn wrong_values_are_refused_with_what_is_allowed() {
    for (name, value, allowed) in [
        ("KAFKA_BROKERS", "kafka", "host:port"),
        ("KAFKA_BROKERS", "::1:9092", "brackets"),
        ("KAFKA_BROKERS", " , ", "comma list"),
        ("KAFKA_ENGINE", "librdkafka", "krafka, rskafka"),
        (
            "KAFKA_SASL_MECHANISM",
            "gssapi",
            "plain, scram-sha-256, scram-sha-512, oauthbearer",
        ),
        ("KAFKA_MCP_TOPICS_ALLOW", "orders-[", "glob"),
        ("KAFKA_MCP_GROUPS_DENY", "ok,{a", "glob"),
        ("KAFKA_MCP_MAX_RESULT_BYTES", "1e6", "4096 to"),
        ("KAFKA_MCP_MAX_RESULT_BYTES", "10", "4096 to"),
        ("MCP_TRANSPORT", "sse", "stdio, http"),
        ("MCP_HTTP_PORT", "65536", "0 to 65535"),
        ("MCP_HTTP_PORT", "-1", "0 to 65535"),
        ("MCP_HTTP_HOST", "kafka.example", "IP address"),
        ("MCP_ALLOWED_HOSTS", "https://a.example", "host"),
        ("MCP_ALLOWED_ORIGINS", "a.example", "scheme://"),
        ("MCP_ALLOWED_ORIGINS", "*", "scheme://"),
        ("MCP_HTTP_MAX_CONNECTIONS", "0", "1 to"),
        ("MCP_HTTP_IDLE_TIMEOUT", "0s", "100ms to 1h"),
        ("OAUTH_ENABLED", "perhaps", "true, false"),
        ("LOG_LEVEL", "verbose", "off, error"),
        ("LOG_FORMAT", "xml", "text, json"),
    ] {
        refused(
            &[(name, value)],
            &[name, value.trim(), allowed, "environment"],
        );
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    refused(
        &[
            ("KAFKA_BROKERS", "x"),
            ("MCP_HTTP_PORT", "x"),
            ("LOG_FORMAT", "x"),
        ],
        &["KAFKA_BROKERS", "MCP_HTTP_PORT", "LOG_FORMAT"],
    );
}

#[test]
fn tls_files_have_to_be_there_and_make_sense() {
    let pem = TestFile::new("a.pem", "pem");
    let on = ("KAFKA_TLS_ENABLE", "true");
    let identity = [
        on,
        ("KAFKA_TLS_CERT_FILE", pem.path()),
        ("KAFKA_TLS_KEY_FILE", pem.path()),
    ];
    let tls = accepted(&identity).kafka.tls.unwrap();
    assert!(tls.identity.is_some());
    assert_eq!(tls.verification, ServerVerification::Full);
    refused(
        &identity[..2],
        &["KAFKA_TLS_CERT_FILE", "needs KAFKA_TLS_KEY_FILE"],
    );
    refused(
        &[on, identity[2]],
        &["KAFKA_TLS_KEY_FILE", "needs KAFKA_TLS_CERT_FILE"],
    );
    refused(&identity[1..], &["has no effect without KAFKA_TLS_ENABLE"]);
    let missing = ("KAFKA_TLS_CA_FILE", "/nonexistent/ca.pem");
    refused(
        &[on, missing],
        &["KAFKA_TLS_CA_FILE", "/nonexistent/ca.pem", "PEM"],
    );
}

#[test]
fn dangerous_and_useless_choices_are_warned_about() {
    let warned = |variables: &[_], about: &str| {
        let warnings = accepted(variables).warnings;
        assert!(
            warnings.iter().any(|warning| warning.contains(about)),
            "{warnings:?}"
        );
    };
    let skip = [
        ("KAFKA_TLS_ENABLE", "1"),
        ("KAFKA_TLS_INSECURE_SKIP_VERIFY", "1"),
    ];
    warned(&skip, "not verified");
    let account = [("KAFKA_SASL_USER", "u"), ("KAFKA_SASL_PASSWORD", "p")];
    warned(&account, "KAFKA_SASL_MECHANISM");
    warned(
        &[&account[..], &[("KAFKA_SASL_MECHANISM", "plain")]].concat(),
        "in the clear",
    );
    assert!(accepted(&[]).warnings.is_empty());
}

#[test]
fn only_loopback_is_served_without_saying_so() {
    let http = ("MCP_TRANSPORT", "http");
    for host in ["127.0.0.1", "localhost", "::1", "[::1]", "127.3.2.1"] {
        accepted(&[http, ("MCP_HTTP_HOST", host)]);
    }
    for host in ["0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1"] {
        let host = ("MCP_HTTP_HOST", host);
        refused(
            &[http, host],
            &["MCP_HTTP_HOST", "MCP_HTTP_ALLOW_UNAUTHENTICATED=true"],
        );
        accepted(&[http, host, ("MCP_HTTP_ALLOW_UNAUTHENTICATED", "true")]);
        accepted(&[host]);
    }
}

#[test]
fn writes_are_confirmed_where_possible_unless_nobody_wants_it() {
    let confirmed = |variables: &[_]| accepted(variables).confirm_writes;
    assert_eq!(confirmed(&[]), ConfirmWrites::WhenPossible);
    for (word, expected) in [
        ("never", ConfirmWrites::Never),
        ("When-Possible", ConfirmWrites::WhenPossible),
    ] {
        assert_eq!(confirmed(&[("KAFKA_MCP_CONFIRM_WRITES", word)]), expected);
    }
    let variables = [("KAFKA_MCP_CONFIRM_WRITES", "always")];
    refused(
        &variables,
        &["'always' is neither; allowed: when-possible, never"],
    );
}
