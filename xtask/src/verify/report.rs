//! What came of a run, for people.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::outcome::{Outcome, Outcomes};
use super::proof::{Proof, Row, SYSTEM, Tier};
use super::{promises, scenarios};
use crate::machine::Machine;

/// What came of a run.
#[derive(Debug)]
pub(super) struct Report<'r> {
    tiers: &'r BTreeSet<Tier>,
    machine: &'r Machine,
    kafka: Option<String>,
    outcomes: &'r Outcomes,
}

impl<'r> Report<'r> {
    pub(super) fn new(
        tiers: &'r BTreeSet<Tier>,
        machine: &'r Machine,
        kafka: Option<String>,
        outcomes: &'r Outcomes,
    ) -> Self {
        Self {
            tiers,
            machine,
            kafka,
            outcomes,
        }
    }

    /// Whether every row passed that has something to show in these tiers. One that has nothing to
    /// show in any tier is not green either.
    pub(super) fn is_green(&self) -> bool {
        let mut all = sections().into_iter().flat_map(|(_, rows)| rows);
        all.all(|row| matches!(self.verdict(row), None | Some(Outcome::Passed)))
    }

    /// One line for each row, and how many came out how.
    pub(super) fn summary(&self) -> String {
        let mut text = String::new();
        let (mut passed, mut others) = (0, 0);
        for (_, rows) in sections() {
            for row in rows {
                let Some(verdict) = self.verdict(row) else {
                    continue;
                };
                let is_passed = verdict == Outcome::Passed;
                passed += u32::from(is_passed);
                others += u32::from(!is_passed);
                // Writing to a string cannot fail.
                let _ = write!(text, "{:<8} {}", verdict.word(), row.name);
                let reason = verdict.reason().map(|reason| format!(": {reason}"));
                let _ = writeln!(text, "{}", reason.unwrap_or_default());
                for what in self.measurements(row) {
                    let _ = writeln!(text, "         {what}");
                }
            }
        }
        let _ = writeln!(text, "{passed} rows passed, {others} did not");
        text
    }

    /// The whole report, as Markdown.
    pub(super) fn document(&self) -> String {
        let tiers = self.tiers.iter().map(|tier| tier.number().to_string());
        let tiers: Vec<_> = tiers.collect();
        let command = format!(
            "cargo xtask verify --tier {} --write",
            tiers.join(" --tier ")
        );
        let kafka = self.kafka.as_deref();
        let kafka = kafka.map(|version| format!(" Apache Kafka {version}, three brokers."));
        let mut text = format!(
            "<!-- Written by `{command}`; do not edit. -->\n# Reliability\n\n\
             What a run of `{command}` has shown, row by row; a number stands for the tier of a \
             test. What the tiers are, and how the rows are made, is in [testing](testing.md).\n\n\
             {}{}\n",
            self.machine.line(),
            kafka.unwrap_or_default()
        );
        for (title, rows) in sections() {
            let _ = write!(
                text,
                "\n## {title}\n\n| | passes when | | shown by |\n|---|---|---|---|\n"
            );
            for row in rows {
                let verdict = self.verdict(row);
                let word = verdict.as_ref().map_or("not asked", Outcome::word);
                let reason = verdict.as_ref().and_then(Outcome::reason);
                let reason = reason
                    .map(|reason| format!(": {reason}"))
                    .unwrap_or_default();
                let shown: Vec<_> = row.proofs.iter().map(shown).collect();
                let _ = writeln!(
                    text,
                    "| {} | {} | {word}{reason} | {} |",
                    row.name,
                    row.passes_when,
                    shown.join(", ")
                );
            }
        }
        self.numbers(&mut text);
        text
    }

    /// What the rows measured.
    fn numbers(&self, text: &mut String) {
        text.push_str("\n## Numbers\n\n");
        for (_, rows) in sections() {
            for row in rows {
                for what in self.measurements(row) {
                    let _ = writeln!(text, "- {what}");
                }
            }
        }
    }

    /// What came of a row; `None` if it has nothing to show in these tiers.
    fn verdict(&self, row: &Row) -> Option<Outcome> {
        if row.proofs.is_empty() {
            return Some(Outcome::Skipped("no test shows it yet".to_owned()));
        }
        let asked = self.asked(row).map(|proof| {
            let name = proof.what.name();
            match self.outcomes.of(proof) {
                Outcome::Passed => Outcome::Passed,
                Outcome::Skipped(reason) => Outcome::Skipped(format!("{name}: {reason}")),
                Outcome::Failed(reason) => Outcome::Failed(format!("{name}: {reason}")),
            }
        });
        asked.max()
    }

    fn measurements<'s>(&'s self, row: &'s Row) -> impl Iterator<Item = &'s str> {
        self.asked(row)
            .flat_map(|proof| self.outcomes.measurements(proof))
    }

    fn asked<'s>(&'s self, row: &'s Row) -> impl Iterator<Item = &'s Proof> {
        let proofs = row.proofs.iter();
        proofs.filter(|proof| self.tiers.contains(&proof.tier))
    }
}

fn shown(proof: &Proof) -> String {
    let package = proof.what.package().filter(|package| *package != SYSTEM);
    let of = package.map(|package| format!(" of {package}"));
    let (tier, name) = (proof.tier.number(), proof.what.name());
    format!("{tier} `{name}`{}", of.unwrap_or_default())
}

fn sections() -> [(&'static str, &'static [Row]); 2] {
    [("Promises", promises::ROWS), ("Scenarios", scenarios::ROWS)]
}
