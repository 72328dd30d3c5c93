//! Where settings come from, and which source wins.

use kafka_tools::EngineKind;

use super::*;

#[test]
fn without_any_source_the_defaults_hold() {
    let config = accepted(&[]);
    assert!(matches!(config.transport, Transport::Stdio));
    assert_eq!(config.kafka.brokers[0].to_string(), "localhost:9092");
    assert_eq!(config.kafka.client_id, "kafka-mcp-server");
    assert_eq!(config.kafka.engine, EngineKind::Krafka);
    assert!(config.kafka.tls.is_none() && config.kafka.sasl.is_none());
    assert_eq!(config.shutdown_grace, Duration::from_secs(5));
    assert!(!config.access.read_only);
}

#[test]
fn every_default_is_a_value_that_is_allowed() {
    for setting in all() {
        if let Some(default) = setting.default {
            accepted(&[(setting.name, default)]);
        }
    }
}

#[test]
fn names_are_unique_and_said_to_be_something() {
    let mut names: Vec<_> = all().map(|setting| setting.name).collect();
    assert!(all().all(|setting| !setting.doc.is_empty() && !setting.allowed.is_empty()));
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn later_sources_win() {
    let file = TestFile::new(
        "layers.toml",
        "mcp_http_port = 1\nkafka_client_id = \"f\"\n",
    );
    let variables = environment(&[("MCP_HTTP_PORT", "2"), ("MCP_TRANSPORT", "http")]);
    let flags = flags(&[(MCP_HTTP_PORT, "3")]);
    let raw = RawConfig::collect(Some(&file.0), &variables, flags).unwrap();
    let config = Config::read(&raw).unwrap();
    let Transport::Http { http, .. } = config.transport else {
        panic!("{:?}", config.transport)
    };
    assert_eq!(
        (http.address.port(), config.kafka.client_id.as_str()),
        (3, "f")
    );
    assert_eq!(raw.source(MCP_HTTP_PORT), "flag");
    assert_eq!(raw.source(MCP_TRANSPORT), "environment");
    assert!(raw.source(KAFKA_CLIENT_ID).ends_with("layers.toml"));
    assert_eq!(raw.source(KAFKA_BROKERS), "default");
}

#[test]
fn bootstrap_servers_is_an_alias_that_may_not_disagree() {
    let config = accepted(&[("KAFKA_BOOTSTRAP_SERVERS", "a:1")]);
    assert_eq!(config.kafka.brokers[0].host(), "a");
    accepted(&[("KAFKA_BOOTSTRAP_SERVERS", "a:1"), ("KAFKA_BROKERS", "a:1")]);
    refused(
        &[("KAFKA_BOOTSTRAP_SERVERS", "a:1"), ("KAFKA_BROKERS", "b:1")],
        &["KAFKA_BROKERS", "'b:1'", "KAFKA_BOOTSTRAP_SERVERS", "'a:1'"],
    );
}

#[test]
fn empty_values_count_as_not_set() {
    let config = accepted(&[
        ("KAFKA_BROKERS", ""),
        ("OAUTH_ENABLED", ""),
        ("LOG_LEVEL", ""),
    ]);
    assert_eq!(config.kafka.brokers[0].to_string(), "localhost:9092");
    accepted(&[("KAFKA_BROKERS", "a:1"), ("KAFKA_BOOTSTRAP_SERVERS", "")]);
}

#[test]
fn other_variables_are_not_ours() {
    accepted(&[
        ("KAFKA_HEAP_OPTS", "-Xmx1G"),
        ("KAFKA_SASL_MECHANISMS", "?"),
        ("PATH", "/bin"),
    ]);
}

#[test]
fn a_file_takes_numbers_booleans_and_arrays() {
    let config = from_file(
        "values.toml",
        "mcp_http_port = 0\nkafka_mcp_read_only = true\nkafka_brokers = ['a:1', 'b:2']\n\
         kafka_mcp_timeout = 3\nkafka_client_id = '007'\n",
    )
    .unwrap();
    assert_eq!(config.kafka.brokers.len(), 2);
    assert_eq!(
        (config.access.read_only, config.timeout.as_secs()),
        (true, 3)
    );
    assert_eq!(config.kafka.client_id, "007");
}

#[test]
fn a_wrong_file_is_refused_with_what_is_meant() {
    for (content, parts) in [
        (
            "kafka_broker = 'a:1'",
            &["kafka_broker", "did you mean kafka_brokers"][..],
        ),
        (
            "KAFKA_BROKERS = 'a:1'",
            &["KAFKA_BROKERS", "did you mean kafka_brokers"],
        ),
        (
            "[kafka]\nbrokers = 1",
            &["kafka", "no such setting", "wrong.toml"],
        ),
        ("mcp_http_port = { a = 1 }", &["MCP_HTTP_PORT", "a table"]),
        (
            "mcp_http_port = 99999",
            &["MCP_HTTP_PORT", "99999", "0 to 65535", "wrong.toml"],
        ),
        ("this is no toml", &["--config", "wrong.toml", "line 1"]),
    ] {
        let error = from_file("wrong.toml", content).unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{part:?} is missing: {error}");
        }
    }
    let missing = Some(Path::new("/nonexistent/kafka.toml"));
    let raw = RawConfig::collect(missing, &Environment::default(), Layer::default()).unwrap();
    let error = Config::read(&raw).unwrap_err().to_string();
    assert!(
        error.contains("--config") && error.contains("/nonexistent/kafka.toml"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let value = std::ffi::OsString::from_vec(vec![0xff]);
    let environment = Environment::new([("KAFKA_BROKERS".into(), value)]);
    let raw = RawConfig::collect(None, &environment, Layer::default()).unwrap();
    let error = Config::read(&raw).unwrap_err().to_string();
    assert!(
        error.contains("KAFKA_BROKERS") && error.contains("UTF-8"),
        "{error}"
    );
}

fn warnings(variables: &[(&str, &str)]) -> Vec<String> {
    let config = accepted(variables);
    config.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_variable_that_is_misspelt_is_warned_of() {
    for (name, meant) in [
        ("KAFKA_BROKER", "KAFKA_BROKERS"),
        ("KAFKA_MCP_READONLY", "KAFKA_MCP_READ_ONLY"),
        ("KAFKA_MCP_TOPICS_ALLOWED", "KAFKA_MCP_TOPICS_ALLOW"),
        ("MCP_HTTP_PROT", "MCP_HTTP_PORT"),
        ("OAUTH_ENABLE", "OAUTH_ENABLED"),
    ] {
        let expected = format!("{name} is no setting and has no effect; did you mean {meant}?");
        assert_eq!(warnings(&[(name, "x")]), [expected]);
    }
    let warned = warnings(&[("KAFKA_MCP_ZZZ", "x")]);
    assert!(
        warned[0].starts_with("KAFKA_MCP_ZZZ is no setting"),
        "{warned:?}"
    );
}

#[test]
fn variables_of_others_are_nothing_to_warn_of() {
    for name in [
        "HTTP_PROXY",
        "KAFKA_HOME",
        "KAFKA_MCP_SERVER_PORT",
        "KAFKA_MCP_SERVER_PORT_8080_TCP_ADDR",
        "KAFKA_MCP_SERVER_SERVICE_HOST",
        "KAFKA_OPTS",
        "KAFKA_PORT",
        "KAFKA_TEST_BROKERS",
        "LOGNAME",
        "MCP_TIMEOUT",
    ] {
        assert_eq!(warnings(&[(name, "x")]), [""; 0], "{name}");
    }
}
