//! Consumer groups of clients that have nothing to do with the library under test.

use std::path::PathBuf;

use serde::Deserialize;
use tokio::{process::Command, time::timeout};

use crate::{
    JavaProgram,
    foreign_writer::{installed, sources},
    patience::FOREIGN_PROGRAM,
};

/// A client in another language, which writes to a topic and reads that with a group of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignGroup {
    /// Maven `org.apache.kafka:kafka-clients`.
    Java,
    /// npm `kafkajs`.
    Kafkajs,
    /// PyPI `confluent-kafka`.
    Librdkafka,
}

/// What a group has done.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct GroupReport {
    /// How many records it has read; there are ten in each partition.
    pub read: usize,
    /// How many partitions each member had at the end.
    pub shares: Vec<usize>,
}

impl ForeignGroup {
    /// Runs it with these further arguments; `None`, with a note, if it is not installed.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub async fn run(
        self,
        brokers: &str,
        topic: &str,
        group: &str,
        partitions: i32,
        further: &[&str],
    ) -> Option<GroupReport> {
        let mut command = match self {
            Self::Java => JavaProgram::Group.command()?,
            Self::Kafkajs => script("node".into(), installed("node/group.mjs")?),
            Self::Librdkafka => {
                let python = installed("python/bin/python")?;
                script(python, sources().join("group.py"))
            }
        };
        let run = command
            .args([brokers, topic, group, &partitions.to_string()])
            .args(further)
            .kill_on_drop(true)
            .output();
        let run = timeout(FOREIGN_PROGRAM, run).await;
        let run = run.expect("the program ends").expect("it starts");
        let complaints = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{self:?} {further:?}: {complaints}");
        Some(serde_json::from_slice(&run.stdout).expect("a report"))
    }
}

fn script(program: PathBuf, script: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.arg(script);
    command
}
