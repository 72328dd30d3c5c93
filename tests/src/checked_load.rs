//! Calls at a steady rate, whose answers are compared with what was written.

mod ledger;
mod load_report;
mod tool_caller;

use std::{
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use kafka_tools::TopicName;
use serde_json::{Value, json};
use tokio::time::Instant;

pub use self::load_report::LoadReport;
use self::{
    ledger::{Fate, Ledger, Start},
    tool_caller::{Answer, ToolCaller},
};
use crate::{Server, eventually};

/// Calls at a steady rate, half of which write a record and half of which read some, through a
/// server that is a process of its own. Each answer is compared with what was written, and in the
/// end the whole topic is: what was acknowledged is there once, at its offset; what may have been
/// written is there once at most; what failed is not there.
///
/// The topic has to be empty and is nobody else's.
#[derive(Debug)]
pub struct CheckedLoad {
    caller: ToolCaller,
    topic: TopicName,
    rate: u32,
    next: AtomicU64,
    ledger: Mutex<Ledger>,
    report: Mutex<LoadReport>,
}

impl CheckedLoad {
    /// A load of `rate` calls a second on the partitions of an empty topic.
    #[must_use]
    pub fn new(server: &Server, topic: TopicName, partitions: i32, rate: u32) -> Self {
        Self {
            caller: ToolCaller::new(server),
            topic,
            rate,
            next: AtomicU64::new(0),
            ledger: Mutex::new(Ledger::new(partitions)),
            report: Mutex::default(),
        }
    }

    /// Calls for as long as something goes on, and waits until the last call has ended.
    pub async fn during<T>(&self, something: impl Future<Output = T>) -> T {
        let mut something = pin!(something);
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / self.rate);
        let mut calls = FuturesUnordered::new();
        let outcome = loop {
            tokio::select! {
                outcome = &mut something => break outcome,
                _ = ticks.tick() => calls.push(self.call()),
                Some(()) = calls.next(), if !calls.is_empty() => {}
            }
        };
        while calls.next().await.is_some() {}
        outcome
    }

    /// What came of the calls so far.
    ///
    /// # Panics
    ///
    /// Never: nothing panics while the lock is held.
    #[must_use]
    pub fn report(&self) -> LoadReport {
        self.report.lock().expect("unpoisoned").clone()
    }

    /// Compares the whole topic with what was written, and returns what came of all calls.
    ///
    /// # Panics
    ///
    /// If the topic cannot be read although nothing goes wrong any more.
    pub async fn finish(self) -> LoadReport {
        let mut cursor = Value::Null;
        let mut found = Vec::new();
        loop {
            let page = eventually("a page of the topic", || self.page(&cursor)).await;
            found.extend(page["messages"].as_array().cloned().unwrap_or_default());
            cursor = page["next_cursor"].clone();
            if page["has_more"] != true {
                break;
            }
        }
        let wrong = self.ledger.lock().expect("unpoisoned").audit(&found);
        let mut report = self.report.into_inner().expect("unpoisoned");
        report.note_wrong(wrong);
        report
    }

    /// The records after the cursor; `None` if they are not read whole.
    async fn page(&self, cursor: &Value) -> Option<Value> {
        let mut arguments = json!({ "topics": [self.topic.as_str()], "max_messages": 1000 });
        if cursor.is_null() {
            arguments["position"] = json!("earliest");
        } else {
            arguments["cursor"] = cursor.clone();
        }
        match self.caller.call("consume_messages", arguments).await {
            Answer::Result(page) if is_complete(&page) => Some(page),
            _ => None,
        }
    }

    async fn call(&self) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        let (problem, wrong) = if number.is_multiple_of(2) {
            (self.write(number).await, Vec::new())
        } else {
            self.read(number).await
        };
        let mut report = self.report.lock().expect("unpoisoned");
        report.note(started.elapsed(), problem);
        report.note_wrong(wrong);
    }

    /// Writes a record that is like no other, and notes its fate; returns what went wrong.
    async fn write(&self, number: u64) -> Option<String> {
        let partition = self.ledger.lock().expect("unpoisoned").begin(number);
        let arguments = json!({
            "topic": self.topic.as_str(), "partition": partition, "value": number.to_string(),
        });
        let answer = self.caller.call("produce_message", arguments).await;
        let (fate, problem) = match answer {
            Answer::Result(result) => match result["offset"].as_i64() {
                Some(offset) => (Fate::At(offset), None),
                None => (Fate::Somewhere, None),
            },
            Answer::Failure(code) if code == "maybe_written" => (Fate::Maybe, Some(code)),
            Answer::Failure(code) => (Fate::Refused, Some(code)),
            // Nobody knows what became of a call whose answer is lost.
            Answer::None(reason) => (Fate::Maybe, Some(reason)),
        };
        self.ledger.lock().expect("unpoisoned").settle(number, fate);
        problem
    }

    /// Reads some records; returns what went wrong, and what the answer said wrongly.
    async fn read(&self, number: u64) -> (Option<String>, Vec<String>) {
        let wanted = self.ledger.lock().expect("unpoisoned").plan(number);
        let mut arguments = json!({
            "topics": [self.topic.as_str()],
            "partitions": [wanted.partition],
            "max_messages": MESSAGES,
        });
        match wanted.start {
            Start::Offset(offset) => {
                arguments["position"] = json!("offset");
                arguments["offset"] = json!(offset);
            }
            Start::Recent => arguments["position"] = json!("recent"),
        }
        match self.caller.call("consume_messages", arguments).await {
            Answer::Result(result) => {
                let wrong = self
                    .ledger
                    .lock()
                    .expect("unpoisoned")
                    .judge(&wanted, &result);
                let problem = (!is_complete(&result)).then(|| "partial result".to_owned());
                (problem, wrong)
            }
            Answer::Failure(reason) | Answer::None(reason) => (Some(reason), Vec::new()),
        }
    }
}

/// Whether a read says that it read all it was to read.
fn is_complete(result: &Value) -> bool {
    let ended = ["end_of_log", "max_messages"].map(Value::from);
    ended.contains(&result["stopped"]) && result["complete"] != false
}

/// How many records a read asks for.
const MESSAGES: usize = 20;
