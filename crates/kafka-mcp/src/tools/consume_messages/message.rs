//! A record as a model reads it.

use bytes::Bytes;
use kafka_tools::Record;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    moment,
    payload::{Encoding, Payload},
    text,
};

/// A record. A field about an encoding, a size or escapes is there only where it says something.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Message {
    topic: String,
    partition: i32,
    offset: i64,
    /// Null is no key, not an empty one.
    key: Option<String>,
    // The tool's description says what encodings say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    key_encoding: Option<Encoding>,
    /// How many bytes the key has, where it is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_bytes: Option<usize>,
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    value_encoding: Option<Encoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_bytes: Option<usize>,
    #[serde(skip_serializing_if = "is_false")]
    value_truncated: bool,
    timestamp: Option<i64>,
    timestamp_iso: Option<String>,
    headers: Vec<HeaderRow>,
    #[serde(skip_serializing_if = "is_zero")]
    headers_omitted: usize,
    /// Some characters of this record are spelt as `\u{...}`.
    #[serde(skip_serializing_if = "is_false")]
    escaped: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HeaderRow {
    key: String,
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    encoding: Option<Encoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_bytes: Option<usize>,
}

impl Message {
    /// Shows at most `max_bytes` of the key and of the value each.
    pub(super) fn new(record: &Record, max_bytes: usize) -> Self {
        let preview = |bytes: &Option<Bytes>, max_bytes| {
            bytes
                .as_ref()
                .map(|bytes| Payload::preview(bytes, max_bytes))
        };
        let key = preview(&record.key, max_bytes);
        let value = preview(&record.value, max_bytes);
        let mut escaped = [&key, &value]
            .into_iter()
            .flatten()
            .any(|payload| payload.escaped);
        let headers = record.headers.iter().take(MOST_HEADERS).map(|header| {
            let key = text::truncate(&header.key, HEADER_BYTES);
            let visible = text::visible(key);
            let value = preview(&header.value, HEADER_BYTES);
            escaped |= visible != key || value.as_ref().is_some_and(|value| value.escaped);
            HeaderRow {
                key: visible.into_owned(),
                encoding: value.as_ref().and_then(|value| value.encoding),
                value_bytes: value.as_ref().and_then(|value| value.full_bytes),
                value: value.map(|value| value.text),
            }
        });
        let headers: Vec<_> = headers.collect();
        let millis = record.timestamp.map(|timestamp| timestamp.millis);
        Self {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            key_encoding: key.as_ref().and_then(|key| key.encoding),
            key_bytes: key.as_ref().and_then(|key| key.full_bytes),
            key: key.map(|key| key.text),
            value_encoding: value.as_ref().and_then(|value| value.encoding),
            value_bytes: value.as_ref().and_then(|value| value.full_bytes),
            value_truncated: value
                .as_ref()
                .is_some_and(|value| value.full_bytes.is_some()),
            value: value.map(|value| value.text),
            timestamp: millis,
            timestamp_iso: millis.and_then(moment::spell),
            headers_omitted: record.headers.len().saturating_sub(MOST_HEADERS),
            headers,
            escaped,
        }
    }

    /// Shows what a record is, and hardly what it holds: little enough for any result.
    pub(super) fn brief(record: &Record) -> Self {
        Self {
            headers: Vec::new(),
            headers_omitted: record.headers.len(),
            ..Self::new(record, BRIEF_BYTES)
        }
    }

    /// Whether the key or the value is not shown in full.
    pub(super) fn is_cut(&self) -> bool {
        self.value_truncated || self.key_bytes.is_some()
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn is_zero(count: &usize) -> bool {
    *count == 0
}

const BRIEF_BYTES: usize = 64;
const HEADER_BYTES: usize = 256;
const MOST_HEADERS: usize = 20;
