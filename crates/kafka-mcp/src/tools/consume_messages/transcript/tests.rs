use kafka_tools::Error;
use serde_json::json;

use super::*;

fn nothing(stopped: Stopped) -> Transcript {
    Transcript {
        as_of: String::new(),
        messages: Vec::new(),
        scanned_records: 0,
        stopped,
        has_more: false,
        partitions: Vec::new(),
        partitions_omitted: 0,
        page: Page {
            next_cursor: Some("cursor".to_owned()),
            ..Page::default()
        },
        coverage: PartialErrors::default(),
    }
}

fn failed() -> PartialErrors {
    let reason = "closed".to_owned();
    PartialErrors::one("orders-7", Error::Protocol { reason })
}

#[track_caller]
fn check(transcript: &Transcript, is_recent: bool, expected: &[&str]) {
    let hint = transcript.hint(is_recent).unwrap_or_default();
    assert_eq!(hint.is_empty(), expected.is_empty(), "{hint}");
    for part in expected {
        assert!(hint.contains(part), "{part:?} is missing: {hint}");
    }
}

const NONE_YET: &str = "there are no records here yet";
const NEWEST: &str = "the newest records of some partitions may be missing: narrow with partitions";

#[test]
fn only_a_whole_read_to_the_end_says_that_there_are_no_records() {
    for is_recent in [true, false] {
        check(&nothing(Stopped::EndOfLog), is_recent, &[NONE_YET]);
        let partial = Transcript {
            coverage: failed(),
            ..nothing(Stopped::EndOfLog)
        };
        let hint = partial.hint(is_recent).unwrap();
        assert!(!hint.contains(NONE_YET), "{hint}");
    }
    for stopped in [Stopped::Failed, Stopped::MaxBytes] {
        check(&nothing(stopped), false, &[]);
    }
    let in_vain = nothing(Stopped::Timeout);
    check(&in_vain, false, &["nothing came before the deadline"]);
}

#[test]
fn a_recent_read_that_ended_early_says_what_may_be_missing() {
    for stopped in [Stopped::Failed, Stopped::MaxBytes, Stopped::Timeout] {
        let hint = nothing(stopped).hint(true).unwrap();
        assert!(
            hint.starts_with(NEWEST) && !hint.contains(NONE_YET),
            "{hint}"
        );
    }
    check(&nothing(Stopped::MaxMessages), true, &[]);
    let mut partial = nothing(Stopped::MaxMessages);
    partial.coverage = failed();
    check(&partial, true, &[NEWEST]);
    partial.page.truncated = true;
    check(&partial, true, &[NEWEST, "; older records are left out"]);
}

#[test]
fn other_reads_go_on_and_say_which_partitions_failed() {
    let mut partial = nothing(Stopped::MaxMessages);
    partial.has_more = true;
    check(&partial, false, &["pass next_cursor"]);
    partial.coverage = failed();
    check(
        &partial,
        false,
        &["partial_errors says why; pass next_cursor"],
    );
    partial.page.next_cursor = None;
    check(&partial, false, &["too many partitions for a cursor"]);
}

#[test]
fn entries_of_partitions_that_are_left_out_are_counted() {
    let whole = nothing(Stopped::EndOfLog);
    assert_eq!(json!(whole).get("partitions_omitted"), None);
    let cut = Transcript {
        partitions_omitted: 958,
        ..nothing(Stopped::EndOfLog)
    };
    assert_eq!(json!(cut)["partitions_omitted"], 958);
    check(&cut, true, &["; 958 entries of partitions are left out"]);
}
