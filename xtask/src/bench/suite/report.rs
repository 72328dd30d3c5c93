//! The results, for people and for scripts.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::chart::chart;
use super::effort::Effort;
use super::measure::{Bound, Measure};
use crate::machine::Machine;

/// The results of a run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    machine: Machine,
    smoke: bool,
    rounds: usize,
    pub(super) sections: Vec<Section>,
    skipped: Vec<Skipped>,
}

/// Measures that belong together.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) measures: Vec<Measure>,
}

/// What was not measured, and why.
#[derive(Debug, Serialize)]
struct Skipped {
    what: &'static str,
    why: &'static str,
}

impl Report {
    pub(super) fn new(machine: Machine, effort: &Effort) -> Self {
        Self {
            machine,
            smoke: effort.smoke,
            rounds: effort.rounds,
            sections: Vec::new(),
            skipped: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, title: &'static str, measures: Vec<Measure>) {
        self.sections.push(Section { title, measures });
    }

    pub(super) fn skip(&mut self, what: &'static str, why: &'static str) {
        self.skipped.push(Skipped { what, why });
    }

    /// Names the measures that fail the run.
    pub(super) fn missed_gates(&self) -> Vec<String> {
        let mut missed = Vec::new();
        for Section { title, measures } in &self.sections {
            for measure in measures {
                let gates = measure.target.is_some_and(|target| target.gates);
                if gates && measure.is_met() == Some(false) {
                    missed.push(format!("{title}: {}", measure.name));
                }
            }
        }
        missed
    }

    /// Returns the results as Markdown.
    pub(super) fn table(&self) -> String {
        let mut text = format!("{} Rounds: {}.\n", self.machine.line(), self.rounds);
        for Section { title, measures } in &self.sections {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "\n| {title} | median | lowest to highest | target | |"
            );
            text.push_str("|---|---:|---:|---:|---|\n");
            for measure in measures {
                let _ = writeln!(text, "{}", row(measure));
            }
        }
        if !self.skipped.is_empty() {
            text.push('\n');
        }
        for Skipped { what, why } in &self.skipped {
            let _ = writeln!(text, "skipped: {what}: {why}");
        }
        text
    }

    /// Writes the results as JSON, as Markdown and as a chart, and returns where they are.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be written.
    pub(super) fn write(&self, directory: &Path) -> Result<String> {
        fs::create_dir_all(directory)
            .with_context(|| format!("creating {}", directory.display()))?;
        let json = serde_json::to_string_pretty(self).context("writing JSON")?;
        let files = [
            ("bench.json", json),
            ("bench.md", self.table()),
            ("bench.svg", chart(&self.sections, &self.machine.line())),
        ];
        let mut written = Vec::new();
        for (name, text) in files {
            let path = directory.join(name);
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
            written.push(path.display().to_string());
        }
        Ok(written.join(", "))
    }
}

fn row(measure: &Measure) -> String {
    let unit = measure.unit;
    let (low, high) = measure.range();
    let range = if measure.values.len() > 1 {
        format!("{} to {}", unit.show(low), unit.show(high))
    } else {
        String::new()
    };
    let target = measure.target.map(|target| match target.bound {
        Bound::AtLeast(bound) => format!("≥ {}", unit.show(bound)),
        Bound::AtMost(bound) => format!("≤ {}", unit.show(bound)),
    });
    let gates = measure.target.is_some_and(|target| target.gates);
    let verdict = match (measure.is_met(), gates) {
        (Some(true), true) => "met",
        (Some(true), false) => "met (reported only)",
        (Some(false), true) => "MISSED",
        (Some(false), false) => "missed (reported only)",
        (None, _) => "",
    };
    format!(
        "| {} | {} | {range} | {} | {verdict} |",
        measure.name,
        unit.show(measure.median()),
        target.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::{Bound, Measure, row};
    use crate::bench::suite::measure::Unit;

    #[test]
    fn a_row_shows_the_spread_the_target_and_the_verdict() {
        let measure = Measure::new("calls", Unit::Percent, [30.0, 10.0, 15.0]);

        assert_eq!(
            row(&measure.gate(Bound::AtLeast(20.0))),
            "| calls | 15.0 % | 10.0 % to 30.0 % | ≥ 20.0 % | MISSED |"
        );
    }

    #[test]
    fn a_single_value_has_no_spread() {
        let measure = Measure::new("size", Unit::Megabytes, [9.5]);

        assert_eq!(row(&measure), "| size | 9.50 MB |  |  |  |");
    }
}
