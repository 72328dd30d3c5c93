//! Programs for the Java client.

use tokio::{process::Command, time::timeout};

use crate::{
    environment, foreign_writer::sources, patience::FOREIGN_PROGRAM, real_kafka::state_file,
};

/// A program of one file in `tests/writers`, for the Java client among the jars of the real Kafka that
/// is up. Whether it talks to that one is another matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JavaProgram {
    /// What an administrator does with groups.
    AdminGroups,
    /// What an administrator does with topics and nodes.
    AdminTopics,
    /// A group of two; see [`ForeignGroup`](crate::ForeignGroup).
    Group,
    /// Logins, right and wrong.
    Login,
    /// Transactions, and what is seen of them.
    Transactions,
}

impl JavaProgram {
    /// Runs it with these arguments; `None`, with a note, if there is no Java client. What it prints
    /// is returned.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub async fn run(self, arguments: &[&str]) -> Option<String> {
        let run = self.command()?.args(arguments).kill_on_drop(true).output();
        let run = timeout(FOREIGN_PROGRAM, run).await;
        let run = run.expect("the program ends").expect("it starts");
        let complaints = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{self:?}: {complaints}");
        Some(String::from_utf8_lossy(&run.stdout).into_owned())
    }

    /// The beginning of its command line; `None`, with a note, if there is no Java client.
    pub(crate) fn command(self) -> Option<Command> {
        let Some(state) = state_file("KAFKA_TEST_STATE") else {
            environment::skip("there is no Java client: `cargo xtask kafka up` brings it");
            return None;
        };
        let mut command = Command::new("java");
        command
            // It lives for seconds: starting is most of the work. What it prints is its report.
            .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"])
            .arg("-Dorg.apache.logging.log4j.level=OFF")
            .arg("-cp")
            .arg(state.jars.join("*"))
            .arg(sources().join(format!("{self:?}.java")));
        Some(command)
    }
}
