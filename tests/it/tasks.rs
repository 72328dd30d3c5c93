//! What people ask an agent about a cluster: the shortest way to each answer, and what it costs.
//!
//! `docs/tools.md` holds the costs. They may fall, and then the document is to say so
//! (`UPDATE_TASKS=1 cargo test --test it tasks::`); they never rise unnoticed.

mod broken;
mod cluster;
mod desk;
mod groups;
mod records;
mod topics;
mod world;

use std::{fs, path::Path};

use futures_util::future::BoxFuture;

use self::{desk::Desk, world::World};

/// A question, and the calls that answer it. They fail where the answer is wrong.
struct Task {
    question: &'static str,
    solve: for<'a> fn(&'a mut Desk<'_>) -> BoxFuture<'a, ()>,
}

/// A task whose way to the answer is an `async fn`.
macro_rules! task {
    ($question:literal, $solve:path) => {
        Task {
            question: $question,
            solve: |desk| futures_util::FutureExt::boxed($solve(desk)),
        }
    };
}
use task;

/// What solving a task took.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    question: String,
    calls: String,
    tokens: usize,
}

#[tokio::test]
async fn every_task_is_solved_and_none_costs_more_than_is_written_down() {
    let mut costs = Vec::new();
    let world = World::start().await;
    for task in cluster::TASKS
        .iter()
        .chain(topics::TASKS)
        .chain(records::TASKS)
        .chain(groups::TASKS)
    {
        costs.push(cost(&world, task).await);
    }
    world.lose_a_broker().await;
    for task in broken::TASKS {
        costs.push(cost(&world, task).await);
    }
    world.shutdown().await;
    assert_eq!(costs.len(), 25);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tools.md");
    let document = fs::read_to_string(&path).expect("the document");
    let written = read(&document);
    if std::env::var_os("UPDATE_TASKS").is_some() {
        fs::write(&path, replace(&document, &costs)).expect("written");
        return;
    }
    for (cost, written) in costs.iter().zip(&written) {
        assert!(
            cost.tokens <= written.tokens,
            "dearer: {cost:?}, written is {written:?}"
        );
    }
    assert_eq!(costs, written, "write it down with UPDATE_TASKS=1");
}

async fn cost(world: &World, task: &Task) -> Cost {
    let mut desk = Desk::new(world);
    (task.solve)(&mut desk).await;
    Cost {
        question: task.question.to_owned(),
        calls: desk.calls(),
        tokens: desk.tokens(),
    }
}

/// The table of a document.
fn read(document: &str) -> Vec<Cost> {
    let (_, rest) = document.split_once(HEADER).expect("a table");
    let rows = rest
        .trim_start()
        .lines()
        .take_while(|line| line.starts_with('|'));
    let rows = rows.filter(|row| !row.starts_with("| **"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [question, calls, tokens] = cells[..] else {
            panic!("{row}");
        };
        Cost {
            question: question.to_owned(),
            calls: calls.to_owned(),
            tokens: tokens.parse().expect("a number"),
        }
    })
    .collect()
}

/// The document with a new table.
fn replace(document: &str, costs: &[Cost]) -> String {
    let (before, rest) = document.split_once(HEADER).expect("a table");
    let after = rest
        .trim_start()
        .lines()
        .skip_while(|line| line.starts_with('|'));
    let after: String = after.map(|line| format!("{line}\n")).collect();
    let rows = costs.iter().map(|cost| {
        let Cost {
            question,
            calls,
            tokens,
        } = cost;
        format!("| {question} | {calls} | {tokens} |\n")
    });
    let rows: String = rows.collect();
    let total: usize = costs.iter().map(|cost| cost.tokens).sum();
    format!("{before}{HEADER}\n{rows}| **all** | | **{total}** |\n{after}")
}

const HEADER: &str = "| question | calls | tokens |\n|---|---|---:|";
