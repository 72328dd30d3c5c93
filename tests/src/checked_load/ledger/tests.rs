use serde_json::json;

use super::*;

/// Ten records in one partition: record `2n` at offset `n`.
fn ledger() -> Ledger {
    let mut ledger = Ledger::new(1);
    for offset in 0..10 {
        let number = u64::try_from(offset).unwrap() * 2;
        ledger.begin(number);
        ledger.settle(number, Fate::At(offset));
    }
    ledger
}

fn message(offset: i64, number: i64) -> Value {
    json!({ "partition": 0, "offset": offset, "value": number.to_string() })
}

/// An answer that reads the offsets from `from` to the end at ten, as it should.
fn answer(from: i64) -> Value {
    let messages: Vec<_> = (from..10)
        .map(|offset| message(offset, offset * 2))
        .collect();
    json!({
        "messages": messages, "stopped": "end_of_log", "complete": true,
        "partitions": [{ "next_offset": 10 }],
    })
}

fn wanted(start: Start) -> Wanted {
    Wanted {
        partition: 0,
        start,
        last: Some(9),
    }
}

#[test]
fn a_right_answer_is_found_right() {
    let ledger = ledger();
    for start in [Start::Offset(4), Start::Recent] {
        let wrong = ledger.judge(&wanted(start), &answer(4));
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    assert_eq!(ledger.audit(messages(&answer(0))), [""; 0]);
}

#[test]
fn each_kind_of_wrong_answer_is_found() {
    let spoil = [
        (
            "a gap",
            (|answer| drop(remove(answer, 2))) as fn(&mut Value),
        ),
        ("another order", |answer| {
            answer["messages"].as_array_mut().unwrap().swap(1, 2);
        }),
        ("twice", |answer| {
            let again = answer["messages"][1].clone();
            answer["messages"].as_array_mut().unwrap().insert(2, again);
        }),
        ("a foreign record", |answer| {
            answer["messages"][1]["value"] = json!("x");
        }),
        ("another record", |answer| {
            answer["messages"][1]["value"] = json!("2");
        }),
        ("another offset", |answer| {
            answer["messages"][5]["offset"] = json!(11);
        }),
        ("another partition", |answer| {
            answer["messages"][1]["partition"] = json!(1);
        }),
        ("an early end", |answer| {
            remove(answer, 5);
            answer["partitions"][0]["next_offset"] = json!(9);
        }),
    ];
    for (what, spoil) in spoil {
        let mut answer = answer(4);
        spoil(&mut answer);
        let wrong = ledger().judge(&wanted(Start::Offset(4)), &answer);
        assert!(!wrong.is_empty(), "{what}");
    }
}

#[test]
fn a_read_that_says_it_is_partial_may_end_early() {
    let mut answer = answer(4);
    remove(&mut answer, 5);
    answer["partitions"][0]["next_offset"] = json!(9);
    answer["stopped"] = json!("timeout");
    let wrong = ledger().judge(&wanted(Start::Offset(4)), &answer);
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_audit_finds_what_is_lost_doubled_or_there_although_it_failed() {
    for (fate, copies, is_right) in [
        (Fate::At(10), 1, true),
        (Fate::At(10), 0, false),
        (Fate::At(10), 2, false),
        (Fate::Somewhere, 1, true),
        (Fate::Somewhere, 0, false),
        (Fate::Maybe, 0, true),
        (Fate::Maybe, 1, true),
        (Fate::Maybe, 2, false),
        (Fate::Refused, 0, true),
        (Fate::Refused, 1, false),
    ] {
        let mut ledger = ledger();
        ledger.begin(20);
        ledger.settle(20, fate);
        let mut found = messages(&answer(0)).to_vec();
        found.extend((0..copies).map(|_| message(10, 20)));
        let wrong = ledger.audit(&found);
        assert_eq!(wrong.is_empty(), is_right, "{fate:?}, {copies}: {wrong:?}");
    }
}

fn remove(answer: &mut Value, index: usize) -> Value {
    answer["messages"].as_array_mut().unwrap().remove(index)
}
