//! A cluster of three brokers, of which tests kill some.

use std::{ops::Deref, process::Stdio};

use tokio::{
    process::Command,
    sync::{Mutex, MutexGuard},
};

use crate::{RealKafka, environment, real_kafka};

/// A cluster of three brokers, which `KAFKA_TEST_CLUSTER3_STATE` names. One test at a time has it.
#[derive(Debug)]
pub struct ThreeBrokers {
    kafka: RealKafka,
    name: String,
    _turn: MutexGuard<'static, ()>,
}

impl ThreeBrokers {
    /// The cluster, with all brokers up; `None`, with a note, if none is named.
    ///
    /// # Panics
    ///
    /// If one is named and cannot be used, or if none is and `KAFKA_TEST_REQUIRED` is `1`.
    pub async fn find() -> Option<Self> {
        static TURN: Mutex<()> = Mutex::const_new(());
        let Some(state) = real_kafka::state_file("KAFKA_TEST_CLUSTER3_STATE") else {
            environment::skip("KAFKA_TEST_CLUSTER3_STATE names no cluster of three brokers");
            return None;
        };
        let turn = TURN.lock().await;
        let name = state.name.clone();
        xtask(&["up", "--name", &name]).await;
        let brokers = state
            .listeners
            .get("plaintext")
            .expect("a plain listener")
            .clone();
        let kafka = RealKafka::open(brokers, Some(state)).await;
        Some(Self {
            kafka,
            name,
            _turn: turn,
        })
    }

    /// Ends a broker at once, as a power cut would.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub async fn kill(&self, node: i32) {
        xtask(&["kill", "--name", &self.name, "--node", &node.to_string()]).await;
    }

    /// Starts all brokers that were ended or frozen, and waits until they are back.
    ///
    /// # Panics
    ///
    /// If they do not come back.
    pub async fn start_all(&self) {
        xtask(&["up", "--name", &self.name]).await;
    }

    /// Ends a broker in an orderly way: others lead what it led before it is gone.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub async fn stop(&self, node: i32) {
        xtask(&["stop", "--name", &self.name, "--node", &node.to_string()]).await;
    }

    /// Freezes a broker: its connections stay open, and nobody answers on them.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub async fn pause(&self, node: i32) {
        xtask(&["pause", "--name", &self.name, "--node", &node.to_string()]).await;
    }

    /// Starts a broker that was ended or frozen, and waits until it is back.
    ///
    /// # Panics
    ///
    /// If it does not come back.
    pub async fn start(&self, node: i32) {
        xtask(&["start", "--name", &self.name, "--node", &node.to_string()]).await;
    }
}

impl Deref for ThreeBrokers {
    type Target = RealKafka;

    fn deref(&self) -> &RealKafka {
        &self.kafka
    }
}

async fn xtask(arguments: &[&str]) {
    let cargo = environment::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let done = Command::new(cargo)
        .args(["run", "--quiet", "--package", "xtask", "--", "kafka"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .await
        .expect("cargo runs");
    assert!(
        done.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}
