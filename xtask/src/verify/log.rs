//! What Cargo's test programs print.

use super::outcome::{Outcome, Outcomes};

/// Reads the outcomes of tests, and what they said: that they were skipped, or what they measured.
pub(super) fn read(log: &str) -> Outcomes {
    let mut outcomes = Outcomes::default();
    let mut speaker = None;
    for line in log.lines() {
        if let Some((name, outcome)) = verdict(line) {
            outcomes.note(name, outcome);
            continue;
        }
        if let Some(name) = speaks(line) {
            speaker = Some(name);
        } else if ENDS.iter().any(|end| line.starts_with(end)) {
            speaker = None;
        }
        let Some(name) = speaker else { continue };
        if let Some(reason) = line.strip_prefix("skipped: ") {
            outcomes.note(name, Outcome::Skipped(reason.to_owned()));
        }
        if let Some(what) = line.strip_prefix("measured: ") {
            outcomes.measured(name, what);
        }
    }
    outcomes
}

/// The verdict of a line like `test module::name ... ok`.
pub(super) fn verdict(line: &str) -> Option<(&str, Outcome)> {
    let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
    // `test name - should panic ... ok`
    let name = name.split(" - ").next().unwrap_or(name);
    let outcome = match verdict.trim() {
        "ok" => Outcome::Passed,
        "FAILED" => Outcome::Failed("see its output".to_owned()),
        verdict if verdict.starts_with("ignored") => Outcome::Skipped(verdict.to_owned()),
        _ => return None,
    };
    Some((name, outcome))
}

/// The test whose output follows a line like `---- module::name stdout ----`.
fn speaks(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

const ENDS: [&str; 3] = ["failures:", "successes:", "test result:"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::proof::with_kafka;

    #[test]
    fn outcomes_and_what_tests_said_are_read() {
        let log = "\
     Running tests/it/main.rs (target/debug/deps/it-0123)
test a::one ... ok
test a::two ... FAILED
test a::three ... ok
test b::four ... ignored, it is slow
successes:

---- a::one stdout ----
measured: 50 calls
something else
---- a::three stdout ----
skipped: no Kafka is up

successes:
    a::one
measured: nobody says this
test result: FAILED. 3 passed";

        let outcomes = read(log);

        let one = with_kafka("a::one");
        assert_eq!(outcomes.of(&one), Outcome::Passed);
        assert_eq!(
            outcomes.measurements(&one).collect::<Vec<_>>(),
            ["50 calls"]
        );
        let word = |name| outcomes.of(&with_kafka(name)).word();
        assert_eq!(word("a::two"), "failed");
        assert_eq!(word("a::three"), "skipped");
        assert_eq!(word("b::four"), "skipped");
        assert_eq!(word("a::*"), "failed");
        assert_eq!(word("b::nobody"), "failed");
    }
}
