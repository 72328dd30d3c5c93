//! What proves who the server is to Kafka, and what is printed of it.

use kafka_tools::SaslConfig;
use secrecy::ExposeSecret;

use super::*;

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
fn the_state_key_is_long_and_strong_or_left_out() {
    assert!(accepted(&[]).state_key.is_none());
    let key = "9f3b1c7e5a2d4f6089ab1234cdef5678";
    assert!(
        accepted(&[("KAFKA_MCP_STATE_KEY", key)])
            .state_key
            .is_some()
    );
    let file = TestFile::new("state-key", &format!("{key}\n"));
    let from_file = [("KAFKA_MCP_STATE_KEY_FILE", file.path())];
    assert!(accepted(&from_file).state_key.is_some());
    let both = [from_file[0], ("KAFKA_MCP_STATE_KEY", key)];
    refused(&both, &["KAFKA_MCP_STATE_KEY_FILE is set too"]);
    for (key, reason) in [
        (&key[1..], "the key has 31 bytes, and needs 32 or more"),
        (&"ab".repeat(20), "a short pattern, repeated"),
        (&format!("changeme-{key}"), "is a placeholder"),
    ] {
        let error = resolve(&[("KAFKA_MCP_STATE_KEY", key)]).expect_err(reason);
        let shown = format!("{error} {error:?}");
        for part in ["KAFKA_MCP_STATE_KEY", reason, "kafka-mcp-server keys"] {
            assert!(shown.contains(part), "{shown}");
        }
        assert!(!shown.contains(key), "{shown}");
    }
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
        (
            "KAFKA_MCP_STATE_KEY",
            "canary-0451-9f3b1c7e5a2d-canary-0451",
        ),
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
