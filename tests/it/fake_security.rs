//! Logging in to kafka-fake, over plain connections and over TLS, with both engines.

use std::{path::Path, sync::Arc};

use kafka_fake::{Cluster, ClusterBuilder};
use kafka_tools::{Client, EngineKind, Error, SaslConfig, TlsConfig};
use rustls::{ServerConfig, crypto::ring};
use testkit::{bootstrap, unique_name};

#[tokio::test]
async fn both_engines_log_in_with_every_mechanism_and_the_right_password() {
    let cluster = with_alice().start().await.expect("ports");
    for engine in [EngineKind::Krafka, EngineKind::Rskafka] {
        for (password, is_let_in) in [("alice-secret", true), ("wrong", false)] {
            for sasl in mechanisms(password) {
                let mechanism = sasl.mechanism();
                let mut config = bootstrap(&cluster.bootstrap_servers());
                config.engine = engine;
                config.sasl = Some(sasl);
                let client = Client::new(config).expect("a valid configuration");
                match client.list_topics().await {
                    Ok(_) => assert!(is_let_in, "{engine:?} {mechanism}"),
                    Err(Error::Authentication { .. }) => {
                        assert!(!is_let_in, "{engine:?} {mechanism}");
                    }
                    Err(error) => panic!("{engine:?} {mechanism}: {error:?}"),
                }
            }
        }
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn both_engines_reach_it_over_tls_and_only_if_they_trust_its_certificate() {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
    let key = key.expect("a certificate");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique_name("ca.pem"));
    std::fs::write(&file, key.cert.pem()).expect("a file");
    let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private.expect("a key"));
    let builder = with_alice().tls(Arc::new(config.expect("a pair")));
    let cluster = builder.start().await.expect("ports");
    for engine in [EngineKind::Krafka, EngineKind::Rskafka] {
        for (ca_file, is_trusted) in [(Some(file.clone()), true), (None, false)] {
            let mut config = bootstrap(&cluster.bootstrap_servers());
            let mut tls = TlsConfig::default();
            tls.ca_file = ca_file;
            config.engine = engine;
            config.tls = Some(tls);
            config.sasl = mechanisms("alice-secret").into_iter().next();
            let client = Client::new(config).expect("a valid configuration");
            let listed = client.list_topics().await;
            assert_eq!(listed.is_ok(), is_trusted, "{engine:?}: {listed:?}");
        }
    }
    cluster.shutdown().await;
    std::fs::remove_file(file).expect("the file");
}

fn with_alice() -> ClusterBuilder {
    Cluster::builder().user("alice", "alice-secret")
}

fn mechanisms(password: &str) -> [SaslConfig; 3] {
    let (user, password) = (|| "alice".to_owned(), || password.to_owned().into());
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
