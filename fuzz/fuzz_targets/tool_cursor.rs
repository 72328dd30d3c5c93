//! Cursors that were changed on their way: none is accepted but the one that was given out.

#![no_main]

use std::sync::OnceLock;

use fuzz::Conversation;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|input: &[u8]| {
    static GENUINE: OnceLock<[String; 2]> = OnceLock::new();
    let [topics, messages] = GENUINE.get_or_init(|| [TOPICS, MESSAGES].map(genuine));
    let text = String::from_utf8_lossy(input);
    for cursor in [
        text.clone().into_owned(),
        changed(topics, input),
        changed(messages, input),
    ] {
        for (list, own) in [(TOPICS, topics), (MESSAGES, messages)] {
            let answer = call(list, Some(&cursor));
            assert_eq!(
                answer["code"] == "invalid_argument",
                cursor != *own,
                "{answer}"
            );
        }
    }
});

/// A tool that has more than it shows.
type List = (&'static str, &'static str);

const TOPICS: List = ("list_topics", r#"{"limit":1}"#);
const MESSAGES: List = (
    "consume_messages",
    r#"{"topics":["orders"],"max_messages":1,"position":"earliest"}"#,
);

fn genuine(list: List) -> String {
    let answer = call(list, None);
    answer["next_cursor"]
        .as_str()
        .expect("there is more")
        .to_owned()
}

fn call((tool, arguments): List, cursor: Option<&str>) -> Value {
    let mut arguments: Value = serde_json::from_str(arguments).expect("JSON");
    if let Some(cursor) = cursor {
        arguments["cursor"] = json!(cursor);
    }
    let Value::Object(arguments) = arguments else {
        unreachable!("an object")
    };
    let answer = Conversation::shared()
        .call(tool, arguments)
        .expect("an answer");
    answer.structured_content.expect("a structure")
}

/// The cursor with a part of it replaced: the first byte of the input says where.
fn changed(cursor: &str, input: &[u8]) -> String {
    let Some((at, part)) = input.split_first() else {
        return cursor.to_owned();
    };
    let at = usize::from(*at) % (cursor.len() + 1);
    let after = (at + part.len()).min(cursor.len());
    format!(
        "{}{}{}",
        &cursor[..at],
        String::from_utf8_lossy(part),
        &cursor[after..]
    )
}
