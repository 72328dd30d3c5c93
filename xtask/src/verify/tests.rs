//! The tables name tests that are there.

use std::fs;
use std::path::{Path, PathBuf};

use super::proof::{Target, What};
use super::{root, rows};

#[test]
fn every_test_that_a_row_names_exists() {
    let mut named = 0;
    for row in rows() {
        for proof in row.proofs {
            let What::Test {
                package,
                target,
                name,
            } = proof.what
            else {
                continue;
            };
            assert!(
                exists(package, target, name),
                "{}: no test {name}",
                row.name
            );
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
}

#[test]
fn every_row_has_a_name_of_its_own() {
    let mut names: Vec<_> = rows().iter().map(|row| row.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn a_test_that_is_not_there_is_noticed() {
    let there = "lifecycle::health_and_readiness_are_two_things";
    assert!(exists("tests", Target::It, there));
    assert!(exists("tests", Target::It, "lifecycle::*"));
    for gone in ["lifecycle::nobody", "nobody::*", "lifecycle::ask"] {
        assert!(!exists("tests", Target::It, gone), "{gone}");
    }
    assert!(!exists("tests", Target::Unit, there));
}

/// Whether a test of that name is in the sources: in the file that its module is named after, or in
/// that of the module around it.
fn exists(package: &str, target: Target, name: &str) -> bool {
    let package = root().join(package);
    let base = match target {
        Target::Unit => package.join("src"),
        Target::It if package.ends_with("tests") => package.join("it"),
        Target::It => package.join("tests/it"),
    };
    let Some((module, test)) = name.rsplit_once("::") else {
        return false;
    };
    let file = base.join(format!("{}.rs", module.replace("::", "/")));
    let around = file.parent().map(|folder| folder.with_extension("rs"));
    let files = [Some(file), around.filter(|_| module.ends_with("tests"))];
    files.into_iter().flatten().any(|file| holds(&file, test))
        || test == "*" && base.join(module.replace("::", "/")).is_dir()
}

fn holds(file: &Path, test: &str) -> bool {
    let file: PathBuf = file.to_owned();
    let Ok(text) = fs::read_to_string(file) else {
        return false;
    };
    if test == "*" {
        return text.contains("#[test]") || text.contains("#[tokio::test");
    }
    let Some((before, _)) = text.split_once(&format!("fn {test}(")) else {
        return false;
    };
    let is_attribute = |line: &str| {
        let line = line.trim();
        line.starts_with("#[test]") || line.starts_with("#[tokio::test")
    };
    before.lines().rev().take(4).any(is_attribute)
}
