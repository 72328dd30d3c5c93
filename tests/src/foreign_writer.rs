//! Producers that have nothing to do with the library under test.

use std::path::{Path, PathBuf};

use kafka_tools::TopicName;
use serde::Deserialize;
use tokio::process::Command;

use crate::{ClusterState, RealKafka, environment};

/// A producer in another language, which writes a fixed set of records and tells which.
#[derive(Clone, Debug)]
pub struct ForeignWriter {
    program: PathBuf,
    arguments: Vec<PathBuf>,
}

impl ForeignWriter {
    /// The Java client of the cluster's own jars.
    #[must_use]
    pub fn java(state: &ClusterState) -> Self {
        let arguments = vec![
            "-cp".into(),
            state.jars.join("*"),
            sources().join("Writer.java"),
        ];
        Self {
            program: "java".into(),
            arguments,
        }
    }

    /// librdkafka; `None`, with a note, if it is not installed.
    #[must_use]
    pub fn librdkafka() -> Option<Self> {
        let program = installed("python/bin/python")?;
        Some(Self {
            program,
            arguments: vec![sources().join("writer.py")],
        })
    }

    /// kafkajs; `None`, with a note, if it is not installed.
    #[must_use]
    pub fn kafkajs() -> Option<Self> {
        let script = installed("node/writer.mjs")?;
        Some(Self {
            program: "node".into(),
            arguments: vec![script],
        })
    }

    /// Writes the fixed set to each topic with the codec beside it, or in transactions where the
    /// codec is `transactions`. What comes back are the records that a consumer should see, in the
    /// order of the logs.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub async fn write(&self, kafka: &RealKafka, jobs: &[(TopicName, &str)]) -> Vec<WrittenRecord> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .arg(kafka.brokers())
            .kill_on_drop(true);
        for (topic, codec) in jobs {
            command.args([topic.as_str(), codec]);
        }
        let written = command.output().await;
        let written = written.unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        assert!(
            written.status.success(),
            "{}",
            String::from_utf8_lossy(&written.stderr)
        );
        let lines = String::from_utf8_lossy(&written.stdout);
        lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("a record"))
            .collect()
    }
}

/// A record as its writer describes it; bytes are base64.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct WrittenRecord {
    /// The topic.
    pub topic: String,
    /// The key; `None` is null.
    pub key: Option<String>,
    /// The value; `None` is null.
    pub value: Option<String>,
    /// The headers in their order.
    pub headers: Vec<(String, Option<String>)>,
    /// Milliseconds since 1970.
    pub timestamp: i64,
}

pub(crate) fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("writers")
}

/// A file that `tests/writers/prepare` installs.
pub(crate) fn installed(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/test-clients")
        .join(path);
    if path.exists() {
        return Some(path);
    }
    environment::skip("the foreign clients are not installed: tests/writers/prepare does it");
    None
}
