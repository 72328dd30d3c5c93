//! What somebody is asked before records are written.

use std::fmt::Write;

use bytes::Bytes;
use kafka_tools::{NewRecord, TopicName};
use serde_json::json;

use super::size;
use crate::payload::{Encoding, Payload};

/// Says what would be written, and where, in few lines. What the records hold is data: it is shown
/// in part, escaped, and in quotation marks.
pub(super) fn question(topic: &TopicName, records: &[NewRecord]) -> String {
    let bytes: usize = records.iter().map(size).sum();
    let tombstones = records.iter().filter(|record| record.value.is_none());
    let mut question = format!(
        "Write {} to the Kafka topic {topic}? {} in keys, values and headers",
        count(records.len(), "record"),
        count(bytes, "byte"),
    );
    if let tombstones @ 1.. = tombstones.count() {
        let tombstones = count(tombstones, "tombstone");
        // Writing to a string does not fail.
        let _ = write!(
            question,
            "; with {tombstones}, by which a compacted topic loses keys"
        );
    }
    question.push('.');
    for record in records.iter().take(SHOWN_RECORDS) {
        let _ = write!(question, "\n- {}", line(record));
    }
    if let more @ 1.. = records.len().saturating_sub(SHOWN_RECORDS) {
        let _ = write!(question, "\nand {more} more");
    }
    question
}

fn line(record: &NewRecord) -> String {
    let mut line = match &record.key {
        Some(key) => format!("key {}", excerpt(key)),
        None => "no key".to_owned(),
    };
    match &record.value {
        Some(value) => line += &format!(", value {}", excerpt(value)),
        None => line += ", tombstone",
    }
    if let headers @ 1.. = record.headers.len() {
        line += &format!(", {}", count(headers, "header"));
    }
    if let Some(partition) = record.partition {
        line += &format!(", to partition {partition}");
    }
    line
}

fn excerpt(bytes: &Bytes) -> String {
    let Payload {
        text,
        encoding,
        full_bytes,
        ..
    } = Payload::preview(bytes, SHOWN_BYTES);
    // As JSON, so that it ends where its quotation mark is, on the same line.
    let mut excerpt = json!(text).to_string();
    if encoding == Some(Encoding::Base64) {
        excerpt = format!("base64 {excerpt}");
    }
    if let Some(bytes) = full_bytes {
        excerpt += &format!("... of {}", count(bytes, "byte"));
    }
    excerpt
}

fn count(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}

const SHOWN_RECORDS: usize = 5;
const SHOWN_BYTES: usize = 60;

#[cfg(test)]
mod tests {
    use kafka_tools::Header;

    use super::*;

    fn orders() -> TopicName {
        "orders".parse().unwrap()
    }

    #[test]
    fn one_record_is_shown_with_where_it_goes() {
        let mut record = NewRecord::new("four apples");
        record.key = Some("order-1".into());
        record.headers = vec![Header::new("origin", Some("web".into()))];
        record.partition = Some(2);
        let expected = "\
Write 1 record to the Kafka topic orders? 27 bytes in keys, values and headers.
- key \"order-1\", value \"four apples\", 1 header, to partition 2";
        assert_eq!(question(&orders(), &[record]), expected);
    }

    #[test]
    fn tombstones_and_what_is_not_shown_are_counted() {
        let mut records = vec![NewRecord::tombstone("a"), NewRecord::tombstone("b")];
        records.extend((0..5).map(|_| NewRecord::new("")));
        let question = question(&orders(), &records);
        assert!(question.starts_with("Write 7 records to"), "{question}");
        assert!(
            question.contains("; with 2 tombstones, by which"),
            "{question}"
        );
        assert!(
            question.contains("\n- key \"a\", tombstone\n"),
            "{question}"
        );
        assert!(question.contains("\n- no key, value \"\"\n"), "{question}");
        assert!(question.ends_with("\nand 2 more"), "{question}");
    }

    /// They are read by who decides: nothing in them may look like another line, or hide.
    #[test]
    fn what_records_hold_is_escaped_and_short() {
        let record = NewRecord::new("x\"\n- no key, value \"harmless\u{202e}\u{1b}[2J");
        let question = question(&orders(), &[record]);
        assert_eq!(question.lines().count(), 2, "{question}");
        let shown = r#"value "x\"\n- no key, value \"harmless\\u{202e}\\u{1b}[2J""#;
        assert!(question.contains(shown), "{question}");

        let long = "\u{1b}".repeat(1_000_000);
        let question = super::question(&orders(), &vec![NewRecord::new(long); 50]);
        assert!(question.len() < 4_000, "{} bytes", question.len());
        assert!(question.contains("... of 1000000 bytes"), "{question}");

        let bytes = NewRecord::new(vec![0xff; 100]);
        let question = super::question(&orders(), &[bytes]);
        assert!(question.contains("value base64 \"////"), "{question}");
    }
}
