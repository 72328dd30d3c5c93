use std::{env, fs, path::PathBuf};

use kafka_tools::{EngineKind, SaslConfig, ServerVerification};
use secrecy::ExposeSecret;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::new(
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    )
}

pub(super) fn collected(variables: &[(&str, &str)]) -> Result<RawConfig, ConfigError> {
    RawConfig::collect(None, &environment(variables), Layer::default())
}

fn flags(values: &[(&Setting, &str)]) -> Layer {
    let mut layer = Layer::new("flag");
    for (setting, value) in values {
        layer.set(setting, (*value).to_owned());
    }
    layer
}

pub(super) fn resolve(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&collected(variables)?)
}

#[track_caller]
pub(super) fn accepted(variables: &[(&str, &str)]) -> Config {
    resolve(variables).unwrap_or_else(|error| panic!("{variables:?}: {error}"))
}

/// Checks that the configuration is refused, and that the refusal contains all of `parts`.
#[track_caller]
pub(super) fn refused(variables: &[(&str, &str)], parts: &[&str]) {
    let error = resolve(variables).expect_err("it was accepted").to_string();
    for part in parts {
        assert!(error.contains(part), "{part:?} is missing: {error}");
    }
}

/// A file that is removed when it is dropped.
pub(super) struct TestFile(PathBuf);

impl TestFile {
    pub(super) fn new(name: &str, content: &str) -> Self {
        let path = env::temp_dir().join(format!("kafka-mcp-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn from_file(name: &str, content: &str) -> Result<Config, ConfigError> {
    let file = TestFile::new(name, content);
    let raw = RawConfig::collect(Some(&file.0), &Environment::default(), Layer::default())?;
    Config::read(&raw)
}

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
fn plain_and_scram_need_user_and_password() {
    for (mechanism, name) in [
        ("plain", "PLAIN"),
        ("SCRAM-SHA-256", "SCRAM-SHA-256"),
        ("scram-sha-512", "SCRAM-SHA-512"),
    ] {
        let mechanism = ("KAFKA_SASL_MECHANISM", mechanism);
        let (user, password) = (("KAFKA_SASL_USER", "u"), ("KAFKA_SASL_PASSWORD", "p"));
        let sasl = accepted(&[mechanism, user, password]).kafka.sasl.unwrap();
        assert_eq!(sasl.mechanism(), name);
        refused(&[mechanism, user], &["KAFKA_SASL_PASSWORD"]);
        refused(&[mechanism, password], &["KAFKA_SASL_USER"]);
        refused(&[mechanism], &["KAFKA_SASL_USER", "KAFKA_SASL_PASSWORD"]);
    }
}

#[test]
fn oauthbearer_needs_a_token_endpoint_and_a_client() {
    let mechanism = ("KAFKA_SASL_MECHANISM", "oauthbearer");
    refused(
        &[mechanism],
        &[
            "KAFKA_SASL_OAUTH_TOKEN_URL",
            "KAFKA_SASL_OAUTH_CLIENT_ID",
            "KAFKA_SASL_OAUTH_CLIENT_SECRET",
        ],
    );
    let config = accepted(&[
        mechanism,
        ("KAFKA_SASL_OAUTH_TOKEN_URL", "https://idp.example/token"),
        ("KAFKA_SASL_OAUTH_CLIENT_ID", "id"),
        ("KAFKA_SASL_OAUTH_CLIENT_SECRET", "s"),
        ("KAFKA_SASL_OAUTH_SCOPE", "a b"),
    ]);
    let Some(SaslConfig::OAuthBearer(credentials)) = config.kafka.sasl else {
        panic!()
    };
    assert_eq!(credentials.scope.as_deref(), Some("a b"));
}

#[test]
fn a_password_is_taken_verbatim() {
    for secret in ["0123", "true", "\"quoted\"", " spaces ", "[1,2]", "a=b#c"] {
        let config = accepted(&[
            ("KAFKA_SASL_MECHANISM", "plain"),
            ("KAFKA_SASL_USER", "u"),
            ("KAFKA_SASL_PASSWORD", secret),
        ]);
        let Some(SaslConfig::Plain { password, .. }) = config.kafka.sasl else {
            panic!()
        };
        assert_eq!(password.expose_secret(), secret);
    }
}

#[test]
fn a_secret_may_come_from_a_file_without_its_last_newline() {
    let file = TestFile::new("password", "line\n\n");
    let variables = [
        ("KAFKA_SASL_MECHANISM", "plain"),
        ("KAFKA_SASL_USER", "u"),
        ("KAFKA_SASL_PASSWORD_FILE", file.path()),
    ];
    let Some(SaslConfig::Plain { password, .. }) = accepted(&variables).kafka.sasl else {
        panic!()
    };
    assert_eq!(password.expose_secret(), "line\n");
    let both = [&variables[..], &[("KAFKA_SASL_PASSWORD", "canary-0451")]].concat();
    refused(&both, &["KAFKA_SASL_PASSWORD", "KAFKA_SASL_PASSWORD_FILE"]);
    let missing = [("KAFKA_SASL_PASSWORD_FILE", "/nonexistent/secret")];
    refused(
        &missing,
        &["KAFKA_SASL_PASSWORD_FILE", "/nonexistent/secret"],
    );
    let empty = TestFile::new("empty-password", "\n");
    refused(&[("KAFKA_SASL_PASSWORD_FILE", empty.path())], &["is empty"]);
}

#[test]
fn no_secret_is_ever_printed() {
    let secrets = [
        ("KAFKA_SASL_PASSWORD", "canary-0451"),
        ("KAFKA_SASL_OAUTH_CLIENT_SECRET", "canary-0451"),
        (
            "KAFKA_SASL_OAUTH_TOKEN_URL",
            "https://idp.example/token?key=canary-0451",
        ),
        ("KAFKA_SASL_MECHANISM", "plain"),
        ("KAFKA_SASL_USER", "u"),
        ("OIDC_CLIENT_SECRET", "canary-0451"),
        ("JWT_SECRET", "canary-0451"),
        ("JWT_SECRET_PREVIOUS", "canary-0451"),
        ("HTTPS_PROXY", "http://canary:0451@proxy.example:3128"),
    ];
    let environment = environment(&secrets);
    let raw = RawConfig::collect(None, &environment, Layer::default()).unwrap();
    let config = Config::read(&raw).unwrap();
    for text in [
        raw.printed().to_string(),
        format!("{raw:?}"),
        format!("{config:?}"),
    ] {
        assert!(!text.contains("canary"), "{text}");
    }
    let wrong = [
        &secrets[..],
        &[("MCP_HTTP_PORT", "x"), ("KAFKA_SASL_PASSWORD_FILE", "/x")],
    ];
    let error = resolve(&wrong.concat()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    let broken = "kafka_sasl_password = \"canary-0451\nkafka_brokers = 1\n";
    let error = from_file("canary.toml", broken).unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("canary-0451"),
        "{error}"
    );
}

#[test]
fn a_wrong_token_endpoint_is_refused_without_quoting_it() {
    for url in [
        "https://client:canary-0451@idp.example/token",
        "https://canary-0451@idp.example/token",
        "http://client:canary-0451@idp.example/token",
        "client:canary-0451@idp.example",
        "https://client:canary 0451@idp.example/token",
    ] {
        let error = resolve(&[("KAFKA_SASL_OAUTH_TOKEN_URL", url)]).expect_err(url);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("KAFKA_SASL_OAUTH_TOKEN_URL"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }
    let allowed = "allowed: an https URL without credentials (from environment)";
    for (url, reason) in [
        (
            "https://a:b@idp.example/token",
            "the value holds credentials",
        ),
        ("http://idp.example/token", "in the clear"),
        ("token", "is not an https URL"),
    ] {
        refused(&[("KAFKA_SASL_OAUTH_TOKEN_URL", url)], &[reason, allowed]);
    }
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

#[test]
fn urls_are_printed_without_what_may_be_secret() {
    for (url, printed) in [
        (
            "https://idp.example/t",
            "kafka_sasl_oauth_token_url = \"https://idp.example/t\" # env",
        ),
        (
            "https://idp.example/t?k=canary",
            "# kafka_sasl_oauth_token_url is \"https://idp.example/t\" with a secret query (env",
        ),
    ] {
        let raw = collected(&[("KAFKA_SASL_OAUTH_TOKEN_URL", url)]).unwrap();
        let text = raw.printed().to_string();
        assert!(text.contains(printed), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
    let raw = collected(&[("HTTPS_PROXY", "http://u:canary?#@proxy:1")]).unwrap();
    let text = raw.printed().to_string();
    assert!(
        text.contains("# https_proxy is secret (environment)\n"),
        "{text}"
    );
}

#[test]
fn what_is_printed_is_a_file_that_means_the_same() {
    let variables = environment(&[("KAFKA_CLIENT_ID", "a\"b\\c\td"), ("MCP_HTTP_PORT", "7")]);
    let raw = RawConfig::collect(None, &variables, Layer::default()).unwrap();
    let printed = raw.printed().to_string();
    assert!(
        printed.contains("mcp_http_port = \"7\" # environment\n"),
        "{printed}"
    );
    let config = from_file("printed.toml", &printed).unwrap();
    assert_eq!(config.kafka.client_id, "a\"b\\c\td");
}
