//! What came of tests and programs.

use std::collections::BTreeMap;

use super::proof::{Proof, What};

/// What came of a test or a program, or of all of a row. The worse comes later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Passed,
    /// It did not run; why.
    Skipped(String),
    Failed(String),
}

impl Outcome {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Passed => None,
            Self::Skipped(reason) | Self::Failed(reason) => Some(reason),
        }
    }
}

/// What came of everything that ran, by name.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    outcomes: BTreeMap<String, Outcome>,
    measured: BTreeMap<String, Vec<String>>,
}

impl Outcomes {
    /// Notes an outcome. Of several under one name the worst counts, as when a test ran twice.
    pub(super) fn note(&mut self, name: &str, outcome: Outcome) {
        let known = self.outcomes.entry(name.to_owned());
        let known = known.or_insert_with(|| outcome.clone());
        *known = known.clone().max(outcome);
    }

    /// Notes what was measured.
    pub(super) fn measured(&mut self, name: &str, what: &str) {
        let known = self.measured.entry(name.to_owned()).or_default();
        if !known.iter().any(|known| known == what) {
            known.push(what.to_owned());
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (name, outcome) in other.outcomes {
            self.note(&name, outcome);
        }
        for (name, lines) in other.measured {
            lines.iter().for_each(|line| self.measured(&name, line));
        }
    }

    /// What came of a proof.
    pub(super) fn of(&self, proof: &Proof) -> Outcome {
        let found = self.names(proof).map(|name| &self.outcomes[name]).max();
        let missing = || Outcome::Failed("it did not run".to_owned());
        found.cloned().unwrap_or_else(missing)
    }

    /// What a proof measured.
    pub(super) fn measurements<'o>(&'o self, proof: &'o Proof) -> impl Iterator<Item = &'o str> {
        let of = |name| self.measured.get(name).into_iter().flatten();
        self.names(proof).flat_map(of).map(String::as_str)
    }

    /// The names of what ran that belong to a proof.
    fn names<'o>(&'o self, proof: &'o Proof) -> impl Iterator<Item = &'o String> {
        let all = match proof.what {
            What::Program(_) => None,
            What::Test { name, .. } => name.strip_suffix('*'),
        };
        let name = proof.what.name();
        self.outcomes
            .keys()
            .filter(move |ran| all.map_or(*ran == name, |all| ran.starts_with(all)))
    }
}
