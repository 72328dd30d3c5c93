//! SASL and TLS against the listeners of a real Kafka, right and wrong.

use kafka_tools::{
    Client, ClientIdentity, Error, Fault, KafkaConfig, SaslConfig, ServerVerification, TlsConfig,
};
use serde_json::json;
use testkit::{ClusterState, KeyPair, McpClient, RealKafka, TokenEndpoint, Transport};

#[tokio::test]
async fn every_sasl_mechanism_lets_a_user_in_with_the_right_password() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    for listener in ["sasl_plaintext", "sasl_ssl"] {
        for sasl in mechanisms(&state.users[1].name, &state.users[1].password) {
            let mechanism = sasl.mechanism();
            let mut config = state.config(listener);
            config.tls = (listener == "sasl_ssl").then(|| trusting(&state));
            config.sasl = Some(sasl);
            let listing = client(config).list_topics().await;
            listing.unwrap_or_else(|error| panic!("{mechanism} on {listener}: {error:?}"));
        }
    }
}

#[tokio::test]
async fn a_wrong_password_or_user_is_an_authentication_failure_without_a_secret() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    for user in [state.users[1].name.as_str(), "nobody"] {
        for sasl in mechanisms(user, CANARY) {
            let mechanism = sasl.mechanism();
            let mut config = state.config("sasl_plaintext");
            config.sasl = Some(sasl);
            let error = refused(config).await;
            assert!(
                matches!(error, Error::Authentication { .. }),
                "{mechanism}: {error:?}"
            );
            assert_eq!(
                (error.fault(), error.is_retriable()),
                (Fault::Operator, false)
            );
        }
    }
}

#[tokio::test]
async fn no_credentials_where_some_are_needed_is_an_error_within_the_deadline() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    refused(state.config("sasl_plaintext")).await;
}

#[tokio::test]
async fn oauthbearer_lets_in_whoever_gets_a_token_and_nobody_else() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let ca = state.tls.ca.to_string_lossy();
    let endpoints = [
        (TokenEndpoint::start(&state, "alice").await, true),
        (TokenEndpoint::refusing(&state).await, false),
    ];
    for (endpoint, is_let_in) in endpoints {
        let url = endpoint.url();
        let settings = [
            ("KAFKA_BROKERS", &*state.listeners["oauthbearer"]),
            ("KAFKA_SASL_MECHANISM", "oauthbearer"),
            ("KAFKA_SASL_OAUTH_TOKEN_URL", &url),
            ("KAFKA_SASL_OAUTH_CLIENT_ID", "client"),
            ("KAFKA_SASL_OAUTH_CLIENT_SECRET", CANARY),
            ("LOG_LEVEL", "trace"),
            // The process's own trust store, which is where the token endpoint is looked up.
            ("SSL_CERT_FILE", &ca),
        ];
        let client = McpClient::connect(Transport::Http, &settings).await;
        if is_let_in {
            client.result("list_topics", json!({})).await;
        } else {
            let failure = client.failure("list_topics", json!({})).await;
            assert_eq!(failure["code"], "authentication_failed", "{failure}");
        }
        assert!(!client.log().contains(CANARY), "{}", client.log());
    }
}

#[tokio::test]
async fn tls_with_the_clusters_authority_is_trusted() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let mut config = state.config("ssl");
    config.tls = Some(trusting(&state));
    client(config)
        .list_topics()
        .await
        .expect("a trusted broker");
}

#[tokio::test]
async fn each_fault_of_the_brokers_certificate_is_a_tls_error_that_names_it() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let mut foreign = TlsConfig::default();
    foreign.ca_file = Some(state.tls.other_ca.clone());
    for (listener, tls, word) in [
        ("ssl", TlsConfig::default(), "UnknownIssuer"),
        ("ssl", foreign, "UnknownIssuer"),
        ("expired", trusting(&state), "expired"),
        ("wrong_host", trusting(&state), "not valid for"),
    ] {
        let mut config = state.config(listener);
        config.tls = Some(tls);
        let error = refused(config).await;
        assert!(matches!(error, Error::Tls { .. }), "{listener}: {error:?}");
        assert!(error.to_string().contains(word), "{listener}: {error}");
        assert_eq!(
            (error.fault(), error.is_retriable()),
            (Fault::Operator, false)
        );
    }
}

#[tokio::test]
async fn verification_can_be_switched_off_for_experiments() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    for listener in ["ssl", "expired", "wrong_host"] {
        let mut config = state.config(listener);
        let mut tls = TlsConfig::default();
        tls.verification = ServerVerification::DangerouslySkip;
        config.tls = Some(tls);
        client(config)
            .list_topics()
            .await
            .unwrap_or_else(|error| panic!("{listener}: {error:?}"));
    }
}

#[tokio::test]
async fn mutual_tls_lets_in_whoever_has_a_good_certificate_and_nobody_else() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let with = |identity: Option<&KeyPair>| {
        let mut config = state.config("mtls");
        let mut tls = trusting(&state);
        tls.identity = identity.map(|pair| ClientIdentity::new(&pair.certificate, &pair.key));
        config.tls = Some(tls);
        config
    };
    client(with(Some(&state.tls.client)))
        .list_topics()
        .await
        .expect("let in");
    for bad in [
        None,
        Some(&state.tls.client_expired),
        Some(&state.tls.client_untrusted),
    ] {
        let error = refused(with(bad)).await;
        assert!(matches!(error, Error::Tls { .. }), "{bad:?}: {error:?}");
    }
}

#[tokio::test]
async fn plain_text_to_a_tls_listener_and_the_reverse_end_within_the_deadline() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    refused(state.config("ssl")).await;
    let mut config = state.config("plaintext");
    config.tls = Some(trusting(&state));
    refused(config).await;
}

#[tokio::test]
async fn a_certificate_file_that_is_missing_is_an_error_that_names_it() {
    let Some((_kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let mut config = state.config("ssl");
    let mut tls = TlsConfig::default();
    tls.ca_file = Some("/no/such/ca.pem".into());
    config.tls = Some(tls);
    let error = match Client::new(config) {
        Ok(client) => client.list_topics().await.expect_err("no such file"),
        Err(error) => error,
    };
    assert!(error.to_string().contains("/no/such/ca.pem"), "{error:?}");
    assert_eq!(error.fault(), Fault::Operator, "{error:?}");
}

fn mechanisms(user: &str, password: &str) -> [SaslConfig; 3] {
    let (user, password) = (|| user.to_owned(), || password.to_owned().into());
    [
        SaslConfig::Plain {
            user: user(),
            password: password(),
        },
        SaslConfig::ScramSha256 {
            user: user(),
            password: password(),
        },
        SaslConfig::ScramSha512 {
            user: user(),
            password: password(),
        },
    ]
}

fn trusting(state: &ClusterState) -> TlsConfig {
    let mut tls = TlsConfig::default();
    tls.ca_file = Some(state.tls.ca.clone());
    tls
}

fn client(config: KafkaConfig) -> Client {
    Client::new(config).expect("a valid configuration")
}

/// The error of a first call, which comes in time and gives no secret away.
async fn refused(config: KafkaConfig) -> Error {
    let started = tokio::time::Instant::now();
    let limit = config.timeout + std::time::Duration::from_secs(1);
    let error = client(config)
        .list_topics()
        .await
        .expect_err("it must not work");
    assert!(
        started.elapsed() < limit,
        "took {:?}: {error:?}",
        started.elapsed()
    );
    let text = format!("{error} {error:?}");
    assert!(!text.contains(CANARY), "{text}");
    error
}

const CANARY: &str = "canary-0451";
