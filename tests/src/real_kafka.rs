//! A real Apache Kafka, where one is up.

use std::{
    collections::BTreeMap,
    ops::Deref,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use kafka_tools::KafkaConfig;
use krafka::{Kafka, admin::DeleteTopicsOptions};
use serde::Deserialize;

use crate::{KafkaAccess, bootstrap, environment};

/// A real Apache Kafka, named by `KAFKA_TEST_BROKERS`, that a test may use. What the test makes in
/// it through this value is removed with it.
///
/// `KAFKA_TEST_STATE`, the file that `cargo xtask kafka up` writes, tells about its other listeners.
#[derive(Debug)]
pub struct RealKafka {
    access: KafkaAccess,
    state: Option<ClusterState>,
}

impl RealKafka {
    /// The cluster; `None`, with a note, if none is named.
    ///
    /// # Panics
    ///
    /// If one is named and cannot be used, or if none is and `KAFKA_TEST_REQUIRED` is `1`.
    pub async fn find() -> Option<Self> {
        let Some(brokers) = environment::variable("KAFKA_TEST_BROKERS") else {
            environment::skip("no Kafka is up: `cargo xtask kafka up` starts one");
            return None;
        };
        Some(Self::open(brokers, state_file("KAFKA_TEST_STATE")).await)
    }

    /// The cluster, for a test that runs on others too: without it, the test is not skipped.
    ///
    /// # Panics
    ///
    /// As [`find`](Self::find).
    pub(crate) async fn find_too() -> Option<Self> {
        if environment::variable("KAFKA_TEST_BROKERS").is_none() {
            environment::narrow("no Kafka is up: `cargo xtask kafka up` starts one");
            return None;
        }
        Self::find().await
    }

    /// The cluster with its state file; `None`, with a note, if there is none.
    ///
    /// # Panics
    ///
    /// As [`find`](Self::find).
    pub async fn find_with_state() -> Option<(Self, ClusterState)> {
        let kafka = Self::find().await?;
        let Some(state) = kafka.state.clone() else {
            environment::skip("KAFKA_TEST_STATE does not name a state file");
            return None;
        };
        Some((kafka, state))
    }

    pub(crate) async fn open(brokers: String, state: Option<ClusterState>) -> Self {
        Self {
            access: KafkaAccess::open(brokers).await,
            state,
        }
    }
}

impl Deref for RealKafka {
    type Target = KafkaAccess;

    fn deref(&self) -> &KafkaAccess {
        &self.access
    }
}

impl Drop for RealKafka {
    /// Removes the topics on a thread of its own, since this may run inside a runtime.
    fn drop(&mut self) {
        let topics = std::mem::take(&mut *self.access.topics.lock().expect("unpoisoned"));
        if topics.is_empty() {
            return;
        }
        let brokers = self.access.brokers().to_owned();
        let removed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let kafka = Kafka::builder(brokers).connect().await?;
                let options = DeleteTopicsOptions::default().timeout(PATIENCE);
                kafka.admin().delete_topics(topics, options).await
            })
        });
        if !matches!(removed.join(), Ok(Ok(_))) {
            eprintln!("topics of a test were left behind");
        }
    }
}

/// A name that no other test uses, and that can be told from the user's own.
#[must_use]
pub fn unique_name(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("kafka-mcp-test-{what}-{:x}-{count}", std::process::id())
}

/// What `cargo xtask kafka up` tells about a cluster.
#[derive(Clone, Debug, Deserialize)]
pub struct ClusterState {
    /// Its name, as `--name` takes it.
    pub name: String,
    /// The directory of the broker's jars, which have the Java clients.
    pub jars: PathBuf,
    /// The bootstrap addresses of each listener, comma-separated.
    pub listeners: BTreeMap<String, String>,
    /// Who can log in.
    pub users: Vec<User>,
    /// The certificates.
    pub tls: TlsFiles,
}

impl ClusterState {
    /// A configuration for one of the listeners.
    ///
    /// # Panics
    ///
    /// If there is no such listener.
    #[must_use]
    pub fn config(&self, listener: &str) -> KafkaConfig {
        bootstrap(
            self.listeners
                .get(listener)
                .expect("a listener of the cluster"),
        )
    }
}

/// Somebody who can log in by SASL.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// The user name.
    pub name: String,
    /// The password, which is worth nothing outside of the test cluster.
    pub password: String,
}

/// The certificates of a test cluster.
#[derive(Clone, Debug, Deserialize)]
pub struct TlsFiles {
    /// The authority that signed the brokers' certificates.
    pub ca: PathBuf,
    /// An authority that has nothing to do with the cluster.
    pub other_ca: PathBuf,
    /// A client certificate that the brokers accept.
    pub client: KeyPair,
    /// One that has expired.
    pub client_expired: KeyPair,
    /// One that another authority signed.
    pub client_untrusted: KeyPair,
}

/// A certificate with its key, in PEM files.
#[derive(Clone, Debug, Deserialize)]
pub struct KeyPair {
    /// The certificate.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

pub(crate) fn state_file(variable: &str) -> Option<ClusterState> {
    let path = environment::variable(variable)?;
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}")))
}

const PATIENCE: Duration = Duration::from_secs(60);
