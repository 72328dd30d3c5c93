//! Programs in JavaScript that answer questions.

use std::{path::Path, process::Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::environment;

/// A program of `tests/openid` that answers each line of JSON by another one.
#[derive(Debug)]
pub struct NodeProgram {
    // Killed when dropped.
    _process: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl NodeProgram {
    /// Starts one; `None`, with a note, if what it needs is not installed.
    ///
    /// # Panics
    ///
    /// If Node is not there, or not new enough.
    #[must_use]
    pub fn start(script: &str) -> Option<Self> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("openid");
        if !directory.join("node_modules").exists() {
            environment::skip(
                "the OpenID packages are not installed: tests/openid/prepare does it",
            );
            return None;
        }
        let mut process = Command::new("node")
            .arg(directory.join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What goes wrong is told in the answers; the rest is advice for production.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Node runs");
        let questions = process.stdin.take().expect("it is piped");
        let answers = process.stdout.take().expect("it is piped");
        Some(Self {
            _process: process,
            questions,
            answers: BufReader::new(answers).lines(),
        })
    }

    /// Asks, and waits for the answer.
    ///
    /// # Panics
    ///
    /// If there is none, or an error.
    pub async fn ask(&mut self, question: &Value) -> Value {
        let line = format!("{question}\n");
        let asked = self.questions.write_all(line.as_bytes()).await;
        asked.expect("the program reads");
        self.answer().await
    }

    /// Waits for the next answer, to whatever question.
    ///
    /// # Panics
    ///
    /// If there is none, or an error.
    pub async fn answer(&mut self) -> Value {
        let line = self.answers.next_line().await.expect("text");
        let line = line.expect("the program runs");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert!(answer["error"].is_null(), "{answer}");
        answer
    }
}
