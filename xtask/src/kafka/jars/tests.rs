//! Tests of the checks on fetched jars.

use std::fs;
use std::path::PathBuf;

use super::{LIBS, MANIFEST, pom, verify};

/// The SHA-256 of `abc`, from FIPS 180-4.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A cache directory with one jar, removed at the end of the test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let home = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
        fs::create_dir_all(home.join(LIBS)).unwrap();
        fs::write(home.join(LIBS).join("a.jar"), "abc").unwrap();
        fs::write(home.join(MANIFEST), format!("{ABC}  libs/a.jar\n")).unwrap();
        Self(home)
    }

    #[track_caller]
    fn check_fails(&self, pins: &[(&str, &str)], expected: &str) {
        let error = format!("{:#}", verify(&self.0, pins).unwrap_err());
        assert!(error.contains(expected), "{error}");
        assert!(
            error.contains("remove "),
            "{error} does not tell what to do"
        );
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn jars_that_match_manifest_and_pins_are_accepted() {
    let home = Home::new("good");

    verify(&home.0, &[("a.jar", ABC)]).unwrap();
}

#[test]
fn a_changed_jar_is_refused_with_both_checksums() {
    let home = Home::new("changed");
    fs::write(home.0.join("libs/a.jar"), "abd").unwrap();

    home.check_fails(&[], &format!("expected sha256 {ABC}, found a52d159f"));
}

#[test]
fn a_jar_that_matches_the_manifest_but_not_the_pin_is_refused() {
    let home = Home::new("pin");
    let pin = "0".repeat(64);

    home.check_fails(&[("a.jar", &pin)], &format!("expected sha256 {pin}"));
}

#[test]
fn a_missing_jar_is_refused() {
    let home = Home::new("missing");

    home.check_fails(&[("b.jar", ABC)], "b.jar is missing");
}

#[test]
fn a_jar_that_was_not_fetched_is_refused() {
    let home = Home::new("foreign");
    fs::write(home.0.join("libs/evil.jar"), "abc").unwrap();

    home.check_fails(&[], "evil.jar was not fetched");
}

#[test]
fn each_version_gets_the_log_binding_that_it_was_built_for() {
    let new = pom(&"4.4.0".parse().unwrap());
    let old = pom(&"3.9.2".parse().unwrap());

    assert!(
        new.contains("log4j-slf4j-impl") && !new.contains("reload4j"),
        "{new}"
    );
    assert!(
        old.contains("slf4j-reload4j") && !old.contains("log4j-core"),
        "{old}"
    );
}
